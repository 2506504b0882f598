"""Convert a Prisma schema to the catalog that Prisma's engine creates from it."""
