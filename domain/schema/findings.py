"""What a difference means: which side is wrong by the contract, what breaks in practice, and what mends it."""

from collections.abc import Callable, Iterable
from typing import Final

from attrs import frozen

from .catalog import Catalog
from .comparison import Aspect, Difference
from .contract import Language, ObjectKind, SchemaObject
from .name_spaces import NameConflict

DATABASE: Final = "the database"
WriteFix = Callable[[Difference], tuple[str, ...]]
"""Writes the statements that resolve a difference; none if SQL alone cannot."""


@frozen
class DeclaredSchema:
    """One of the things that say how the schema is: a side's declarations; ``name`` is what they are called."""

    name: str
    side: str
    language: Language


@frozen(kw_only=True)
class Finding:
    """A difference between a truth and the database, explained.

    ``wrong`` names who has to change; ``rule`` is the difference's aspect, ``key`` what a baseline knows it by.
    """

    rule: str
    target: SchemaObject
    part: str | None
    expected: str | None
    found: str | None
    declared_schema: str
    owner: str | None
    wrong: str
    breaks: str
    fix: str
    statements: tuple[str, ...] = ()
    """The SQL of the fix, in its order: nothing where SQL alone does not mend it."""

    @property
    def key(self) -> str:
        """The finding's name in a baseline: the same as long as the difference is there."""
        where = f"{self.target}" + (f".{self.part}" if self.part else "")
        return f"{self.declared_schema}: {where}: {self.rule}"

    @property
    def headline(self) -> str:
        """The finding in one line."""
        declared = f"{self.declared_schema} declares {self.expected}" if self.expected else ""
        has = f"{DATABASE} has {self.found}" if self.found else ""
        told = "; ".join(text for text in (declared, has) if text)
        where = f"{self.target}" + (f", {self.part}" if self.part else "")
        return f"{where}: {self.rule}" + (f" ({told})" if told else "")


def explain(
    difference: Difference,
    declared: DeclaredSchema,
    owner: str | None,
    catalog: Catalog,
    write_fix: WriteFix | None = None,
) -> Finding:
    """Explain a difference between what a truth declares (expected) and what a database holds (found).

    The owner of an object is right about it: where the truth is the owner's, the database is wrong; where it is a
    reader's, the truth is. ``catalog`` is the database's; without ``write_fix`` the finding has no statements.
    """
    owners_own = owner is None or declared.side == owner
    mending = write_fix(difference) if owners_own and write_fix is not None else ()
    return Finding(
        rule=difference.aspect.value,
        target=difference.target,
        part=difference.part,
        expected=difference.expected,
        found=difference.found,
        declared_schema=declared.name,
        owner=owner,
        wrong=DATABASE if owners_own else declared.name,
        breaks=_effect(difference, declared, catalog),
        fix=_fix_advice(difference, declared, owner or declared.side, mending)
        if owners_own
        else _fix_advice_for_reader(declared, owner),
        statements=mending,
    )


def ownership_finding(target: SchemaObject, owners: Iterable[str]) -> Finding:
    """Return the finding that an object does not have exactly one owner."""
    names = sorted(owners)
    said = f"it has {len(names)}: {', '.join(names)}" if names else "it has none"
    return Finding(
        rule="ownership",
        target=target,
        part=None,
        expected="one owner",
        found=said,
        declared_schema="the contract",
        owner=None,
        wrong="the contract",
        breaks="nobody is asked before it changes, and the guard cannot protect it",
        fix="leave it to one side, in the contract's owners" if names else "name it in the contract, under owners",
    )


def misnamed(conflict: NameConflict) -> Finding:
    """Return the finding that an object has the name of an object of another side."""
    kind = conflict.claim.kind.value if conflict.claim.kind is not None else "object"
    return Finding(
        rule="ownership",
        target=conflict.target,
        part=None,
        expected="a name of its own",
        found=f"the name of the {kind} {conflict.claim.pattern}",
        declared_schema="the contract",
        owner=conflict.claim.side,
        wrong=DATABASE,
        breaks=f'the side "{conflict.claim.side}" cannot make its own object, or reaches this one by its name',
        fix="rename it, or give the name to its side in the contract's owners",
    )


