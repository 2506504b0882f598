"""Resolve the syntax of a schema.prisma to models, fields and relations."""
