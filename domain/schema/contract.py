"""The contract of a database that several migration systems share: who owns what, and who reads what of whom."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import Enum
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Final

from attrs import field, frozen

from ..errors import InvalidValue
from .column_change import OpenChange

_GLOB: Final = frozenset("*?[")


class ObjectKind(Enum):
    """What can be owned; everything else (indexes, triggers, constraints, partitions) belongs to one of these."""

    TABLE = "table"
    VIEW = "view"
    MATERIALIZED_VIEW = "materialized view"
    ENUM = "enum"
    TYPE = "type"
    """A domain, a range or a composite type."""
    FUNCTION = "function"
    """A function, procedure or aggregate, all overloads of its name."""
    SEQUENCE = "sequence"
    """A sequence of its own: one that a column owns belongs to the column's table."""


class MigrationKind(Enum):
    """How the migrations of a side are laid out."""

    PRISMA = "prisma"
    SQL = "sql"


class Language(Enum):
    """What a side's code declares of the schema."""

    PRISMA = "prisma"
    STRONGROOM = "strongroom"
    NONE = "none"


class Write(Enum):
    """What a side may do to rows of a table that another owns."""

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


@frozen(order=True)
class SchemaObject:
    """An object of a database, by its name as the database holds it (unquoted)."""

    kind: ObjectKind = field(order=lambda kind: kind.value)
    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind.value} {self.schema}.{self.name}"


@frozen
class Pattern:
    """Names of objects: one name, or a glob (``*``, ``?``, ``[…]``) over schema and name."""

    schema: str
    name: str

    @classmethod
    def read(cls, text: str, schema: str) -> "Pattern":
        """Read ``name`` (within the schema given) or ``schema.name``; a name that holds a dot has to be qualified."""
        before, dot, after = text.partition(".")
        return cls(before, after) if dot else cls(schema, text)

    @property
    def is_glob(self) -> bool:
        """Whether it may stand for several names."""
        return not _GLOB.isdisjoint(self.schema + self.name)

    def matches(self, schema: str, name: str) -> bool:
        """Say whether it stands for a name, upper and lower case told apart."""
        return fnmatchcase(schema, self.schema) and fnmatchcase(name, self.name)

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


@frozen
class ContractSide:
    """One of the migration systems: the role it migrates as, and where its migrations lie.

    ``migrations`` is a folder relative to the contract's own. ``schemas`` are the schemas it creates objects in, the
    first of them meant by names that give none. ``services`` are further roles, of code that runs without migrating:
    they read and write rows where their side may, and no more. ``dump`` is a schema dump that stands for the migrations
    up to and with ``dump_through``, where those cannot be replayed from nothing.
    """

    name: str
    role: str
    migrations: str | None
    kind: MigrationKind
    language: Language = Language.NONE
    schemas: tuple[str, ...] = ("public",)
    services: tuple[str, ...] = ()
    dump: str | None = None
    dump_through: str | None = None


@frozen
class Ownership:
    """Objects that belong to a side: of one kind, or of any where ``kind`` is None."""

    side: str
    kind: ObjectKind | None
    pattern: Pattern

    def covers(self, target: SchemaObject) -> bool:
        """Say whether it names the object."""
        return self.kind in {None, target.kind} and self.pattern.matches(target.schema, target.name)


@frozen
class ReadGrant:
    """What a side may do with tables and views that others own, narrower or wider than reading all of them.

    ``columns`` are those that it reads and may refer to by foreign keys: None for all, an empty tuple for none.
    """

    side: str
    pattern: Pattern
    columns: tuple[str, ...] | None = None
    writes: frozenset[Write] = frozenset()


@frozen
class AcceptedException:
    """A deliberate difference from the contract, good through the day it expires on.

    ``rule`` is the kind of finding it accepts, None for any.
    """

    pattern: Pattern
    reason: str
    expires: date
    rule: str | None = None

    def accepts(self, target: SchemaObject, rule: str, today: date) -> bool:
        """Say whether it accepts a finding on an object on a day."""
        in_force = today <= self.expires and self.rule in {None, rule}
        return in_force and self.pattern.matches(target.schema, target.name)


@frozen
class OwnershipFinding:
    """An object that does not have exactly one owner: ``owners`` is empty, or holds two and more."""

    target: SchemaObject
    owners: tuple[str, ...]

    def __str__(self) -> str:
        if not self.owners:
            return f"{self.target} has no owner: name it in the contract"
        return f"{self.target} has {len(self.owners)} owners ({', '.join(self.owners)}): leave it to one of them"


_EVERY_COLUMN: Final = ReadGrant("", Pattern("*", "*"))


