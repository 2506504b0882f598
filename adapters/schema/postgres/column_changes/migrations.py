"""The migrations of a change of a column: what begins it, and what ends it."""

from strongroom.adapters.quoting import quote_identifier, quote_literal
from strongroom.domain.schema.change_context import ChangeContext, Dependent
from strongroom.domain.schema.column_change import (
    ColumnChange,
    ColumnChangeRefused,
    DropColumn,
    Phase,
    RenameOrRetype,
    SetNotNull,
    Step,
    Target,
    truncate_name,
)

from .sync_trigger import backfill_sql, create_fill_trigger, create_sync_trigger, drop_sync_trigger


def migration_steps(change: ColumnChange, read: ChangeContext, phase: Phase) -> list[Step]:
    """Return the migrations of one end of a change, in their order."""
    if isinstance(change, RenameOrRetype):
        return (
            _expand_rename_or_retype(change, read)
            if phase is Phase.EXPAND
            else [_contract_rename_or_retype(change, read)]
        )
    if isinstance(change, SetNotNull):
        return _expand_set_not_null(change) if phase is Phase.EXPAND else [_contract_set_not_null(change)]
    return _expand_drop_column(change, read) if phase is Phase.EXPAND else [_contract_drop_column(change)]


def _table(change: Target) -> str:
    return f"ALTER TABLE {quote_identifier(change.schema, change.table)}"


def _name_words(change: Target) -> str:
    new = f"_to_{change.new}" if isinstance(change, RenameOrRetype) else ""
    return f"{change.table}_{change.column}{new}"


def _expand_rename_or_retype(change: RenameOrRetype, read: ChangeContext) -> list[Step]:
    words, alter, new = _name_words(change), _table(change), quote_identifier(change.new)
    table = quote_identifier(change.schema, change.table)
    goal = read.target_state or read.column
    collation = f" COLLATE {goal.collation}" if goal.collation else ""
    begin = [f"{alter} ADD COLUMN {new} {goal.type}{collation}"]
    if goal.comment:
        begin.append(f"COMMENT ON COLUMN {table}.{new} IS {quote_literal(goal.comment)}")
    for role, privilege, further in read.grants:
        begin.append(f"GRANT {privilege} ({new}) ON {table} TO {role}{' WITH GRANT OPTION' * further}")
    begin += create_sync_trigger(change, read.column.type)
    later: list[str] = []
    for part in (part for part in read.dependents if part.kind in ("check", "foreign key")):
        whole = read.partitioned and part.kind == "foreign key"
        begin.append(f"{alter} ADD CONSTRAINT {quote_identifier(part.step)} {_add_unvalidated(part, whole=whole)}")
        if part.validated and not whole:
            later.append(f"{alter} VALIDATE CONSTRAINT {quote_identifier(part.step)}")
    if not goal.nullable:
        check = quote_identifier(change.not_null_check)
        begin.append(f"{alter} ADD CONSTRAINT {check} CHECK ({new} IS NOT NULL) NOT VALID")
        later += _set_not_null(change, change.new)
    made = [
        Step(
            name=f"expand_{words}",
            purpose=f"{change.column} is {change.new} too: a trigger keeps both in step, whichever is written.",
            statements=tuple(begin),
        ),
        Step(
            name=f"backfill_{words}",
            purpose="Fills the rows that were written before, in batches; it may be run again.",
            statements=(backfill_sql(change),),
            in_transaction=False,
        ),
    ]
    made += _indexes(read)
    unique = [part for part in read.dependents if part.kind == "unique"]
    later += [
        f"{alter} ADD CONSTRAINT {quote_identifier(part.step)} {_comment_on_index(part, read)}" for part in unique
    ]
    if later:
        made.append(
            Step(
                name=f"validate_{words}",
                purpose=f"{change.new} has all constraints that {change.column} has.",
                statements=tuple(later),
            )
        )
    return made


def _add_unvalidated(part: Dependent, *, whole: bool) -> str:
    return part.definition if whole or part.definition.endswith(" NOT VALID") else f"{part.definition} NOT VALID"


def _set_not_null(change: Target, column: str) -> list[str]:
    """Return the statements that make a column NOT NULL without a scan under a lock: a valid check proves it."""
    alter, check = _table(change), quote_identifier(change.not_null_check)
    return [
        f"{alter} VALIDATE CONSTRAINT {check}",
        f"{alter} ALTER COLUMN {quote_identifier(column)} SET NOT NULL",
        f"{alter} DROP CONSTRAINT {check}",
    ]


