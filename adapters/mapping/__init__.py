"""What ties an entity to its table, once: columns, keys, foreign keys, checks and indexes, for both adapters."""
