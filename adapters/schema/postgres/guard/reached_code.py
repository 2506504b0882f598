"""Code of one side that a referential action would run in the sessions of another.

ON DELETE CASCADE and its kin write a table when a row of another table goes. PostgreSQL runs such a statement as the
owner of the table that it writes. Before PostgreSQL 18 it runs AFTER triggers, and what rules add, with the rights of
whoever deleted the row. Everything else there can leave a deferred trigger or a cursor WITH HOLD behind, and those
run with the same rights when the transaction ends.
"""

from typing import Final

from strongroom.domain.schema.contract import Contract

from .guard_function import GuardFunction
from .protection import Connection, Deviation

# Whatever this transaction wrote is no older than what its age is counted from.
_FRESH: Final = "pg_catalog.age({}.xmin) <= 0"
_OWN_CODE: Final = """
    EXISTS (SELECT FROM pg_catalog.pg_depend AS used
            WHERE used.classid = {class_id} AND used.objid = {object_id} AND used.refobjid >= 16384
              AND used.refclassid IN ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass)
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS of_extension
                              WHERE of_extension.classid = used.refclassid AND of_extension.objid = used.refobjid
                                AND of_extension.deptype = 'e'))
"""
"""Whether an expression calls a function or an operator that is neither PostgreSQL's nor an extension's."""

_EDGES: Final = f"""
    SELECT conrelid AS child, confrelid AS parent, confkey AS keys, confupdtype = ANY ('{{c,n,d}}') AS on_update,
           CASE WHEN confdeltype = 'c' THEN 'delete' WHEN confdeltype IN ('n', 'd') THEN 'update' END AS on_delete,
           conkey AS columns, coalesce(confdelsetcols, conkey) AS set_columns,
           {_FRESH.format("pg_constraint")} AS fresh
    FROM pg_catalog.pg_constraint
    WHERE contype = 'f' AND (confdeltype = ANY ('{{c,n,d}}') OR confupdtype = ANY ('{{c,n,d}}'))
"""
"""Foreign keys that write the referring table, and what of it they write on which event."""

_CODE: Final = f"""
    SELECT tgrelid AS relation, pg_catalog.format('trigger %I', tgname) AS described,
           tgtype & 8 <> 0 AS on_delete, tgtype & 16 <> 0 AS on_update, tgtype & 2 = 0 AS after,
           CASE WHEN pg_catalog.cardinality(tgattr::pg_catalog.int2[]) > 0
                THEN tgattr::pg_catalog.int2[] END AS columns, {_FRESH.format("pg_trigger")} AS fresh
    FROM pg_catalog.pg_trigger WHERE NOT tgisinternal AND tgtype & 24 <> 0
    UNION ALL
    SELECT ev_class, pg_catalog.format('rule %I', rulename), ev_type = '4', ev_type = '2', true, NULL,
           {_FRESH.format("pg_rewrite")}
    FROM pg_catalog.pg_rewrite WHERE ev_type IN ('2', '4')
    UNION ALL
    SELECT conrelid, pg_catalog.format('check %I', conname), false, true, false, NULL, {_FRESH.format("pg_constraint")}
    FROM pg_catalog.pg_constraint
    WHERE contype = 'c' AND conrelid <> 0
      AND {_OWN_CODE.format(class_id="'pg_catalog.pg_constraint'::regclass", object_id="pg_constraint.oid")}
    UNION ALL
    SELECT indrelid, pg_catalog.format('index %s', indexrelid::regclass), false, true, false, NULL,
           {_FRESH.format("pg_index")}
    FROM pg_catalog.pg_index
    WHERE (indexprs IS NOT NULL OR indpred IS NOT NULL)
      AND {_OWN_CODE.format(class_id="'pg_catalog.pg_class'::regclass", object_id="indexrelid")}
    UNION ALL
    SELECT adrelid, pg_catalog.format('default of %I', attname), false, true, false,
           CASE attgenerated WHEN '' THEN ARRAY[adnum] END, {_FRESH.format("pg_attrdef")}
    FROM pg_catalog.pg_attrdef JOIN pg_catalog.pg_attribute ON attrelid = adrelid AND attnum = adnum
    WHERE {_OWN_CODE.format(class_id="'pg_catalog.pg_attrdef'::regclass", object_id="pg_attrdef.oid")}
    UNION ALL
    SELECT attrelid, pg_catalog.format('domain of %I', attname), false, true, false, ARRAY[attnum],
           {_FRESH.format("pg_constraint")} OR {_FRESH.format("pg_attribute")}
    FROM pg_catalog.pg_attribute JOIN pg_catalog.pg_constraint ON contypid = atttypid
    WHERE attnum > 0 AND NOT attisdropped AND contypid <> 0
      AND {_OWN_CODE.format(class_id="'pg_catalog.pg_constraint'::regclass", object_id="pg_constraint.oid")}
"""
"""Code that runs functions when a row of a table is updated or deleted, with the columns that it depends on."""

