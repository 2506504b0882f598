"""Judge what a change does to each side that declares what it touches."""

from collections.abc import Container, Iterable

from .catalog import Catalog
from .check import Declaration
from .comparison import COMPARE_ALL, Aspect, Difference, compare
from .contract import Contract, Language, SchemaObject
from .findings import explain
from .impact import UNDECLARED, ReaderImpact, Verdict, verdict
from .transition import project_onto
from .visibility import IGNORED_BY_PRISMA, visible_to_prisma


def reader_impacts(
    contract: Contract, readers: Iterable[Declaration], before: Catalog, after: Catalog
) -> list[ReaderImpact]:
    """Return what a change does to each reader: the differences from its declarations that it makes."""
    found = []
    for one in readers:
        was, becomes = (project_onto(state, one.catalog, contract.changes) for state in (before, after))
        known = set(_differences(one, was))
        absent = {difference.target for difference in known if difference.aspect is Aspect.MISSING}
        new = [difference for difference in _differences(one, becomes) if difference not in known]
        told = {(difference.target, difference.aspect, difference.part) for difference in new}
        for difference in (*new, *_undeclared_changes(one, was, becomes, told)):
            if difference.target in absent:
                continue  # it was so before, or worse
            when = verdict(difference, after)
            why = explain(difference, one.declared_schema, None, after)
            text = f"{difference}: {why.breaks}" if when is not Verdict.NEVER else f"{difference}"
            found.append(ReaderImpact(one.declared_schema.side, one.declared_schema.name, when, text))
    return found


def _undeclared_changes(
    one: Declaration, before: Catalog, after: Catalog, told: Container[tuple[SchemaObject, Aspect, str | None]]
) -> list[Difference]:
    """Return what comes to the tables that a reader declares and that its language has no words for."""
    return [
        change
        for change in compare(before, after)
        if change.aspect in UNDECLARED
        and change.found not in (None, "false")
        and (change.target.schema, change.target.name) in one.catalog.by_name
        and (change.target, change.aspect, change.part) not in told
    ]


def _differences(one: Declaration, found: Catalog) -> list[Difference]:
    prisma = one.declared_schema.language is Language.PRISMA
    visible = visible_to_prisma(found, one.catalog) if prisma else found
    names, enums = one.catalog.by_name, one.catalog.enums_by_name
    known = Catalog(
        relations=tuple(part for part in visible.relations if (part.schema, part.name) in names),
        enums=tuple(part for part in visible.enums if (part.schema, part.name) in enums),
    )
    ignored = IGNORED_BY_PRISMA if prisma else COMPARE_ALL
    expected = Catalog(relations=one.catalog.relations, enums=one.catalog.enums)
    return compare(expected, known, ignored=ignored)
