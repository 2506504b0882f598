"""The differential machine: the twin and PostgreSQL, given the same random operations, answer the same."""
