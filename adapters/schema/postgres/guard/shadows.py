"""Whether the contract's schemas hold objects that PostgreSQL would call in place of its own."""

from strongroom.adapters.postgres.shadows import find_shadows
from strongroom.domain.schema.contract import Contract

from .protection import Connection, Deviation


async def probe_shadows(connection: Connection, contract: Contract) -> list[Deviation]:
    """Return which objects in the contract's schemas PostgreSQL would call in place of its own, extensions' aside."""
    return [
        Deviation(f"{shadow}: drop it, or give it another name")
        for shadow in await find_shadows(connection, contract.schemas)
    ]
