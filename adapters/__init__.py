"""How the world answers: PostgreSQL through asyncpg, the in-memory twin, PostgreSQL from a wheel, and files."""
