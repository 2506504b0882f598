"""Define the protocols and the use cases of schema coordination."""
