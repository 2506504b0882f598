"""Use cases that need only ports: whole jobs of the platform, the same over every adapter."""
