"""What the business knows: entities, value objects, rules and their errors; no I/O, no clock, no database."""
