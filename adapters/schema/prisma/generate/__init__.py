"""Generate a schema.prisma from a catalog."""
