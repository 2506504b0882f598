"""The schema of a database that is shared: its catalog as values, and the contract about who owns what."""
