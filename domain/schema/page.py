"""What the page tells, as values: every table with its owner, area, relations, readers, migrations and drift."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Final

from attrs import frozen

from .catalog import Catalog, ForeignKey, Relation
from .check import CheckResult
from .contract import Contract, ContractSide
from .findings import Finding
from .standalone_objects import EnumType

Name = tuple[str, str]
"""The schema and the name of a table."""
Areas = Mapping[Name, str]
NO_OWNER: Final = "nobody"
OTHER_AREA: Final = "other"


@frozen(kw_only=True)
class TableStep:
    """What a migration did to a table: ``created``, ``changed``, or ``renamed from`` a name."""

    migration: str
    did: str


@frozen(kw_only=True)
class PageFinding:
    """A finding; ``accepted`` is the reason for which it is accepted, None where it is not."""

    finding: Finding
    accepted: str | None = None


@frozen(kw_only=True)
class TableReader:
    """A side that reads a table of another's: the columns (None for all), and what it may write, as words."""

    side: str
    columns: tuple[str, ...] | None
    writes: tuple[str, ...]


@frozen(kw_only=True)
class Reference:
    """A foreign key of another table that refers to this one."""

    source: Name
    key: ForeignKey


@frozen(kw_only=True)
class TableEntry:
    """A table or view, and all that is known about it."""

    relation: Relation
    owner: str
    area: str
    readers: tuple[TableReader, ...]
    referred_by: tuple[Reference, ...]
    steps: tuple[TableStep, ...]
    drift: tuple[PageFinding, ...]

    @property
    def name(self) -> Name:
        """The schema and the name."""
        return self.relation.schema, self.relation.name

    @property
    def drifted(self) -> bool:
        """Whether a finding on it is not accepted."""
        return any(one.accepted is None for one in self.drift)


@frozen(kw_only=True)
class EnumEntry:
    """An enumeration: who owns it, and the columns that hold it, as schema, table and column."""

    enum: EnumType
    owner: str
    used_by: tuple[tuple[str, str, str], ...]


@frozen(kw_only=True)
class Page:
    """Everything that the page tells.

    ``elsewhere`` are the findings on what is no table of the database: enumerations, functions, and tables that are
    declared and not there. ``history_problem`` says why no migration is told, None where they are.
    """

    source: str
    sides: tuple[ContractSide, ...]
    areas: tuple[str, ...]
    tables: tuple[TableEntry, ...]
    enums: tuple[EnumEntry, ...]
    elsewhere: tuple[PageFinding, ...]
    migrations: tuple[str, ...]
    not_checked: tuple[str, ...]
    warnings: tuple[str, ...]
    history_problem: str | None = None

    @cached_property
    def places(self) -> dict[Name, int]:
        """The places of the tables on the page, by name."""
        return {entry.name: place for place, entry in enumerate(self.tables)}

    @cached_property
    def default_schema(self) -> str:
        """The schema that most tables are in, which their names leave out."""
        counted = Counter(entry.relation.schema for entry in self.tables)
        return min(counted, key=lambda schema: (-counted[schema], schema), default="public")

    @cached_property
    def owners(self) -> tuple[str, ...]:
        """Every owner, the sides in the contract's order, then nobody where something is unowned."""
        names = tuple(side.name for side in self.sides)
        unowned = NO_OWNER in {entry.owner for entry in self.tables} | {entry.owner for entry in self.enums}
        return (*names, NO_OWNER) if unowned else names

    @property
    def drift(self) -> tuple[PageFinding, ...]:
        """All findings, those on tables first."""
        return tuple(one for entry in self.tables for one in entry.drift) + self.elsewhere


def make_page(  # noqa: PLR0913 - each is one of the page's sources
    contract: Contract,
    found: Catalog,
    checked: CheckResult,
    *,
    source: str,
    areas: Areas,
    steps: Mapping[Name, tuple[TableStep, ...]],
    migrations: Iterable[str],
    history_problem: str | None = None,
) -> Page:
    """Put together what the page tells of a catalog; ``source`` says in words where that was read.

    Tables are sorted by area, schema and name, so that the same schema gives the same page.
    """
    drift = _drift(checked)
    referring = _references_by_target(found)
    entries = []
    for relation in found.relations:
        name = (relation.schema, relation.name)
        owner = contract.owner_of(relation.object)
        entries.append(
            TableEntry(
                relation=relation,
                owner=owner or NO_OWNER,
                area=areas.get(name, OTHER_AREA),
                readers=_readers(contract, relation, owner),
                referred_by=tuple(referring[name]),
                steps=steps.get(name, ()),
                drift=tuple(drift.pop(str(relation.object), ())),
            )
        )
    entries.sort(key=lambda entry: (_area_order(entry.area), *entry.name))
    return Page(
        source=source,
        sides=contract.sides,
        areas=tuple(dict.fromkeys(entry.area for entry in entries)),
        tables=tuple(entries),
        enums=tuple(
            EnumEntry(
                enum=enum, owner=contract.owner_of(enum.object) or NO_OWNER, used_by=_columns_of_enum(found, enum)
            )
            for enum in sorted(found.enums, key=lambda enum: (enum.schema, enum.name))
        ),
        elsewhere=tuple(one for _, several in sorted(drift.items()) for one in several),
        migrations=tuple(migrations),
        not_checked=checked.not_checked,
        warnings=checked.warnings,
        history_problem=history_problem,
    )