_PRISMA: Final = {
    Aspect.MISSING: "every query on its model fails with P2021, the table does not exist",
    Aspect.COLUMN_MISSING: "every query that reads or writes the field fails with P2022, the column does not exist; "
    "without a select that is every query on the model",
    Aspect.COLUMN_RENAMED: "every query that reads or writes the field fails with P2022, the column does not exist; "
    "without a select that is every query on the model",
    Aspect.TYPE: "values come back in another form, or a query fails with P2023, inconsistent column data",
    Aspect.DEFAULT: "a create that leaves the field out stores another value, or fails with P2011, null constraint",
    Aspect.PRIMARY_KEY: "findUnique and update by the key find other rows, or several",
    Aspect.UNIQUE_MISSING: "rows that should be one get in twice, findUnique finds any of them, upsert fails",
    Aspect.UNIQUE_EXTRA: "a create that Prisma deems possible fails with P2002, unique constraint",
    Aspect.FOREIGN_KEY_MISSING: "rows that refer to nothing get in, and a required relation reads as null",
    Aspect.FOREIGN_KEY_EXTRA: "a write fails with P2003, foreign key constraint, that Prisma deems possible",
    Aspect.FOREIGN_KEY: "deleting or changing a row does something else to those that refer to it",
    Aspect.LABEL_MISSING: "writing the value fails: the enumeration does not have it",
    Aspect.LABEL_EXTRA: "reading a row that has the value fails: it is not in the generated enum",
    Aspect.EXTRA: "Prisma does not see it, and db push drops it, empty or with --accept-data-loss",
    Aspect.NAME: "migrate diff renames it, and errors carry a name that the code does not know",
}
_ANY_READER: Final = {
    Aspect.CHECK: "a write is refused that the one who makes it deems possible",
    Aspect.EXCLUSION: "a write is refused that the one who makes it deems possible",
    Aspect.GENERATED: "every write that gives the column a value is refused",
    Aspect.IDENTITY: "every insert that gives the column a value is refused, where it is GENERATED ALWAYS",
    Aspect.TRIGGER: "writes do more, or less, than the code says, or are refused",
    Aspect.RULE: "writes do something else than the code says, without an error",
    Aspect.ROW_SECURITY: "who does not own the table reads and writes no row but those that a policy lets through",
    Aspect.POLICY: "who does not own the table reads and writes other rows",
}
_ENTITIES: Final = {
    Aspect.MISSING: "every call of its repository raises SchemaMismatch",
    Aspect.COLUMN_MISSING: "every call of its repository raises SchemaMismatch",
    Aspect.COLUMN_RENAMED: "every call of its repository raises SchemaMismatch",
    Aspect.TYPE: "values are refused, rounded or cut, or rows fail to become entities",
    Aspect.NULLABILITY: "a null comes where the entity has none, or a write of None is refused",
    Aspect.DEFAULT: "rows that others write have another value than the entity's default",
    Aspect.PRIMARY_KEY: "get finds several rows, and upsert fails",
    Aspect.UNIQUE_MISSING: "duplicates get in where the twin refuses them, and upsert by it fails",
    Aspect.UNIQUE_EXTRA: "writes that the twin accepts are refused",
    Aspect.FOREIGN_KEY_MISSING: "references to nothing get in where the twin refuses them",
    Aspect.FOREIGN_KEY: "removals do something else than in the twin",
    Aspect.CHECK: "rows that the twin refuses get in, or the other way round",
    Aspect.INDEX_MISSING: "a finder reads the whole table",
    Aspect.LABEL_MISSING: "writing the value is refused",
    Aspect.LABEL_EXTRA: "reading a row that has the value fails",
    Aspect.LABEL_ORDER: "values sort in another order than in the twin",
    Aspect.NAME: "errors carry a constraint's name that the code does not know",
}


def _effect(difference: Difference, declared: DeclaredSchema, catalog: Catalog) -> str:
    aspect = difference.aspect
    if aspect is Aspect.MISSING and difference.target.kind is ObjectKind.ENUM:
        return "every query that reads or writes a field of it fails: the type does not exist"
    if aspect is Aspect.COLUMN_EXTRA:
        return _effect_of_extra_column(difference, declared, catalog)
    if aspect is Aspect.NULLABILITY and declared.language is Language.PRISMA:
        if difference.expected == "NOT NULL":
            return "a null that is read where the field is required fails with P2032"
        return "a write of null fails with P2011, null constraint"
    known = _PRISMA if declared.language is Language.PRISMA else _ENTITIES
    return known.get(aspect) or _ANY_READER.get(aspect, "what was tested is not what runs")


def _effect_of_extra_column(difference: Difference, declared: DeclaredSchema, catalog: Catalog) -> str:
    relation = catalog.by_name.get((difference.target.schema, difference.target.name))
    column = relation.column(str(difference.part)) if relation else None
    if column is not None and not column.nullable and column.default is None and column.generated is None:
        writer = "a create through Prisma" if declared.language is Language.PRISMA else "every insert of the repository"
        return f"{writer} fails: the column takes no null and has no default"
    return (
        "nothing fails; db push would drop it"
        if declared.language is Language.PRISMA
        else "nothing fails; it is not read"
    )


def _fix_advice(difference: Difference, declared: DeclaredSchema, who: str, found: tuple[str, ...]) -> str:
    """Return what brings the database to what its owner declares."""
    advice = f"apply the pending migrations of {who}; if none is pending, write one"
    if declared.language is Language.PRISMA and declared.side == who and not found:
        advice += ", as prisma migrate dev --create-only does"
    when = ", once nobody reads it" if difference.aspect is Aspect.COLUMN_EXTRA else ""
    return f"{advice}{when}: {'; '.join(found)}" if found else advice


def _fix_advice_for_reader(declared: DeclaredSchema, owner: str | None) -> str:
    """Return what brings a reader's declaration to what the owner's database holds."""
    if declared.language is Language.PRISMA:
        return "run strongroom schema prisma generate, and prisma generate; then follow the compiler"
    return f"change the entity to what {owner} has made of the table, or ask {owner} to take the change back"
