"""Compare two schemas, whatever each is read from."""

from typing import Protocol

from attrs import frozen

from strongroom.domain.schema.catalog import Catalog
from strongroom.domain.schema.comparison import Difference, compare
from strongroom.domain.schema.visibility import IGNORED_BY_PRISMA, visible_to_prisma


@frozen
class NamedSchema:
    """A schema that was read from a source, and whether that is a schema.prisma."""

    catalog: Catalog
    is_prisma: bool


class SchemaSources(Protocol):
    """Reads schemas from what users name."""

    async def read(self, source: str) -> NamedSchema:
        """Return the schema of a source. Raises SourceInvalid, and what reading it raises."""
        ...


async def diff(expected: str, found: str, sources: SchemaSources) -> list[Difference]:
    """Compare two sources; a schema.prisma with another kind as Prisma sees that one. Raises as ``sources`` does."""
    one, other = await sources.read(expected), await sources.read(found)
    if one.is_prisma == other.is_prisma:
        return compare(one.catalog, other.catalog)
    if one.is_prisma:
        return compare(one.catalog, _visible(other.catalog, one.catalog), ignored=IGNORED_BY_PRISMA)
    return compare(_visible(one.catalog, other.catalog), other.catalog, ignored=IGNORED_BY_PRISMA)


def _visible(catalog: Catalog, declared: Catalog) -> Catalog:
    """Return what Prisma sees of a catalog; it makes no views, so those that are not declared are left out."""
    views = (part for part in catalog.relations if not part.is_table)
    without = catalog.without(frozenset((part.schema, part.name) for part in views) - declared.by_name.keys())
    return visible_to_prisma(without, declared)
