"""Reads generators and the datasource."""

from collections.abc import Sequence

from strongroom.adapters.schema.prisma.syntax.errors import Position
from strongroom.adapters.schema.prisma.syntax.nodes import (
    Block,
    BlockKind,
    Call,
    Document,
    Expression,
    List,
    SettingLine,
    Text,
)

from .arguments import ProblemList
from .schema import Configuration, Enum
from .unresolved_model import UnresolvedModel

SETTINGS = {"provider", "url", "directUrl", "shadowDatabaseUrl", "relationMode", "extensions", "schemas"}
POSTGRES = {"postgresql", "postgres"}
MODES = {"foreignKeys", "prisma"}


def read_configuration(block: Block, documentation: str | None, problems: ProblemList) -> Configuration:
    """Return the settings of a generator or a datasource, which has to name its provider."""
    settings: dict[str, Expression] = {}
    for line in block.lines:
        if isinstance(line, SettingLine):
            if line.name in settings:
                problems.add(line.position, f"{block.name} has the setting {line.name} twice.", "Keep one.")
            settings[line.name] = line.value
    provider = settings.get("provider")
    if provider is None:
        problems.add(block.position, f"{block.name} has no provider.", 'Add provider = "…".')
    elif not isinstance(provider, Text | Call):
        problems.add(provider.position, "A provider is one string.", 'Write provider = "…".')
    return Configuration(
        name=block.name, settings=tuple(settings.items()), documentation=documentation, position=block.position
    )


def read_datasource(
    blocks: Sequence[tuple[Block, str | None]], documents: Sequence[Document], problems: ProblemList
) -> Configuration | None:
    """Return the one datasource of a schema, which has to be PostgreSQL."""
    found = [(block, said) for block, said in blocks if block.kind is BlockKind.DATASOURCE]
    for block, _ in found[1:]:
        problems.add(
            block.position, "A schema has one datasource.", f"The other is at {found[0][0].position}; keep one."
        )
    if not found:
        start = Position(documents[0].file if documents else "schema.prisma", 1, 1)
        problems.add(start, "No datasource says what database this is.", 'Add one with provider = "postgresql".')
        return None
    datasource = read_configuration(*found[0], problems)
    provider = datasource.setting("provider")
    if isinstance(provider, Text) and provider.value not in POSTGRES:
        problems.add(provider.position, f"The database is {provider.value}.", "Only PostgreSQL is read.")
    for name, value in datasource.settings:
        if name not in SETTINGS:
            problems.add(value.position, f"A datasource has no {name}.", f"It has {', '.join(sorted(SETTINGS))}.")
    mode = datasource.setting("relationMode")
    if mode is not None and not (isinstance(mode, Text) and mode.value in MODES):
        problems.add(mode.position, "relationMode is foreignKeys or prisma.", "Write one in double quotes.")
    _check_schemas(datasource, problems)
    return datasource


def schemas_of(datasource: Configuration) -> tuple[str, ...] | None:
    """Return PostgreSQL's schemas that a datasource lists, None where it lists none and all is in one."""
    listed = datasource.setting("schemas")
    if not isinstance(listed, List):
        return None
    return tuple(item.value for item in listed.items if isinstance(item, Text))


def check_membership(
    datasource: Configuration, declared: Sequence[UnresolvedModel | Enum], problems: ProblemList
) -> None:
    """Take note of what names a schema that the datasource does not list, or none where it lists some."""
    schemas = schemas_of(datasource)
    for item in declared:
        if item.schema is None and schemas is not None:
            problems.add(
                item.position, f"{item.name} is in no schema.", f"Add @@schema with one of {', '.join(schemas)}."
            )
        elif item.schema is not None and item.schema not in (schemas or ()):
            problems.add(
                item.position, f"The datasource lists no schema {item.schema}.", f'Add it: schemas = ["{item.schema}"].'
            )


def _check_schemas(datasource: Configuration, problems: ProblemList) -> None:
    listed = datasource.setting("schemas")
    if listed is None:
        return
    names = schemas_of(datasource)
    if not names or not isinstance(listed, List) or len(names) < len(listed.items):
        problems.add(listed.position, "schemas is a list of names.", 'Write schemas = ["public"], or leave it out.')
    elif len(set(names)) < len(names):
        problems.add(listed.position, "schemas names one twice.", "Keep one.")
