"""The work of ``strongroom model``."""

from strongroom.adapters.mapping.model import Extension, Model
from strongroom.adapters.mapping.names import OWN_SCHEMA
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.postgres.migrator import MigrationFolders, load_migrations, migration_order
from strongroom.adapters.schema.entities.catalog import read_entity_schema
from strongroom.adapters.schema.entities.first_migration import first_migration
from strongroom.adapters.schema.postgres.database import read_database
from strongroom.adapters.schema.scratch import ScratchServer
from strongroom.bootstrap.opening import server_addresses
from strongroom.bootstrap.settings import Settings
from strongroom.domain.schema.catalog import Catalog
from strongroom.domain.schema.comparison import Aspect, Difference, compare
from strongroom.ports.errors import ModelInvalid


def write_first_migration(model: Model, name: str | None) -> str:
    """Return the first migration of an extension (the only one, unless named), or of a table. Raises ModelInvalid."""
    own = _own_extensions(model)
    for extension in model.extensions:
        if name == extension.name or (name is None and own == [extension]):
            return first_migration(model, extension)
        tables = [table for table in extension.tables if table.name == name]
        if tables:
            return first_migration(model, extension, tables)
    known = ", ".join(extension.name for extension in own)
    message = f"name one of the model's extensions ({known}), or a table"
    raise ModelInvalid(message)


async def check_model(model: Model, settings: Settings | None, scratch_url: str | None) -> list[Difference]:
    """Compare the tables of a model with those of a database, or with what the migrations make of an empty one."""
    with ScratchServer(scratch_url) as scratch:
        declared = _own_part(await read_entity_schema(scratch, OWN_SCHEMA, model), model)
        if settings is None:
            migrations = migration_order(load_migrations(MigrationFolders.of(model)))
            found = await scratch.replay(migrations, [OWN_SCHEMA])
        else:
            async with server_addresses(settings) as server:
                found = await read_database(server.session_url, [OWN_SCHEMA])
    return compare(declared, _own_part(found, model), ignored=frozenset({Aspect.DEFINITION}))


def own_names(model: Model) -> str:
    """Return the names of the extensions that ``check_model`` looks at."""
    return ", ".join(extension.name for extension in _own_extensions(model))


def _own_extensions(model: Model) -> list[Extension]:
    """Return the extensions that are not the platform's; those alone if there are no others."""
    own = [extension for extension in model.extensions if extension not in PLATFORM.extensions]
    return own or [*model.extensions]


def _own_part(catalog: Catalog, model: Model) -> Catalog:
    """Return the part of a catalog that the extensions of a service's own declare."""
    tables = {table.name for extension in _own_extensions(model) for table in extension.tables}
    enums = {column.enum_name for name in tables for column in model.table_named(name).columns}
    enums -= {column.enum_name for table in model.entities if table.name not in tables for column in table.columns}
    return Catalog(
        relations=tuple(part for part in catalog.relations if part.name in tables),
        enums=tuple(part for part in catalog.enums if part.name in enums),
    )