def _indexes(read: ChangeContext) -> list[Step]:
    """Return a migration for each index: what runs outside a transaction runs alone, for whichever migrator."""
    made = []
    for part in read.dependents:
        definition = part.index if part.kind == "unique" else part.definition if part.kind == "index" else None
        if definition is None or (read.partitioned and part.kind == "unique"):
            continue
        if read.partitioned:
            statement, how = definition.replace(" ON ONLY ", " ON ", 1), "A partitioned table's index blocks writers."
        else:
            statement = definition.replace("INDEX ", "INDEX CONCURRENTLY IF NOT EXISTS ", 1)
            how = "It blocks nobody; if it fails, drop what it left and run it again."
        made.append(
            Step(
                name=truncate_name(f"index_{part.step}"),
                purpose=f"The counterpart of {part.name}. {how}",
                statements=(statement,),
                in_transaction=read.partitioned,
            )
        )
    return made


def _comment_on_index(part: Dependent, read: ChangeContext) -> str:
    if read.partitioned:
        return part.definition
    _, _, rest = part.definition.rpartition(")")
    return f"UNIQUE USING INDEX {quote_identifier(part.step)}{rest}"


def _contract_rename_or_retype(change: RenameOrRetype, read: ChangeContext) -> Step:
    alter, new = _table(change), quote_identifier(change.new)
    end = [
        f"CREATE OR REPLACE VIEW {quote_identifier(view.schema, view.name)} AS{view.definition}" for view in read.views
    ]
    end += drop_sync_trigger(change)
    if read.target_state and read.target_state.default is not None:
        end.append(f"{alter} ALTER COLUMN {new} SET DEFAULT {read.target_state.default}")
    end.append(f"{alter} DROP COLUMN {quote_identifier(change.column)}")
    for part in read.dependents:
        if part.step == part.final_name:
            continue
        if part.kind == "index":
            index = quote_identifier(change.schema, part.step)
            end.append(f"ALTER INDEX {index} RENAME TO {quote_identifier(part.final_name)}")
        else:
            end.append(
                f"{alter} RENAME CONSTRAINT {quote_identifier(part.step)} TO {quote_identifier(part.final_name)}"
            )
    return Step(
        name=f"contract_{_name_words(change)}",
        purpose=f"Nobody knows {change.column} any more: it goes, and {change.new} stays.",
        statements=tuple(end),
    )


def _expand_set_not_null(change: SetNotNull) -> list[Step]:
    words, alter, column = _name_words(change), _table(change), quote_identifier(change.column)
    check = quote_identifier(change.not_null_check)
    return [
        Step(
            name=f"expand_{words}_not_null",
            purpose=f"No null gets into {change.column} any more: a trigger fills it, whoever writes one.",
            statements=(
                *create_fill_trigger(change),
                f"{alter} ADD CONSTRAINT {check} CHECK ({column} IS NOT NULL) NOT VALID",
            ),
        ),
        Step(
            name=f"backfill_{words}_not_null",
            purpose="Fills the rows that have null, in batches; it may be run again.",
            statements=(backfill_sql(change),),
            in_transaction=False,
        ),
        Step(
            name=f"validate_{words}_not_null",
            purpose="No row has null.",
            statements=(f"{alter} VALIDATE CONSTRAINT {check}",),
        ),
    ]


def _contract_set_not_null(change: SetNotNull) -> Step:
    return Step(
        name=f"contract_{_name_words(change)}_not_null",
        purpose="Nobody writes null any more: the column refuses it.",
        statements=(*drop_sync_trigger(change), *_set_not_null(change, change.column)[1:]),
    )


def _expand_drop_column(change: DropColumn, read: ChangeContext) -> list[Step]:
    if change.fill is None:
        if not read.column.nullable and read.column.default is None:
            message = (
                f"{change} takes no null and has no default: rows that are written without it need a value that those "
                "find who still read it. Give one by --fill"
            )
            raise ColumnChangeRefused(message)
        return []
    return [
        Step(
            name=f"expand_{_name_words(change)}",
            purpose=f"Rows are written without {change.column} from here on; whoever still reads it finds a value.",
            statements=(f"{_table(change)} ALTER COLUMN {quote_identifier(change.column)} SET DEFAULT {change.fill}",),
        )
    ]


def _contract_drop_column(change: DropColumn) -> Step:
    return Step(
        name=f"contract_{_name_words(change)}",
        purpose=f"Nobody knows {change.column} any more: it goes.",
        statements=(f"{_table(change)} DROP COLUMN {quote_identifier(change.column)}",),
    )
