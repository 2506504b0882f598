"""The schema of a shared database: what each side declares, what the database holds, and where they differ."""
