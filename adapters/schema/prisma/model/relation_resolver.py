"""Joins the two sides of every relation, and refuses what is no relation."""

from collections.abc import Mapping, Sequence

from strongroom.adapters.schema.prisma.model.constraint_names import MAX_NAME_BYTES, foreign_key_name
from strongroom.adapters.schema.prisma.syntax.nodes import Arity

from .arguments import ProblemList
from .relations import RelationLine
from .schema import ManyToMany, ReferentialAction, Relation
from .unresolved_model import UnresolvedModel

EMULATED_RELATIONS = {ReferentialAction.CASCADE, ReferentialAction.RESTRICT, ReferentialAction.SET_NULL}
ON_ONE_SIDE = "Write fields and references on the side whose table has the columns."


class RelationResolver:
    """Finds the other side of each relation field of some models; what has none, or two, is a problem."""

    def __init__(self, drafts: Mapping[str, UnresolvedModel], problems: ProblemList, *, foreign_keys: bool) -> None:
        self._drafts = drafts
        self._problems = problems
        self._foreign_keys = foreign_keys
        self.many_to_many: list[ManyToMany] = []

    def resolve(self, line: RelationLine) -> Relation:
        """Return a relation field with all that its other side and Prisma's defaults say of it."""
        other = self._other_side(line)
        if other is not None:
            self._check(line, other)
        holds = bool(line.fields)
        draft = self._drafts[line.model]
        columns = draft.columns(line.fields or ())
        deleting = ReferentialAction.SET_NULL if self._all_optional(line) else ReferentialAction.RESTRICT
        return Relation(
            name=line.name,
            model=line.target,
            arity=line.arity,
            relation=line.relation or "To".join(sorted((line.model, line.target))),
            named=line.relation is not None,
            fields=line.fields or (),
            references=line.references or (),
            on_delete=(line.on_delete or deleting) if holds else None,
            on_update=(line.on_update or ReferentialAction.CASCADE) if holds else None,
            constraint=(line.map or foreign_key_name(draft.table, columns)) if holds else None,
            ignored=line.ignored,
            documentation=line.documentation,
            position=line.position,
        )

    def _other_side(self, line: RelationLine) -> RelationLine | None:
        own = line.model == line.target
        beside = self._drafts[line.model].relations_by_target[line.target, line.relation]
        rivals = [rival for rival in beside[:3] if rival is not line]
        if len(rivals) > 1 or (rivals and (not own or line.relation is None)):
            self._wrong(
                line,
                f"{line.name} and {rivals[0].name} both lead from {line.model} to {line.target} under one name.",
                'Give both sides of each relation a name of their own: @relation("…").',
            )
            return None
        for other in self._drafts[line.target].relations_by_target.get((line.model, line.relation), [])[:2]:
            if other is not line:
                return other
        self._wrong(
            line, f"{line.name} has no field on the other side.", f"Add one of type {line.model} to {line.target}."
        )
        return None

    def _check(self, line: RelationLine, other: RelationLine) -> None:
        if line.arity is Arity.LIST and other.arity is Arity.LIST:
            self._check_many_to_many(line, other)
        elif line.arity is Arity.LIST or (other.arity is not Arity.LIST and not line.fields and other.fields):
            self._check_far_side(line, other)
        else:
            self._check_near_side(line, other)
        if self._drafts[line.target].ignored and not line.ignored and not self._drafts[line.model].ignored:
            self._wrong(line, f"{line.name} leads to {line.target}, which the client ignores.", "Add @ignore.")

    def _check_many_to_many(self, line: RelationLine, other: RelationLine) -> None:
        if line.fields is not None or line.references is not None:
            self._wrong(line, "Of two lists neither side has the columns.", "Remove fields and references.")
        if line.on_delete or line.on_update:
            self._wrong(line, "Prisma's own table between two lists takes no actions.", "Write that table as a model.")
        for name in (line.model, line.target):
            draft = self._drafts[name]
            if draft.is_view or draft.primary_key is None or len(draft.primary_key.fields) != 1:
                self._wrong(
                    line,
                    f"{name} has no @id of one field, which two lists need.",
                    "Write the table between as a model.",
                )
                return
        first = (line.model, line.name) < (other.model, other.name)
        if first and line.fields is None:
            relation = line.relation or f"{line.model}To{other.model}"
            self.many_to_many.append(
                ManyToMany(
                    relation=relation,
                    table=f"_{relation}",
                    schema=self._drafts[line.model].schema,
                    model_a=line.model,
                    field_a=line.name,
                    model_b=other.model,
                    field_b=other.name,
                )
            )

    def _check_far_side(self, line: RelationLine, other: RelationLine) -> None:
        if line.fields is not None or line.references is not None:
            self._wrong(line, f"{line.name} repeats what {other.model}.{other.name} says.", ON_ONE_SIDE)
        if line.on_delete or line.on_update:
            self._wrong(
                line, f"{line.name} has no foreign key for actions.", f"Move them to {other.model}.{other.name}."
            )
        if line.arity is Arity.REQUIRED:
            self._wrong(line, f"No database can require {line.name}.", f"Make it optional: {line.target}?")

    def _check_near_side(self, line: RelationLine, other: RelationLine) -> None:
        if line.fields and not line.references:
            self._wrong(
                line, f"{line.name} does not say what of {line.target} its fields refer to.", "Add references: […]."
            )
            return
        if not line.fields or not line.references:
            self._wrong(line, f"{line.name} does not say by which fields it leads to {line.target}.", ON_ONE_SIDE)
            return
        if other.arity is not Arity.LIST and other.fields:
            self._wrong(line, f"{line.name} and {other.model}.{other.name} both say by which fields.", ON_ONE_SIDE)
            return
        near, far = self._drafts[line.model], self._drafts[line.target]
        unknown = self._unknown(line, near, line.fields) + self._unknown(line, far, line.references)
        if unknown:
            return
        if len(line.fields) != len(line.references):
            self._wrong(line, "fields and references are not as many.", "Pair them.")
            return
        self._check_types(line, near, far)
        self._check_keys(line, other, near, far)
        self._check_actions(line)
        if line.map and len(line.map.encode()) > MAX_NAME_BYTES:
            self._wrong(line, f"The name {line.map} has more than {MAX_NAME_BYTES} bytes.", "Shorten it.")

    def _check_types(self, line: RelationLine, near: UnresolvedModel, far: UnresolvedModel) -> None:
        for name, reference in zip(line.fields or (), line.references or (), strict=True):
            if near.fields[name].type != far.fields[reference].type:
                self._wrong(
                    line,
                    f"{name} is {near.fields[name].type}, {reference} of {far.name} is {far.fields[reference].type}.",
                    "Give both one type.",
                )
        if line.arity is Arity.REQUIRED and not self._required(line):
            self._wrong(
                line, f"{line.name} is required, but its fields may be null.", f"Write {line.target}?, or require them."
            )

    def _check_keys(self, line: RelationLine, other: RelationLine, near: UnresolvedModel, far: UnresolvedModel) -> None:
        references, fields = ", ".join(line.references or ()), ", ".join(line.fields or ())
        if not any(set(key) == set(line.references or ()) for key in far.unique):
            self._wrong(line, f"{references} of {far.name} is not unique.", "Add @unique or @@unique there.")
        if other.arity is not Arity.LIST and line.fields not in near.unique:
            self._wrong(line, f"One {far.name} could have many {near.name}.", f"Add @unique over {fields}.")

    def _check_actions(self, line: RelationLine) -> None:
        if self._foreign_keys:
            return
        for action in (line.on_delete, line.on_update):
            if action is not None and action not in EMULATED_RELATIONS:
                self._wrong(
                    line,
                    f"Without foreign keys Prisma cannot do {action.value}.",
                    "Choose Cascade, Restrict or SetNull.",
                )

    def _required(self, line: RelationLine) -> bool:
        fields = self._drafts[line.model].fields
        return all(fields[name].arity is not Arity.OPTIONAL for name in line.fields or () if name in fields)

    def _all_optional(self, line: RelationLine) -> bool:
        fields = self._drafts[line.model].fields
        return all(fields[name].arity is Arity.OPTIONAL for name in line.fields or () if name in fields)

    def _unknown(self, line: RelationLine, draft: UnresolvedModel, names: Sequence[str]) -> int:
        unknown = [name for name in names if name not in draft.fields]
        for name in unknown:
            self._wrong(line, f"{draft.name} has no column for {name}.", f"It has {', '.join(draft.fields)}.")
        if not unknown and len(set(names)) < len(names):
            self._wrong(line, f"{', '.join(names)} names a field twice.", "Keep one.")
            return 1
        return len(unknown)

    def _wrong(self, line: RelationLine, message: str, remedy: str) -> None:
        self._problems.add(line.position, message, remedy)
