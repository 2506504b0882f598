"""Write parts of a schema as SQL, and quote names and literals."""