def areas_by_name(found: Catalog) -> dict[Name, str]:
    """Return areas for a schema that nobody has sorted: its schemas where there are several, else names' beginnings.

    A beginning (up to the first underscore) that fewer than two tables share makes no area.
    """
    if len({relation.schema for relation in found.relations}) > 1:
        return {(relation.schema, relation.name): relation.schema for relation in found.relations}
    shared = Counter(_name_prefix(relation) for relation in found.relations)
    return {
        (relation.schema, relation.name): _name_prefix(relation) if shared[_name_prefix(relation)] > 1 else OTHER_AREA
        for relation in found.relations
    }


def diagram_document(page: Page) -> dict[str, Any]:
    """Return what the diagram and the search need, as a JSON document: tables by their place in the page.

    A column is its name and its marks (``p`` of the primary key, ``f`` of a foreign key, ``d`` drifted); a relation is
    the place of the table that refers, the first of its columns, the place of the table referred to, the key's name.
    """
    relations = [
        [place, key.columns[0], page.places[key.target_schema, key.target], key.name]
        for place, entry in enumerate(page.tables)
        for key in entry.relation.foreign_keys
        if (key.target_schema, key.target) in page.places
    ]
    tables = [
        {
            "name": table_label(page, entry.name),
            "kind": entry.relation.kind.value,
            "area": page.areas.index(entry.area),
            "owner": page.owners.index(entry.owner),
            "readers": [page.owners.index(reader.side) for reader in entry.readers],
            "drift": sum(one.accepted is None for one in entry.drift),
            "columns": [[column.name, _column_marks(entry, column.name)] for column in entry.relation.columns],
        }
        for entry in page.tables
    ]
    return {"areas": page.areas, "owners": page.owners, "tables": tables, "relations": relations}


def table_label(page: Page, name: Name) -> str:
    """Return a table's name as the page shows it: the schema stands before it unless it is the usual one."""
    schema, table = name
    return table if schema == page.default_schema else f"{schema}.{table}"


def _drift(checked: CheckResult) -> dict[str, list[PageFinding]]:
    """Return the findings by the object that they are on; a table and a view of one name are told apart."""
    grouped: dict[str, list[PageFinding]] = defaultdict(list)
    for finding in checked.findings:
        grouped[str(finding.target)].append(PageFinding(finding=finding))
    for finding, reason in checked.accepted:
        grouped[str(finding.target)].append(PageFinding(finding=finding, accepted=reason))
    return grouped


def _references_by_target(found: Catalog) -> dict[Name, list[Reference]]:
    grouped: dict[Name, list[Reference]] = defaultdict(list)
    for relation in found.relations:
        for key in relation.foreign_keys:
            source = (relation.schema, relation.name)
            grouped[key.target_schema, key.target].append(Reference(source=source, key=key))
    return grouped


def _readers(contract: Contract, relation: Relation, owner: str | None) -> tuple[TableReader, ...]:
    readers = []
    for side in contract.sides:
        reading = contract.reading(side.name, relation.object)
        if side.name != owner and (reading.columns != () or reading.writes):
            writes = tuple(sorted(write.value for write in reading.writes))
            readers.append(TableReader(side=side.name, columns=reading.columns, writes=writes))
    return tuple(readers)


def _columns_of_enum(found: Catalog, enum: EnumType) -> tuple[tuple[str, str, str], ...]:
    names = {enum.name, f"{enum.schema}.{enum.name}", f'{enum.schema}."{enum.name}"', f'"{enum.name}"'}
    names |= {f"{name}[]" for name in names}
    return tuple(
        (relation.schema, relation.name, column.name)
        for relation in found.relations
        for column in relation.columns
        if column.type in names
    )


def _area_order(area: str) -> tuple[int, str]:
    """Sort areas by name, what is in none of them last."""
    return (1 if area == OTHER_AREA else 0, area)


def _name_prefix(relation: Relation) -> str:
    return relation.name.lstrip("_").partition("_")[0].lower()


def _column_marks(entry: TableEntry, column: str) -> str:
    relation = entry.relation
    marks = "p" if relation.primary_key and column in relation.primary_key.columns else ""
    marks += "f" if any(column in key.columns for key in relation.foreign_keys) else ""
    return marks + ("d" if any(one.finding.part == column and one.accepted is None for one in entry.drift) else "")
