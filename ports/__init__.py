"""What the core asks of the world: repositories, units of work, clock and identity, and the use cases that need only those."""
