"""Parse and format the text of a schema.prisma."""
