"""Compare what each side declares with one catalog, and explain every difference by the contract."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from typing import Final, Protocol

from attrs import evolve, frozen

from .catalog import Catalog, Relation
from .comparison import Aspect, Difference, compare
from .contract import Contract, ContractSide, Language
from .findings import DeclaredSchema, Finding, explain, misnamed, ownership_finding
from .name_spaces import name_conflicts
from .transition import project_onto
from .visibility import IGNORED_BY, primary_key_as_index, visible_to_prisma

OWN_TABLES: Final = frozenset({"strongroom_view_refresh"})
"""Storage's own tables, which no entity declares."""


class FixWriter(Protocol):
    """Writes the statements that resolve a difference; none if SQL alone cannot."""

    def __call__(self, difference: Difference, *, expected: Catalog, found: Catalog) -> tuple[str, ...]:
        """Return the statements, in their order, that bring ``found`` to ``expected``."""
        ...


@frozen(kw_only=True)
class CheckResult:
    """What a check found, accepted, and could not see."""

    findings: tuple[Finding, ...]
    accepted: tuple[tuple[Finding, str], ...]
    """Findings that the contract or the baseline accepts, each with the reason."""
    warnings: tuple[str, ...]
    not_checked: tuple[str, ...]
    object_count: int
    """How many objects were looked at."""


@frozen
class Declaration:
    """A side's declarations: what they are called, and what they say."""

    declared_schema: DeclaredSchema
    catalog: Catalog


def check_contract(  # noqa: PLR0913 - what is compared, and what accepts or fixes it
    contract: Contract,
    found: Catalog,
    declared: Iterable[Declaration],
    *,
    today: date,
    baseline: Mapping[str, str],
    write_fix: FixWriter | None = None,
) -> CheckResult:
    """Compare a database's catalog with the contract and with everything that the sides declare.

    ``baseline`` holds accepted findings by their key, each with its reason. Without ``write_fix`` findings have no
    statements.
    """
    declared = list(declared)
    under_way = [change for change in contract.changes if today <= change.expires]
    findings = _ownership_findings(contract, found)
    not_checked = []
    for one in declared:
        findings += _compare_declaration(contract, project_onto(found, one.catalog, under_way), one, write_fix)
        not_checked += _describe_not_compared(found, one)
    not_checked += [
        f"{side.name}: its migrations up to {side.dump_through}: {side.dump} stands for them"
        for side in contract.sides
        if side.dump_through is not None
    ]
    kept, accepted = [], []
    for finding in findings:
        reason = _acceptance_reason(contract, finding, today) or baseline.get(finding.key)
        if reason is None:
            kept.append(finding)
        else:
            accepted.append((finding, reason))
    prisma = [one for one in declared if one.declared_schema.language is Language.PRISMA]
    return CheckResult(
        findings=tuple(kept),
        accepted=tuple(accepted),
        warnings=(
            *_expiry_warnings(contract, baseline.keys() - {finding.key for finding in findings}, today),
            *(text for one in prisma for text in _client_warnings(found, one)),
        ),
        not_checked=tuple(dict.fromkeys(not_checked)),
        object_count=len(found.objects),
    )


def _ownership_findings(contract: Contract, found: Catalog) -> list[Finding]:
    """Return the findings on objects that have the name of another side's, or not exactly one owner."""
    conflicts = name_conflicts(contract, found.objects)
    misnamed_objects = {conflict.target for conflict in conflicts}
    unowned = (one for one in contract.ownership_findings(found.objects) if one.target not in misnamed_objects)
    return [*map(misnamed, conflicts), *(ownership_finding(one.target, one.owners) for one in unowned)]


def _expiry_warnings(contract: Contract, unknown: Iterable[str], today: date) -> list[str]:
    """Return what the baseline and the contract say that holds no longer."""
    return [
        *(f"the baseline accepts what is no longer there: {key}" for key in sorted(unknown)),
        *(
            f"the contract's exception for {one.pattern} ({one.reason}) expired on {one.expires}"
            for one in contract.expired(today)
        ),
        *(
            f"the change of {one} was to be over by {one.expires}: strongroom schema expand-contract {one.kind.value} "
            "--phase contract ends it"
            for one in contract.changes
            if one.expires < today
        ),
    ]


