"""The three-way check: what each side declares, held against one catalog, and explained by the contract."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from strongroom.adapters.schema.postgres.ddl.fixes import fix_sql
from strongroom.adapters.schema.prisma.to_catalog.visibility import (
    IGNORED_BY_PRISMA,
    primary_key_as_index,
    visible_to_prisma,
)
from strongroom.domain.schema.catalog import Catalog, Relation
from strongroom.domain.schema.comparison import Aspect, Difference, IgnoredAspects, compare
from strongroom.domain.schema.contract import Contract, ContractSide, Language
from strongroom.domain.schema.findings import DeclaredSchema, Finding, explain, misnamed, ownership_finding
from strongroom.domain.schema.name_spaces import name_conflicts
from strongroom.domain.schema.transition import project_onto

from .sources import ScratchServer, SourceInvalid, read_entity_schema, read_prisma_schema

_IGNORED_BY_ENTITIES: Final[IgnoredAspects] = frozenset({Aspect.DEFINITION})
OWN_TABLES: Final = frozenset({"strongroom_view_refresh"})
"""Storage's own tables, which no entity declares."""


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


async def read_declarations(contract: Contract, base: Path, scratch: ScratchServer) -> list[Declaration]:
    """Return what the sides' languages declare. Raises PrismaSchemaError, StorageUnavailable.

    Raises SourceInvalid for models in a schema that no side of the contract lives in: nobody would look at them.
    """
    found = []
    for side in contract.sides:
        if side.language is Language.PRISMA and side.migrations is not None:
            path = find_prisma_schema(base / side.migrations)
            truth = DeclaredSchema(
                str(path.relative_to(base)) if path.is_relative_to(base) else str(path), side.name, side.language
            )
            catalog = await read_prisma_schema(path, scratch, side.schemas[0])
            _require_known_schemas(contract, truth, catalog)
            found.append(Declaration(truth, catalog))
        elif side.language is Language.STRONGROOM:
            truth = DeclaredSchema("the entities", side.name, side.language)
            found.append(Declaration(truth, await read_entity_schema(scratch, side.schemas[0])))
    return found


def _require_known_schemas(contract: Contract, declared: DeclaredSchema, catalog: Catalog) -> None:
    named = {part.schema for part in catalog.relations} | {part.schema for part in catalog.enums}
    unknown = sorted(named.difference(contract.schemas))
    if unknown:
        listed = ", ".join(f'"{name}"' for name in sorted(named))
        message = (
            f"{declared.name} declares models in {', '.join(unknown)}, where no side of the contract lives: "
            f"write schemas = [{listed}] under [sides.{declared.side}]"
        )
        raise SourceInvalid(message)


def find_prisma_schema(folder: Path) -> Path:
    """Return where the schema.prisma of a migrations folder lies: in it, beside it, or the folder itself."""
    for candidate in (
        folder / "schema.prisma",
        folder / "schema",
        folder.parent / "schema.prisma",
        folder.parent / "schema",
    ):
        if candidate.exists():
            return candidate
    return folder


def check_contract(
    contract: Contract, found: Catalog, declared: Iterable[Declaration], *, today: date, baseline: dict[str, str]
) -> CheckResult:
    """Hold a database's catalog against the contract and all that the sides declare.

    ``baseline`` holds accepted findings by their key, each with its reason.
    """
    under_way = [change for change in contract.changes if today <= change.expires]
    conflicts = name_conflicts(contract, found.objects)
    misnamed_objects = {conflict.target for conflict in conflicts}
    findings = [misnamed(conflict) for conflict in conflicts]
    findings += [
        ownership_finding(one.target, one.owners)
        for one in contract.ownership_findings(found.objects)
        if one.target not in misnamed_objects
    ]
    not_checked = []
    for one in declared:
        findings += _compare_declaration(contract, project_onto(found, one.catalog, under_way), one)
        not_checked += _describe_not_compared(found, one)
    kept, accepted = [], []
    for finding in findings:
        reason = _acceptance_reason(contract, finding, today) or baseline.get(finding.key)
        if reason is None:
            kept.append(finding)
        else:
            accepted.append((finding, reason))
    not_checked += [
        f"{side.name}: its migrations up to {side.dump_through}: {side.dump} stands for them"
        for side in contract.sides
        if side.dump_through is not None
    ]
    known = {finding.key for finding in findings}
    warnings = [f"the baseline accepts what is no longer there: {key}" for key in sorted(baseline.keys() - known)]
    warnings += [
        f"the contract's exception for {one.pattern} ({one.reason}) expired on {one.expires}"
        for one in contract.expired(today)
    ]
    warnings += [
        f"the change of {one} was to be over by {one.expires}: strongroom schema expand-contract {one.kind.value} "
        "--phase contract ends it"
        for one in contract.changes
        if one.expires < today
    ]
    warnings += [
        text
        for one in declared
        if one.declared_schema.language is Language.PRISMA
        for text in _client_warnings(found, one)
    ]
    return CheckResult(
        findings=tuple(kept),
        accepted=tuple(accepted),
        warnings=tuple(warnings),
        not_checked=tuple(dict.fromkeys(not_checked)),
        object_count=len(found.objects),
    )


def _compare_declaration(contract: Contract, found: Catalog, one: Declaration) -> list[Finding]:
    """Compare what a truth declares, and what its side owns beside; what it leaves out of others' is its choice."""
    side = contract.side(one.declared_schema.side)
    expected = one.catalog
    visible = (
        visible_to_prisma(found, expected)
        if one.declared_schema.language is Language.PRISMA
        else evolve(found, functions=())
    )
    visible = _relevant_part(contract, side, visible, expected)
    blind = IGNORED_BY_PRISMA if one.declared_schema.language is Language.PRISMA else _IGNORED_BY_ENTITIES
    if len(contract.sides) == 1:
        blind |= {Aspect.LABEL_ORDER}  # Prisma's own migrations put every new label at the end, and nobody else asks
    differences = compare(expected, visible, ignored=blind)
    write_fix = partial(fix_sql, expected=expected, found=found)
    return [
        explain(difference, one.declared_schema, contract.owner_of(difference.target), found, write_fix)
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
