"""The schema of a database that is shared: its catalogue as values, and the contract about who owns what."""
