"""The in-memory twin: the same ports without PostgreSQL, held to the same rules by the tables' declared constraints."""
