"""Read a schema from whatever a user names: a database, a schema.prisma, a history of migrations, or the entities."""

from pathlib import Path

from attrs import frozen

from strongroom.adapters.schema.entities.catalog import read_entity_schema
from strongroom.adapters.schema.histories import find_history
from strongroom.adapters.schema.postgres.database import read_database
from strongroom.adapters.schema.prisma.declared import read_prisma_schema
from strongroom.adapters.schema.scratch import ScratchServer
from strongroom.ports.schema.diff import NamedSchema
from strongroom.ports.schema.errors import SourceInvalid


@frozen
class SourceReader:
    """Reads schemas by the names that users give; what needs a server is read on a scratch server."""

    scratch: ScratchServer

    async def read(self, source: str) -> NamedSchema:
        """Return the schema of a source as a user names it.

        A database by its address, ``entities``, a file or folder of schema.prisma, or a folder of migrations, Prisma's
        or SQL files. Raises SourceInvalid, and what reading it raises.
        """
        if source.startswith(("postgresql://", "postgres://")):
            return NamedSchema(await read_database(source), is_prisma=False)
        if source == "entities":
            return NamedSchema(await read_entity_schema(self.scratch), is_prisma=False)
        history = find_history(Path(source))
        if history is not None:
            return NamedSchema(await self.scratch.replay(history), is_prisma=False)
        if _exists(source):
            return NamedSchema(await read_prisma_schema(Path(source), self.scratch), is_prisma=True)
        message = (
            f"{source}: a schema is read from postgresql://…, entities, a schema.prisma or a folder of them, "
            "or a folder of migrations"
        )
        raise SourceInvalid(message)


def _exists(source: str) -> bool:
    return Path(source).exists()