@frozen
class Contract:
    """Who owns what in a shared database, who reads what of whom, and what is deliberately otherwise.

    ``changes`` are columns that change in steps. ``owner_role`` is the role, nobody's to log in as, that owns the
    schemas and the database. A side that has the database to itself owns all that is there. Raises InvalidValue for no
    side, for a name or a role used twice, and for a side that is not there.
    """

    sides: tuple[ContractSide, ...]
    ownership: tuple[Ownership, ...]
    readers: tuple[ReadGrant, ...] = ()
    exceptions: tuple[AcceptedException, ...] = ()
    owner_role: str = "schema_owner"
    changes: tuple[OpenChange, ...] = ()

    def __attrs_post_init__(self) -> None:
        names = [side.name for side in self.sides]
        roles = [self.owner_role, *(role for side in self.sides for role in (side.role, *side.services))]
        if not names:
            raise InvalidValue("Contract", field="sides", reason="at least one side migrates the database")
        for what, given in (("name", names), ("role", roles)):
            twice = sorted({one for one in given if given.count(one) > 1})
            if twice:
                raise InvalidValue("Contract", field="sides", reason=f"the {what} {twice[0]!r} is used twice")
        for attribute, parts in (("ownership", self.ownership), ("readers", self.readers)):
            unknown = sorted({part.side for part in parts} - set(names))
            if unknown:
                raise InvalidValue("Contract", field=attribute, reason=f"there is no side {unknown[0]!r}")

    @cached_property
    def _named_ownerships(self) -> Mapping[tuple[str, str], Sequence[Ownership]]:
        """The ownerships that name one object, by schema and name."""
        named: dict[tuple[str, str], list[Ownership]] = {}
        for part in self.ownership:
            if not part.pattern.is_glob:
                named.setdefault((part.pattern.schema, part.pattern.name), []).append(part)
        return named

    @cached_property
    def _globs(self) -> Sequence[Ownership]:
        """The ownerships that name objects by a glob."""
        return [part for part in self.ownership if part.pattern.is_glob]

    def ownerships_of_name(self, schema: str, name: str) -> Sequence[Ownership]:
        """Return the ownerships, of any kind, that match a name: those that name it, then the globs."""
        matching = [part for part in self._globs if part.pattern.matches(schema, name)]
        return [*self._named_ownerships.get((schema, name), ()), *matching]

    @property
    def schemas(self) -> tuple[str, ...]:
        """Every schema that a side lives in, sorted."""
        return tuple(sorted({schema for side in self.sides for schema in side.schemas}))

    def side(self, name: str) -> ContractSide:
        """Return the side of a name. Raises KeyError."""
        return {side.name: side for side in self.sides}[name]

    def owners_of(self, target: SchemaObject) -> tuple[str, ...]:
        """Return the sides that own an object, one in an orderly contract; explicit names win over globs.

        The function that keeps a column in step while it changes belongs to the column's table.
        """
        if len(self.sides) == 1:
            return (self.sides[0].name,)
        for change in self.changes:
            if target == SchemaObject(ObjectKind.FUNCTION, change.schema, change.function):
                return self.owners_of(SchemaObject(ObjectKind.TABLE, change.schema, change.table))
        written = [part for part in self._named_ownerships.get((target.schema, target.name), ()) if part.covers(target)]
        return tuple(sorted({part.side for part in written or self._globs if part.covers(target)}))

    def owner_of(self, target: SchemaObject) -> str | None:
        """Return the side that owns an object, or None where none or several do."""
        owners = self.owners_of(target)
        return owners[0] if len(owners) == 1 else None

    def reading(self, side: str, target: SchemaObject) -> ReadGrant:
        """Return what a side may do with another's object: the reading that names it, else the last glob, else all."""
        matching = [part for part in self.readers if part.side == side and self._covers(part, target)]
        explicit = [part for part in matching if not part.pattern.is_glob]
        return (explicit or matching or [_EVERY_COLUMN])[-1]

    @staticmethod
    def _covers(reading: ReadGrant, target: SchemaObject) -> bool:
        return reading.pattern.matches(target.schema, target.name)

    def ownership_findings(self, objects: Iterable[SchemaObject]) -> list[OwnershipFinding]:
        """Return the objects that do not have exactly one owner, in the order given."""
        judged = [OwnershipFinding(target, self.owners_of(target)) for target in objects]
        return [finding for finding in judged if len(finding.owners) != 1]

    def absent(self, objects: Iterable[SchemaObject]) -> list[Ownership]:
        """Return the explicit names that none of the objects has."""
        present = tuple(objects)
        named = [part for part in self.ownership if not part.pattern.is_glob]
        return [part for part in named if not any(part.covers(target) for target in present)]

    def expired(self, today: date) -> list[AcceptedException]:
        """Return the exceptions whose last day is past."""
        return [exception for exception in self.exceptions if exception.expires < today]
