"""Prisma's side: schema.prisma as values, the catalogue that it stands for, and back to text."""
