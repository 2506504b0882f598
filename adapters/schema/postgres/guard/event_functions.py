"""The functions of the event triggers, and all functions of the guard by name."""

from typing import Final

from .decision_functions import DECISION_FUNCTIONS
from .guard_function import GuardFunction
from .log_functions import LOG_FUNCTIONS
from .reached_code import REACHED_CODE_FUNCTION

_ON_DDL_COMMAND_END: Final = """
DECLARE
    acting text;
    command record;
    whole record;
    taken record;
    known text;
    by_name text;
    problem text;
    approved text;
    described text;
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_catalog.pg_event_trigger_ddl_commands() WHERE schema_name IS DISTINCT FROM 'pg_temp'
    ) THEN
        RETURN;
    END IF;
    acting := strongroom_guard.acting_side();
    approved := strongroom_guard.approval();
    FOR command IN
        SELECT * FROM pg_catalog.pg_event_trigger_ddl_commands()
        WHERE schema_name IS DISTINCT FROM 'pg_temp' AND NOT in_extension
    LOOP
        SELECT * INTO whole FROM strongroom_guard.whole(command.classid, command.objid);
        known := strongroom_guard.registered_side(command.classid, command.objid);
        by_name := strongroom_guard.side_by_name(whole.class_id, whole.object_id);
        described := command.object_type || ' ' || command.object_identity;
        IF acting IS NULL THEN
            PERFORM strongroom_guard.record(
                command.command_tag, command.object_type, command.object_identity, coalesce(known, by_name));
        ELSE
            problem := strongroom_guard.shadowed(command.classid, command.objid, acting);
            IF problem IS NOT NULL THEN
                RAISE EXCEPTION 'strongroom.toml: %: % %', command.command_tag, described, problem
                USING ERRCODE = 'insufficient_privilege',
                    HINT = 'Use another name, or a function that is called by its name. No approval lifts this.';
            END IF;
            SELECT * INTO taken FROM (
                SELECT * FROM strongroom_guard.name_of_others(command.classid, command.objid, acting)
                UNION ALL
                SELECT * FROM strongroom_guard.name_of_others(whole.class_id, whole.object_id, acting)
            ) AS names LIMIT 1;
            IF known <> acting OR taken.side IS NOT NULL THEN
                IF approved IS NOT NULL THEN
                    PERFORM strongroom_guard.record(
                        command.command_tag, command.object_type, command.object_identity,
                        coalesce(nullif(known, acting), taken.side));
                ELSIF known <> acting THEN
                    PERFORM strongroom_guard.refuse(command.command_tag, described, known, 'belongs to');
                ELSE
                    PERFORM strongroom_guard.refuse(
                        command.command_tag, taken.object_name, taken.side, 'has a name that belongs to');
                END IF;
            END IF;
        END IF;
        IF whole.object_id IS NOT NULL AND coalesce(by_name, known, acting) IS NOT NULL THEN
            PERFORM strongroom_guard.register(whole.class_id, whole.object_id, coalesce(by_name, known, acting));
            IF command.classid = 'pg_catalog.pg_statistic_ext'::regclass THEN
                PERFORM strongroom_guard.register(
                    command.classid, command.objid, coalesce(by_name, known, acting));
            END IF;
        END IF;
    END LOOP;
    IF acting IS NOT NULL THEN
        PERFORM strongroom_guard.refuse_reached_code(tg_tag, acting);
    END IF;
END
"""

