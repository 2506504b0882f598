-- requires: prisma/1_a
CREATE TYPE a AS ENUM ('x');
ALTER TYPE a ADD VALUE 'y';
