"""Generate the SQL that keeps two forms of a column in sync, row by row, and fills the new form in batches."""

from typing import Final

from strongroom.adapters.mapping.names import KEEP_VERSIONS
from strongroom.adapters.postgres.connection import SAFE_SEARCH_PATH
from strongroom.adapters.quoting import quote_identifier, quote_literal
from strongroom.domain.schema.column_change import VALUE_PLACEHOLDER, RenameOrRetype, SetNotNull, Target

BATCH_PAGES: Final = 64
"""How many pages of a table a batch takes: half a megabyte, some thousands of rows."""
MIN_PAUSE_SECONDS: Final = 0.05
MAX_PAUSE_SECONDS: Final = 2
"""In seconds: rows that somebody holds are come back for, less and less often."""
CONFLICT_MESSAGE: Final = "22023"
"""The SQLSTATE of a row that is given two values for one column: invalid_parameter_value."""


def forward_value(change: RenameOrRetype, value: str) -> str:
    """Return the SQL that makes the new form's value of the old one's."""
    return (change.forward_sql or _cast(change.type)).replace(VALUE_PLACEHOLDER, value)


def _backward_value(change: RenameOrRetype, value: str, old_type: str) -> str:
    return (change.backward_sql or _cast(old_type if change.type else None)).replace(VALUE_PLACEHOLDER, value)


def _cast(kind: str | None) -> str:
    return VALUE_PLACEHOLDER if kind is None else f"CAST({VALUE_PLACEHOLDER} AS {kind})"


def create_sync_trigger(change: RenameOrRetype, old_type: str) -> tuple[str, str]:
    """Return the statements of the function and the trigger that give every written row both forms.

    Whichever form a statement changes is right. A form that already follows from the other is left as it is, so that
    a conversion that loses something changes nothing by itself.
    """
    old, new = quote_identifier(change.column), quote_identifier(change.new)
    made, taken = forward_value(change, f"NEW.{old}"), _backward_value(change, f"NEW.{new}", old_type)
    told = quote_literal(
        f"{change.column} and {change.new} of {change.schema}.{change.table} are one value while the column changes: "
        "a statement gave them two"
    )
    body = f"""
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.{new} IS NULL THEN
            NEW.{new} := {made};
        ELSIF NEW.{new} IS DISTINCT FROM {made} THEN
            NEW.{old} := {taken};
        END IF;
    ELSIF NEW.{new} IS DISTINCT FROM OLD.{new} THEN
        IF NEW.{new} IS DISTINCT FROM {made} THEN
            IF NEW.{old} IS DISTINCT FROM OLD.{old} THEN
                RAISE EXCEPTION USING ERRCODE = '{CONFLICT_MESSAGE}', MESSAGE = {told};
            END IF;
            NEW.{old} := {taken};
        END IF;
    ELSIF NEW.{old} IS DISTINCT FROM OLD.{old} OR NEW.{new} IS NULL THEN
        NEW.{new} := {made};
    END IF;
    RETURN NEW;
END
"""
    return _function(change, body), _trigger(change)


def create_fill_trigger(change: SetNotNull) -> tuple[str, str]:
    """Return the statements of the function and the trigger that put the fill where null is written."""
    column = quote_identifier(change.column)
    body = f"""
BEGIN
    IF NEW.{column} IS NULL THEN
        NEW.{column} := {change.fill};
    END IF;
    RETURN NEW;
END
"""
    return _function(change, body), _trigger(change)


def _function(change: Target, body: str) -> str:
    name = quote_identifier(change.schema, change.function)
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path = {SAFE_SEARCH_PATH} "
        f"AS $in_step${body}$in_step$"
    )


def _trigger(change: Target) -> str:
    table = quote_identifier(change.schema, change.table)
    return (
        f"CREATE TRIGGER {quote_identifier(change.trigger)} BEFORE INSERT OR UPDATE ON {table}\n"
        f"    FOR EACH ROW EXECUTE FUNCTION {quote_identifier(change.schema, change.function)}()"
    )


def drop_sync_trigger(change: Target) -> tuple[str, str]:
    """Return the statements that take the trigger and its function away."""
    table, function = quote_identifier(change.schema, change.table), quote_identifier(change.schema, change.function)
    return f"DROP TRIGGER {quote_identifier(change.trigger)} ON {table}", f"DROP FUNCTION {function}()"


def backfill_sql(change: RenameOrRetype | SetNotNull) -> str:
    """Return the statement that fills what was written before the trigger, batch by batch, each committed.

    Batches are ranges of pages, so that no key is needed. Rows that somebody holds are left for the next round: the
    statement waits for nobody, and nobody longer than for one batch. It may be run again. Whoever runs it, each of its
    transactions has the search path of strongroom's own sessions, and leaves versions as they are, so that no copy of
    a row becomes stale by it.
    """
    if isinstance(change, SetNotNull):
        column, value = quote_identifier(change.column), change.fill
        open_rows = f"{column} IS NULL"
    else:
        column, value = quote_identifier(change.new), forward_value(change, quote_identifier(change.column))
        open_rows = f"{column} IS NULL AND ({value}) IS NOT NULL"
    table = quote_literal(quote_identifier(change.schema, change.table))
    batch = quote_literal(
        f"WITH batch AS MATERIALIZED (SELECT ctid AS in_step_ctid FROM %1$s WHERE ctid >= %2$L AND ctid < %3$L "
        f"AND {_escape_braces(open_rows)} FOR NO KEY UPDATE SKIP LOCKED) "
        f"UPDATE %1$s SET {_escape_braces(column)} = {_escape_braces(value)} FROM batch "
        "WHERE ctid = in_step_ctid"
    )
    remaining = quote_literal(f"SELECT EXISTS (SELECT FROM %s WHERE {_escape_braces(open_rows)})")
    settings = {"search_path": SAFE_SEARCH_PATH, KEEP_VERSIONS: "on"}
    safe = "".join(
        f"PERFORM pg_catalog.set_config({quote_literal(name)}, {quote_literal(value)}, true);"
        for name, value in settings.items()
    )
    return f"""DO $backfill$
DECLARE
    parts pg_catalog.regclass[];
    part pg_catalog.regclass;
    page bigint;
    pages bigint;
    round integer := 0;
    remaining boolean;
BEGIN
    {safe}
    -- a table that is not partitioned is no part of a tree
    SELECT coalesce(array_agg(relid), ARRAY[{table}::regclass]) INTO parts
        FROM pg_partition_tree({table}::regclass) WHERE isleaf;
    FOREACH part IN ARRAY parts LOOP
        LOOP
            pages := pg_relation_size(part) / current_setting('block_size')::bigint;
            page := 0;
            WHILE page <= pages LOOP
                EXECUTE format({batch}, part, format('(%s,0)', page)::tid, format('(%s,0)', page + {BATCH_PAGES})::tid);
                COMMIT;
                {safe}
                page := page + {BATCH_PAGES};
            END LOOP;
            EXECUTE format({remaining}, part) INTO remaining;
            EXIT WHEN NOT remaining;
            round := round + 1;
            PERFORM pg_sleep(least({MAX_PAUSE_SECONDS}, {MIN_PAUSE_SECONDS} * round));
        END LOOP;
    END LOOP;
END
$backfill$"""


def _escape_braces(sql: str) -> str:
    """Return SQL as a part of a template of ``format``."""
    return sql.replace("%", "%%")