def _compare_declaration(
    contract: Contract, found: Catalog, one: Declaration, write_fix: FixWriter | None
) -> list[Finding]:
    """Compare what a side declares and what it owns; what it leaves out of others' objects is its choice."""
    side = contract.side(one.declared_schema.side)
    expected = one.catalog
    visible = (
        visible_to_prisma(found, expected)
        if one.declared_schema.language is Language.PRISMA
        else evolve(found, functions=())
    )
    visible = _relevant_part(contract, side, visible, expected)
    ignored = IGNORED_BY[one.declared_schema.language]
    if len(contract.sides) == 1:
        ignored |= {Aspect.LABEL_ORDER}  # Prisma's own migrations put every new label at the end, and nobody else asks
    differences = compare(expected, visible, ignored=ignored)
    fixes = None if write_fix is None else partial(write_fix, expected=expected, found=found)
    return [
        explain(difference, one.declared_schema, contract.owner_of(difference.target), found, fixes)
        for difference in differences
        if not _is_view(difference, found)
    ]


def _relevant_part(contract: Contract, side: ContractSide, found: Catalog, expected: Catalog) -> Catalog:
    names = {*expected.by_name, *expected.enums_by_name}

    def concerns(part: object) -> bool:
        schema, name = part.schema, part.name  # type: ignore[attr-defined]
        own = contract.owner_of(part.object) == side.name  # type: ignore[attr-defined]
        return (schema, name) in names or (own and name not in OWN_TABLES)

    return Catalog(
        relations=tuple(part for part in found.relations if concerns(part)),
        enums=tuple(part for part in found.enums if concerns(part)),
        types=tuple(part for part in found.types if concerns(part)) if expected.types else (),
    )


def _is_view(difference: Difference, found: Catalog) -> bool:
    """Say whether Prisma's own view stands for it: Prisma never makes views, so that none is missing or extra."""
    relation = found.by_name.get((difference.target.schema, difference.target.name))
    return relation is not None and not relation.is_table and difference.aspect is Aspect.EXTRA


def _acceptance_reason(contract: Contract, finding: Finding, today: date) -> str | None:
    for exception in contract.exceptions:
        if exception.accepts(finding.target, finding.rule, today):
            return exception.reason
    return None


def _describe_not_compared(found: Catalog, one: Declaration) -> list[str]:
    """Return what was not compared, with numbers."""
    if one.declared_schema.language is not Language.PRISMA:
        return [f"{one.declared_schema.name}: what views and functions compute"]
    visible = visible_to_prisma(found, one.catalog).by_name
    relations = [part for key, part in found.by_name.items() if key in one.catalog.by_name]
    checks = sum(len(part.checks) for part in relations)
    indexes = sum(len(part.indexes) - len(visible[part.schema, part.name].indexes) for part in relations)
    partitioned = sum(part.partition_key is not None for part in relations)
    said = [
        f"{checks} checks, {indexes} partial or expression indexes, {partitioned} partitionings: not Prisma's to say"
    ]
    unmodelled = len(found.relations) - len(relations)
    if unmodelled:
        said.append(f"{unmodelled} tables and views that it has no model of")
    return [f"{one.declared_schema.name}: {text}" for text in said]


def _client_warnings(found: Catalog, one: Declaration) -> list[str]:
    """Return where Prisma's client cannot carry what a key or an order holds, and what newer engines make anew."""
    relations = [found.by_name[key] for key in one.catalog.by_name if key in found.by_name]
    warnings = []
    for relation in relations:
        former = primary_key_as_index(relation, one.catalog.by_name[relation.schema, relation.name])
        if former is not None:
            warnings.append(
                f"{relation.object}: the unique index {former.name} is what Prisma up to 5 made of a relation of two "
                "lists; since 6 migrate dev puts a primary key in its place"
            )
        times = _columns_ordered_by(relation, "timestamp with")
        if times:
            warnings.append(
                f"{relation.object}: {', '.join(times)} hold microseconds, which Prisma's client cuts to milliseconds: "
                "a cursor or an equality on them misses rows"
            )
    whole = [(relation.name, _columns_ordered_by(relation, "bigint")) for relation in relations if relation.is_table]
    if any(names for _, names in whole):
        told = ", ".join(f"{table} ({', '.join(names)})" for table, names in whole if names)
        warnings.append(
            "BigInt in keys and orders, which JSON.stringify refuses: write a cursor of an API as text. "
            f"It concerns {told}"
        )
    return warnings


def _columns_ordered_by(relation: Relation, kind: str) -> list[str]:
    """Return the columns of a type that rows are found or ordered by."""
    used = {name for names in relation.unique_keys for name in names}
    used |= {str(part.column) for index in relation.indexes for part in index.parts if part.column}
    return sorted(column.name for column in relation.columns if column.name in used and column.type.startswith(kind))
