"""A model while it is read: its columns and keys are known, its relations not yet joined."""

from collections.abc import Iterable
from functools import cached_property

from attrs import define

from strongroom.adapters.schema.prisma.model.constraint_names import unique_name
from strongroom.adapters.schema.prisma.syntax.errors import Position
from strongroom.adapters.schema.prisma.syntax.nodes import Arity

from .arguments import ProblemList
from .relations import RelationLine
from .schema import Field, FieldKind, Index, IndexKind, PrimaryKey


@define(kw_only=True, slots=False)
class UnresolvedModel:
    """A model or a view whose relations wait for their other sides."""

    name: str
    table: str
    schema: str | None
    is_view: bool
    members: tuple[Field | RelationLine, ...]
    primary_key: PrimaryKey | None
    indexes: tuple[Index, ...]
    ignored: bool
    documentation: str | None
    position: Position

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The fields that stand for columns, by name."""
        return {member.name: member for member in self.members if isinstance(member, Field)}

    @cached_property
    def relations(self) -> tuple[RelationLine, ...]:
        """The fields that lead to other models."""
        return tuple(member for member in self.members if isinstance(member, RelationLine))

    @cached_property
    def relations_by_target(self) -> dict[tuple[str, str | None], list[RelationLine]]:
        """The relation fields by the model that they lead to and the name of the relation."""
        found: dict[tuple[str, str | None], list[RelationLine]] = {}
        for line in self.relations:
            found.setdefault((line.target, line.relation), []).append(line)
        return found

    @cached_property
    def unique(self) -> tuple[tuple[str, ...], ...]:
        """The unique field sets: those of the primary key, and of every unique index over all rows."""
        keys = [self.primary_key.fields] if self.primary_key else []
        whole = [index for index in self.indexes if index.kind is IndexKind.UNIQUE and index.where is None]
        return (*keys, *(tuple(item.field for item in index.fields) for index in whole))

    def identifies(self, key: tuple[str, ...]) -> bool:
        """Return whether the client can find rows by a key: its fields are known and required; a wrong @id passes."""
        fields = [self.fields[name] for name in key if name in self.fields]
        wrong = self.primary_key is not None and key == self.primary_key.fields
        known = all(field.kind is not FieldKind.UNSUPPORTED for field in fields)
        return len(fields) == len(key) and known and (wrong or all(field.arity is Arity.REQUIRED for field in fields))

    def columns(self, fields: Iterable[str]) -> list[str]:
        """Return the columns of those of the fields that exist."""
        return [self.fields[name].column for name in fields if name in self.fields]


def check_unresolved_model(unresolved: UnresolvedModel, problems: ProblemList) -> None:
    """Take note of what no model or view may be, whatever its lines say."""
    if unresolved.is_view:
        if unresolved.primary_key:
            problems.add(
                unresolved.primary_key.position, "A view has no primary key.", "Write @unique where a field is."
            )
        for index in unresolved.indexes:
            if index.kind is IndexKind.NORMAL:
                problems.add(index.position, "A view has no indexes.", "Remove it.")
            elif index.name != unique_name(unresolved.table, unresolved.columns(item.field for item in index.fields)):
                problems.add(index.position, "What is unique in a view has no index to name.", "Remove map.")
    elif not unresolved.ignored and not any(map(unresolved.identifies, unresolved.unique)):
        problems.add(
            unresolved.position,
            f"Nothing tells the rows of {unresolved.name} apart.",
            "Declare @id, @@id, or @unique on a required field, or let the client @@ignore it.",
        )
    if unresolved.ignored:
        for field in unresolved.fields.values():
            if field.ignored:
                problems.add(field.position, f"{unresolved.name} is ignored whole.", "Remove @ignore from the field.")
    _check_client_names(unresolved, problems)


def _check_client_names(unresolved: UnresolvedModel, problems: ProblemList) -> None:
    seen: set[str] = set()
    for key in (unresolved.primary_key, *unresolved.indexes):
        if key is None or key.client_name is None:
            continue
        if key.client_name in seen:
            problems.add(key.position, f"Two keys are named {key.client_name}.", "Give one another name.")
        seen.add(key.client_name)
