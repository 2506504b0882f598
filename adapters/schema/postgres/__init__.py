"""Coordinate schemas on PostgreSQL: read catalogs, guard a database, change columns, write DDL."""