REACHED_CODE: Final = f"""
    WITH RECURSIVE edge AS ({_EDGES}), code AS ({_CODE}), reached AS (
        SELECT edge.parent AS source, edge.child AS relation, effect.event, effect.columns, edge.fresh
        FROM edge
        JOIN pg_catalog.pg_class AS from_table ON from_table.oid = edge.parent
        JOIN pg_catalog.pg_class AS to_table ON to_table.oid = edge.child AND to_table.relowner <> from_table.relowner
        CROSS JOIN LATERAL (VALUES
            (edge.on_delete, edge.set_columns), (CASE WHEN edge.on_update THEN 'new key' END, edge.columns)
        ) AS effect (event, columns)
        WHERE effect.event IS NOT NULL
        UNION
        SELECT reached.source, edge.child, effect.event, effect.columns, reached.fresh OR edge.fresh
        FROM reached JOIN edge ON edge.parent = reached.relation
        CROSS JOIN LATERAL (VALUES
            (CASE WHEN reached.event = 'delete' THEN edge.on_delete END, edge.set_columns),
            (CASE WHEN reached.event <> 'delete' AND edge.on_update AND edge.keys && reached.columns
                  THEN reached.event END, edge.columns)
        ) AS effect (event, columns)
        WHERE effect.event IS NOT NULL
    )
    SELECT code.described, code.relation::regclass::pg_catalog.text AS reached_table,
           pg_catalog.pg_get_userbyid(of_code.relowner) AS owner,
           reached.source::regclass::pg_catalog.text AS source_table,
           pg_catalog.pg_get_userbyid(of_source.relowner) AS source_owner,
           reached.event, code.fresh OR reached.fresh AS fresh
    FROM reached JOIN code ON code.relation = reached.relation
     AND CASE reached.event WHEN 'delete' THEN code.on_delete WHEN 'update' THEN code.on_update
                            ELSE code.on_update AND code.after END
     AND (code.columns IS NULL OR reached.event = 'delete' OR code.columns && reached.columns
          OR EXISTS (SELECT FROM pg_catalog.pg_attribute
                     WHERE attrelid = code.relation AND attnum = ANY (code.columns) AND attgenerated <> ''))
    JOIN pg_catalog.pg_class AS of_code ON of_code.oid = code.relation
    JOIN pg_catalog.pg_class AS of_source ON of_source.oid = reached.source AND of_source.relowner <> of_code.relowner
"""

# In a transaction of an old snapshot: what the other half of a pair would be is in no row that can be read.
_OLD_SNAPSHOT: Final = f"""
    SELECT FROM (
        SELECT child AS relation FROM ({_EDGES}) AS edge WHERE fresh
        UNION ALL SELECT relation FROM ({_CODE}) AS code WHERE fresh
    ) AS changed
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute
                      WHERE attrelid = relation AND attname = 'tableoid' AND pg_catalog.age(xmin) <= 0)
"""

_REFUSE_REACHED_CODE: Final = f"""
DECLARE
    found record;
BEGIN
    IF NOT EXISTS (SELECT FROM ({_EDGES}) AS edge WHERE fresh)
       AND NOT EXISTS (SELECT FROM ({_CODE}) AS code WHERE fresh) THEN
        RETURN;
    END IF;
    IF pg_catalog.current_setting('transaction_isolation') IN ('repeatable read', 'serializable')
       AND strongroom_guard.approval() IS NULL AND EXISTS ({_OLD_SNAPSHOT}) THEN
        RAISE EXCEPTION 'strongroom.toml: %: a transaction that is % cannot tell whose changes would run the code',
            command, pg_catalog.upper(pg_catalog.current_setting('transaction_isolation'))
        USING ERRCODE = 'serialization_failure',
            HINT = 'The foreign key or the code may be newer than this transaction: repeat it as READ COMMITTED.';
    END IF;
    -- Two sessions that have not committed do not show each other the trigger and the reference: one after the other.
    PERFORM FROM strongroom_guard.side_role WHERE side = acting FOR NO KEY UPDATE;
    FOR found IN
        SELECT DISTINCT described, reached_table, source_table, strongroom_guard.side_of_role(source_owner) AS side
        FROM ({REACHED_CODE}) AS code
        WHERE fresh AND strongroom_guard.side_of_role(owner) = acting
          AND strongroom_guard.side_of_role(source_owner) IS DISTINCT FROM acting
    LOOP
        IF strongroom_guard.approval() IS NULL THEN
            RAISE EXCEPTION 'strongroom.toml: %: the % on % would run in the sessions of whoever changes %, '
                'by a foreign key', command, found.described, found.reached_table, found.source_table
            USING ERRCODE = 'insufficient_privilege',
                HINT = 'Make the foreign key NO ACTION or RESTRICT, or the trigger one of UPDATE OF other columns; or, '
                    'agreed with the people of the other side, approve it: SELECT strongroom_guard.approve(''…'')';
        END IF;
        PERFORM strongroom_guard.record(
            command, 'reached code', found.described || ' on ' || found.reached_table, found.side);
    END LOOP;
END
"""

REACHED_CODE_FUNCTION: Final = GuardFunction(
    "refuse_reached_code", "command text, acting text", "void", _REFUSE_REACHED_CODE, volatile=True
)


async def probe_reached_code(connection: Connection, contract: Contract) -> list[Deviation]:
    """Return the code of one owner that a referential action would run in the sessions of another."""
    found = await connection.fetch(
        f"SELECT DISTINCT described, reached_table, source_table FROM ({REACHED_CODE}) AS code "
        "WHERE owner::text = ANY ($1::text[]) ORDER BY 1, 2, 3",
        [side.role for side in contract.sides],
    )
    return [
        Deviation(
            f"the {row['described']} on {row['reached_table']} runs in the sessions of whoever changes "
            f"{row['source_table']}, by a foreign key: make that NO ACTION or RESTRICT, or drop the code"
        )
        for row in found
    ]
