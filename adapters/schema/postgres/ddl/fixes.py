"""Generate the SQL that resolves a difference, if SQL alone can."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from strongroom.adapters.quoting import quote_identifier, quote_literal
from strongroom.domain.schema.catalog import Catalog, Relation, find
from strongroom.domain.schema.comparison import Aspect, Difference

from .definitions import (
    check_sql,
    column_sql,
    foreign_key_sql,
    index_sql,
    primary_key_sql,
    type_sql,
)


def fix_sql(difference: Difference, expected: Catalog, found: Catalog) -> tuple[str, ...]:
    """Return what makes the database as expected, in its order; nothing where it takes data, or a person.

    In the order of ``compare`` they do so together: columns come before what stands on them.
    """
    target = difference.target.schema, difference.target.name
    if difference.aspect is Aspect.LABEL_MISSING:
        return tuple(_label(difference, expected, found))
    mine, theirs = expected.by_name.get(target), found.by_name.get(target)
    make = _FIXES.get(difference.aspect)
    if make is None or mine is None or theirs is None:
        return ()
    return tuple(make(difference, mine, theirs))


def _table(relation: Relation) -> str:
    return f"ALTER TABLE {quote_identifier(relation.schema, relation.name)}"


def _columns(difference: Difference, mine: Relation, theirs: Relation) -> Iterator[str]:  # noqa: C901 - one each
    part, table = str(difference.part), _table(theirs)
    wanted, there = mine.column(part), theirs.column(part)
    match difference.aspect:
        case Aspect.COLUMN_MISSING if wanted is not None:
            yield f"{table} ADD COLUMN {column_sql(wanted)}"
        case Aspect.COLUMN_EXTRA:
            yield f"{table} DROP COLUMN {quote_identifier(part)}"
        case Aspect.COLUMN_RENAMED:
            yield f"{table} RENAME COLUMN {quote_identifier(str(difference.found))} TO {quote_identifier(part)}"
        case Aspect.NULLABILITY:
            word = "SET" if difference.expected == "NOT NULL" else "DROP"
            yield f"{table} ALTER COLUMN {quote_identifier(part)} {word} NOT NULL"
        case Aspect.DEFAULT:
            word = f"SET DEFAULT {difference.expected}" if difference.expected else "DROP DEFAULT"
            yield f"{table} ALTER COLUMN {quote_identifier(part)} {word}"
        case Aspect.GENERATED if difference.expected is None:
            yield f"{table} ALTER COLUMN {quote_identifier(part)} DROP EXPRESSION"
        case Aspect.GENERATED if wanted is not None:
            yield f"{table} DROP COLUMN {quote_identifier(part)}, ADD COLUMN {column_sql(wanted)}"
        case Aspect.IDENTITY:
            if difference.expected is None:
                word = "DROP IDENTITY"
            else:
                word = f"{'SET' if difference.found else 'ADD'} GENERATED {difference.expected.upper()}"
                word += " AS IDENTITY" * (difference.found is None)
            yield f"{table} ALTER COLUMN {quote_identifier(part)} {word}"
        case Aspect.TYPE | Aspect.COLLATION if wanted is not None and there is not None:
            name, spelled = quote_identifier(part), type_sql(wanted)
            if difference.aspect is Aspect.COLLATION and wanted.collation is None:
                spelled += ' COLLATE "default"'
            actions = [f"ALTER COLUMN {name} DROP DEFAULT"] * (there.default is not None)
            actions.append(f"ALTER COLUMN {name} TYPE {spelled} USING {name}::{wanted.type}")
            actions += [f"ALTER COLUMN {name} SET DEFAULT {wanted.default}"] * (wanted.default is not None)
            yield f"{table} {', '.join(actions)}"


def _primary_key(_difference: Difference, mine: Relation, theirs: Relation) -> Iterator[str]:
    if theirs.primary_key is not None:
        yield f"{_table(theirs)} DROP CONSTRAINT {quote_identifier(theirs.primary_key.name)}"
    if mine.primary_key is not None:
        yield f"{_table(theirs)} ADD {primary_key_sql(mine.primary_key)}"


def _name(difference: Difference, mine: Relation, theirs: Relation) -> Iterator[str]:
    before, after = str(difference.found), quote_identifier(str(difference.expected))
    if find(mine.foreign_keys, str(difference.expected)) is not None:
        yield f"{_table(theirs)} RENAME CONSTRAINT {quote_identifier(before)} TO {after}"
    else:
        yield f"ALTER INDEX {quote_identifier(theirs.schema, before)} RENAME TO {after}"


def _index(difference: Difference, mine: Relation, theirs: Relation) -> Iterator[str]:
    wanted, there = find(mine.indexes, str(difference.part)), find(theirs.indexes, str(difference.part))
    if there is not None and there.constraint:
        yield f"{_table(theirs)} DROP CONSTRAINT {quote_identifier(there.name)}"
    elif there is not None:
        concurrently = "CONCURRENTLY " * (theirs.partition_key is None)
        yield f"DROP INDEX {concurrently}{quote_identifier(theirs.schema, there.name)}"
    if wanted is not None:
        yield index_sql(theirs, wanted)


def _foreign_key(difference: Difference, mine: Relation, theirs: Relation) -> Iterable[str]:
    wanted, there = find(mine.foreign_keys, str(difference.part)), find(theirs.foreign_keys, str(difference.part))
    added = foreign_key_sql(wanted) if wanted else None
    return _add_constraint(
        theirs, difference, added, validated=wanted is None or wanted.validated, is_there=there is not None
    )


def _check(difference: Difference, mine: Relation, theirs: Relation) -> Iterable[str]:
    wanted, there = find(mine.checks, str(difference.part)), find(theirs.checks, str(difference.part))
    added = check_sql(wanted) if wanted else None
    return _add_constraint(
        theirs, difference, added, validated=wanted is None or wanted.validated, is_there=there is not None
    )


def _add_constraint(
    relation: Relation, difference: Difference, added: str | None, *, validated: bool, is_there: bool
) -> Iterator[str]:
    """Yield what makes a constraint; rows are looked at afterwards, under a lock that blocks nobody."""
    table, name = _table(relation), quote_identifier(str(difference.part))
    if difference.found == f"{difference.expected} NOT VALID":
        yield f"{table} VALIDATE CONSTRAINT {name}"
        return
    if is_there:
        yield f"{table} DROP CONSTRAINT {name}"
    if added is None:
        return
    if relation.partition_key is not None and validated:
        yield f"{table} ADD {added}"
        return
    yield f"{table} ADD {added} NOT VALID"
    if validated:
        yield f"{table} VALIDATE CONSTRAINT {name}"


def _exclusion(difference: Difference, mine: Relation, theirs: Relation) -> Iterator[str]:
    name, wanted = quote_identifier(str(difference.part)), find(mine.exclusions, str(difference.part))
    if difference.found is not None:
        yield f"{_table(theirs)} DROP CONSTRAINT {name}"
    if wanted is not None:
        yield f"{_table(theirs)} ADD CONSTRAINT {name} {wanted.definition}"


def _trigger(difference: Difference, mine: Relation, theirs: Relation) -> Iterator[str]:
    name, table = quote_identifier(str(difference.part)), quote_identifier(theirs.schema, theirs.name)
    wanted, there = find(mine.triggers, str(difference.part)), find(theirs.triggers, str(difference.part))
    if wanted is None or there is None or wanted.definition != there.definition:
        if there is not None:
            yield f"DROP TRIGGER {name} ON {table}"
        if wanted is None:
            return
        made, enabled, how = wanted.definition.partition(" ENABLED ")
        yield made
        if enabled:
            yield f"{_table(theirs)} ENABLE {how} TRIGGER {name}"
        if wanted.enabled:
            return
    yield f"{_table(theirs)} {'ENABLE' if wanted.enabled else 'DISABLE'} TRIGGER {name}"


def _policy(difference: Difference, _mine: Relation, theirs: Relation) -> Iterator[str]:
    name = f"POLICY {quote_identifier(str(difference.part))} ON {quote_identifier(theirs.schema, theirs.name)}"
    if difference.found is not None:
        yield f"DROP {name}"
    if difference.expected is not None:
        yield f"CREATE {name} {difference.expected}"


def _rule(difference: Difference, _mine: Relation, theirs: Relation) -> Iterator[str]:
    if difference.found is not None:
        yield f"DROP RULE {quote_identifier(str(difference.part))} ON {quote_identifier(theirs.schema, theirs.name)}"
    if difference.expected is not None:
        yield difference.expected.rstrip(";")


def _row_security(_difference: Difference, mine: Relation, theirs: Relation) -> Iterator[str]:
    if mine.row_security != theirs.row_security:
        yield f"{_table(theirs)} {'ENABLE' if mine.row_security else 'DISABLE'} ROW LEVEL SECURITY"
    if mine.forces_row_security != theirs.forces_row_security:
        yield f"{_table(theirs)} {'FORCE' if mine.forces_row_security else 'NO FORCE'} ROW LEVEL SECURITY"


def _kind(_difference: Difference, mine: Relation, theirs: Relation) -> Iterator[str]:
    if mine.kind is theirs.kind:
        yield f"{_table(theirs)} SET {'UNLOGGED' if mine.unlogged else 'LOGGED'}"


def _label(difference: Difference, expected: Catalog, found: Catalog) -> Iterator[str]:
    """Yield what brings a label back at its place: by its name where exactly one other stands there."""
    key = difference.target.schema, difference.target.name
    label, mine, theirs = str(difference.part), expected.enums_by_name[key].labels, found.enums_by_name[key].labels
    type_, place = f"ALTER TYPE {quote_identifier(*key)}", mine.index(label)
    others = [one for one in theirs if one not in mine]
    if len(others) == 1 and len(mine) == len(theirs) and theirs.index(others[0]) == place:
        yield f"{type_} RENAME VALUE {quote_literal(others[0])} TO {quote_literal(label)}"
        return
    # The ones before it are there by then: they have been told before it.
    where = (
        f" AFTER {quote_literal(mine[place - 1])}" if place else f" BEFORE {quote_literal(theirs[0])}" if theirs else ""
    )
    yield f"{type_} ADD VALUE {quote_literal(label)}{where}"


_FIXES: Final[Mapping[Aspect, Callable[[Difference, Relation, Relation], Iterable[str]]]] = {
    **dict.fromkeys(
        (
            Aspect.COLUMN_MISSING,
            Aspect.COLUMN_EXTRA,
            Aspect.COLUMN_RENAMED,
            Aspect.TYPE,
            Aspect.NULLABILITY,
            Aspect.DEFAULT,
            Aspect.GENERATED,
            Aspect.IDENTITY,
            Aspect.COLLATION,
        ),
        _columns,
    ),
    **dict.fromkeys(
        (Aspect.INDEX, Aspect.INDEX_MISSING, Aspect.INDEX_EXTRA, Aspect.UNIQUE_MISSING, Aspect.UNIQUE_EXTRA), _index
    ),
    **dict.fromkeys((Aspect.FOREIGN_KEY, Aspect.FOREIGN_KEY_MISSING, Aspect.FOREIGN_KEY_EXTRA), _foreign_key),
    Aspect.PRIMARY_KEY: _primary_key,
    Aspect.NAME: _name,
    Aspect.CHECK: _check,
    Aspect.EXCLUSION: _exclusion,
    Aspect.TRIGGER: _trigger,
    Aspect.POLICY: _policy,
    Aspect.RULE: _rule,
    Aspect.ROW_SECURITY: _row_security,
    Aspect.KIND: _kind,
}
