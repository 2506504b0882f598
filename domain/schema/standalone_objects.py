"""What a schema holds beside tables and views: enumerations and other types, sequences, functions."""

from attrs import field, frozen

from .contract import ObjectKind, SchemaObject


@frozen(kw_only=True)
class EnumType:
    """An enumeration, its labels in order."""

    schema: str
    name: str
    labels: tuple[str, ...]
    owner: str | None = field(default=None, eq=False)

    @property
    def object(self) -> SchemaObject:
        """The enumeration as the contract knows it."""
        return SchemaObject(ObjectKind.ENUM, self.schema, self.name)


@frozen(kw_only=True)
class DomainType:
    """A domain, range or composite type, by its definition."""

    schema: str
    name: str
    definition: str
    owner: str | None = field(default=None, eq=False)

    @property
    def object(self) -> SchemaObject:
        """The type as the contract knows it."""
        return SchemaObject(ObjectKind.TYPE, self.schema, self.name)


@frozen(kw_only=True)
class Sequence:
    """A sequence; ``owned_by`` is the table and column that it fills, or None.

    ``definition`` is how it counts, empty where that is from 1 on, by 1, as far as its type goes.
    """

    schema: str
    name: str
    type: str
    definition: str = ""
    owned_by: tuple[str, str, str] | None = None
    owner: str | None = field(default=None, eq=False)

    @property
    def object(self) -> SchemaObject:
        """The sequence as the contract knows it."""
        return SchemaObject(ObjectKind.SEQUENCE, self.schema, self.name)


@frozen(kw_only=True)
class Function:
    """A function, procedure or aggregate: its arguments' types, and a digest of its whole definition."""

    schema: str
    name: str
    arguments: str
    digest: str
    owner: str | None = field(default=None, eq=False)

    @property
    def object(self) -> SchemaObject:
        """The function as the contract knows it, all overloads of its name."""
        return SchemaObject(ObjectKind.FUNCTION, self.schema, self.name)