_ON_SQL_DROP: Final = """
DECLARE
    acting text;
    approved text;
    snapshot_is_old boolean;
    dropped record;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_event_trigger_dropped_objects() WHERE NOT is_temporary) THEN
        RETURN;
    END IF;
    acting := strongroom_guard.acting_side();
    approved := strongroom_guard.approval();
    -- These read the register as it was when the transaction began: what was made since is in no row.
    snapshot_is_old := pg_catalog.current_setting('transaction_isolation') IN ('repeatable read', 'serializable');
    -- What is neither named by the command nor a victim of CASCADE (an index of a dropped table) is an inner part; so
    -- is a check that names columns of its dropped table.
    FOR dropped IN
        SELECT gone.*, coalesce(itself.side, of_table.side) AS side
        FROM pg_catalog.pg_event_trigger_dropped_objects() AS gone
        LEFT JOIN strongroom_guard.owned AS itself ON itself.class_id = gone.classid AND itself.object_id = gone.objid
        LEFT JOIN LATERAL strongroom_guard.table_of_part(
            gone.classid, gone.objid, gone.address_names) AS part ON true
        LEFT JOIN strongroom_guard.owned AS of_table
          ON of_table.class_id = part.class_id AND of_table.object_id = part.object_id
        WHERE (gone.original OR gone.normal) AND NOT gone.is_temporary
          AND NOT EXISTS (
              SELECT FROM pg_catalog.pg_event_trigger_dropped_objects() AS its_table
              WHERE its_table.classid = 'pg_catalog.pg_class'::regclass AND its_table.objsubid = 0
                AND gone.classid <> its_table.classid AND pg_catalog.cardinality(gone.address_names) = 3
                AND its_table.address_names = gone.address_names[1:2])
    LOOP
        IF acting IS NULL THEN
            PERFORM strongroom_guard.record(tg_tag, dropped.object_type, dropped.object_identity, dropped.side);
        ELSIF acting <> dropped.side THEN
            IF approved IS NOT NULL THEN
                PERFORM strongroom_guard.record(tg_tag, dropped.object_type, dropped.object_identity, dropped.side);
            ELSE
                PERFORM strongroom_guard.refuse(
                    tg_tag, dropped.object_type || ' ' || dropped.object_identity, dropped.side,
                    CASE WHEN dropped.original THEN 'belongs to' ELSE 'would go with it, which belongs to' END);
            END IF;
        ELSIF dropped.side IS NULL AND NOT dropped.original THEN
            IF snapshot_is_old AND approved IS NULL THEN
                RAISE EXCEPTION
                    'strongroom.toml: %: % % would go with it, and a transaction that is % cannot tell whose it is',
                    tg_tag, dropped.object_type, dropped.object_identity,
                    pg_catalog.upper(pg_catalog.current_setting('transaction_isolation'))
                USING ERRCODE = 'serialization_failure',
                    HINT = 'The object may be newer than this transaction: repeat it as READ COMMITTED.';
            END IF;
            PERFORM strongroom_guard.record(tg_tag, dropped.object_type, dropped.object_identity, NULL);
        END IF;
    END LOOP;
    DELETE FROM strongroom_guard.owned
    USING pg_catalog.pg_event_trigger_dropped_objects() AS gone
    WHERE class_id = gone.classid AND object_id = gone.objid AND gone.objsubid = 0;
    -- By what is left as well: REINDEX CONCURRENTLY drops an old index without a word.
    DELETE FROM strongroom_guard.owned
    WHERE class_id = 'pg_catalog.pg_class'::regclass
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid = object_id);
END
"""

FUNCTIONS: Final = {
    function.name: function
    for function in (
        *DECISION_FUNCTIONS,
        *LOG_FUNCTIONS,
        REACHED_CODE_FUNCTION,
        GuardFunction("on_ddl_command_end", "", "event_trigger", _ON_DDL_COMMAND_END, volatile=True),
        GuardFunction("on_sql_drop", "", "event_trigger", _ON_SQL_DROP, volatile=True),
    )
}

TRIGGERS: Final = {
    "strongroom_guard_ddl": ("ddl_command_end", "on_ddl_command_end"),
    "strongroom_guard_drop": ("sql_drop", "on_sql_drop"),
}
"""The event and the function of each event trigger."""

RETIRED_FUNCTIONS: Final = ("strongroom_guard.table_of_part(oid,text[])",)
"""Functions of earlier versions, as ``pg_describe_object`` names them: an installation drops them."""
