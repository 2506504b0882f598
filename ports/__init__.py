"""What the core asks of the world: repositories, units of work, clock and identity, and use cases of only those."""
