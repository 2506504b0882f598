"""Declare the schema that the entities need."""
