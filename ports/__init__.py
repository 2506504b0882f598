"""Define the core's ports (repositories, units of work, clock, identities) and the use cases that need only them."""
