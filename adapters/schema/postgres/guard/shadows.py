"""Whether the contract's schemas hold objects that PostgreSQL would call in place of its own."""

from strongroom.adapters.postgres.shadows import find_shadows
from strongroom.domain.schema.contract import Contract

from .protection import Connection, Gap


async def look_for_shadows(connection: Connection, contract: Contract) -> list[Gap]:
    """Return which objects in the contract's schemas PostgreSQL would call in place of its own, extensions' aside."""
    return [
        Gap(f"{shadow}: drop it, or give it another name")
        for shadow in await find_shadows(connection, contract.schemas)
    ]
