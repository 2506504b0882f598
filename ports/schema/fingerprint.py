"""Compute a digest of what each side owns in a database."""

from strongroom.domain.schema.contract import Contract
from strongroom.domain.schema.fingerprint import fingerprint

from .world import CatalogReader


async def fingerprints(contract: Contract, database: CatalogReader) -> dict[str, str]:
    """Return the digest of what each side owns, by the side's name: equal wherever the schema is."""
    found = await database.read_catalog(contract.schemas)
    digests = {}
    for side in contract.sides:
        owned = frozenset(part for part in found.objects if contract.owner_of(part) == side.name)
        digests[side.name] = fingerprint(found.only(owned))
    return digests
