"""What the event triggers are made of: tables that say who owns what, a log, and the functions that judge and record.

PostgreSQL names what a command has dropped only when it is gone, its owner with it, and a renamed object only by its
new name (chapter 40, Event Triggers). So every object that a side owns is registered by its OID and name; a command
that creates or renames one keeps the register in step.
"""

from typing import Final

GUARD_SCHEMA: Final = "strongroom_guard"
APPROVAL_SETTING: Final = "strongroom.guard_approval"
"""Set in a transaction, to the reason, it lets the transaction change another side's objects; the log keeps it."""

TABLES: Final = {
    "side_role": """
        CREATE TABLE strongroom_guard.side_role (
            role name NOT NULL CONSTRAINT side_role_pkey PRIMARY KEY,
            side text NOT NULL
        )""",
    "declared": """
        CREATE TABLE strongroom_guard.declared (
            kind text NOT NULL,
            schema text NOT NULL,
            name text NOT NULL,
            side text NOT NULL,
            CONSTRAINT declared_pkey PRIMARY KEY (kind, schema, name)
        )""",
    "owned": """
        CREATE TABLE strongroom_guard.owned (
            class_id oid NOT NULL,
            object_id oid NOT NULL,
            schema text NOT NULL,
            name text NOT NULL,
            side text NOT NULL,
            CONSTRAINT owned_pkey PRIMARY KEY (class_id, object_id)
        )""",
    "ddl_log": """
        CREATE TABLE strongroom_guard.ddl_log (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT ddl_log_pkey PRIMARY KEY,
            at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
            login name NOT NULL,
            role name NOT NULL,
            application text NOT NULL,
            client inet,
            command text NOT NULL,
            object_type text,
            object text,
            side text,
            approval text
        )""",
}
"""The log holds no text of statements: that may carry passwords."""

_DEFINER: Final = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp"

_BODIES: Final = {
    ("acting_role()", "name", "STABLE"): """
BEGIN
    -- The functions here run as their owner: what the caller has become shows in the setting alone.
    RETURN coalesce(nullif(current_setting('role'), 'none'), session_user);
END
""",
    ("acting_side()", "text", "STABLE"): """
DECLARE
    actor pg_roles%ROWTYPE;
    sides text[];
BEGIN
    SELECT * INTO actor FROM pg_roles WHERE rolname = strongroom_guard.acting_role();
    SELECT array_agg(side) INTO sides FROM strongroom_guard.side_role WHERE role = actor.rolname;
    IF sides IS NULL AND NOT actor.rolsuper THEN
        SELECT array_agg(DISTINCT side) INTO sides
        FROM strongroom_guard.side_role JOIN pg_roles ON rolname = role
        WHERE pg_has_role(actor.oid, pg_roles.oid, 'USAGE');
    END IF;
    RETURN CASE cardinality(sides) WHEN 1 THEN sides[1] END;
END
""",
    ("approval()", "text", "STABLE"): """
BEGIN
    RETURN nullif(btrim(current_setting('strongroom.guard_approval', true)), '');
END
""",
    ("whole(class oid, object oid)", "TABLE (class_id oid, object_id oid)", "STABLE"): """
DECLARE
    relation oid;
BEGIN
    relation := CASE class
        WHEN 'pg_constraint'::regclass THEN (SELECT conrelid FROM pg_constraint WHERE oid = object)
        WHEN 'pg_trigger'::regclass THEN (SELECT tgrelid FROM pg_trigger WHERE oid = object)
        WHEN 'pg_policy'::regclass THEN (SELECT polrelid FROM pg_policy WHERE oid = object)
        WHEN 'pg_rewrite'::regclass THEN (SELECT ev_class FROM pg_rewrite WHERE oid = object)
        WHEN 'pg_attrdef'::regclass THEN (SELECT adrelid FROM pg_attrdef WHERE oid = object)
        WHEN 'pg_statistic_ext'::regclass THEN (SELECT stxrelid FROM pg_statistic_ext WHERE oid = object)
        WHEN 'pg_class'::regclass THEN coalesce((SELECT indrelid FROM pg_index WHERE indexrelid = object), object)
    END;
    IF relation <> 0 THEN
        RETURN QUERY SELECT 'pg_class'::regclass::oid, coalesce(pg_partition_root(relation)::oid, relation);
    ELSE
        RETURN QUERY SELECT class, object;
    END IF;
END
""",
    ("registered_side(class oid, object oid)", "text", "STABLE"): """
BEGIN
    RETURN (SELECT side FROM strongroom_guard.owned AS known, strongroom_guard.whole(class, object) AS whole
            WHERE known.class_id = whole.class_id AND known.object_id = whole.object_id);
END
""",
    ("side_by_name(class oid, object oid)", "text", "STABLE"): """
BEGIN
    RETURN (
        SELECT side FROM strongroom_guard.declared
        JOIN (
            SELECT CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
                   ELSE 'table' END AS kind, relnamespace AS namespace, relname AS name
            FROM pg_class WHERE class = 'pg_class'::regclass AND oid = object AND relkind <> 'c'
            UNION ALL
            SELECT CASE typtype WHEN 'e' THEN 'enum' ELSE 'type' END, typnamespace, typname
            FROM pg_type WHERE class = 'pg_type'::regclass AND oid = object
            UNION ALL
            SELECT 'function', pronamespace, proname
            FROM pg_proc WHERE class = 'pg_proc'::regclass AND oid = object
        ) AS found ON found.kind = declared.kind AND found.name = declared.name
        JOIN pg_namespace ON pg_namespace.oid = namespace AND nspname = schema
    );
END
""",
    ("register(class oid, object oid, of_side text)", "void", "VOLATILE"): """
BEGIN
    INSERT INTO strongroom_guard.owned AS known (class_id, object_id, schema, name, side)
    SELECT class, found.oid, nspname, found.name, of_side
    FROM (
        SELECT oid, relnamespace AS namespace, relname AS name
        FROM pg_class
        WHERE class = 'pg_class'::regclass
          AND (oid = object OR oid IN (SELECT relid FROM pg_partition_tree(object))
               OR oid IN (SELECT indexrelid FROM pg_index
                          WHERE indrelid = object OR indrelid IN (SELECT relid FROM pg_partition_tree(object))))
        UNION ALL
        SELECT oid, typnamespace, typname FROM pg_type WHERE class = 'pg_type'::regclass AND oid = object
        UNION ALL
        SELECT oid, pronamespace, proname FROM pg_proc WHERE class = 'pg_proc'::regclass AND oid = object
    ) AS found JOIN pg_namespace ON pg_namespace.oid = found.namespace
    ON CONFLICT (class_id, object_id) DO UPDATE
    SET schema = excluded.schema, name = excluded.name, side = excluded.side
    WHERE (known.schema, known.name, known.side) <> (excluded.schema, excluded.name, excluded.side);
END
""",
    ("record(command text, object_type text, object text, of_side text)", "void", "VOLATILE"): """
BEGIN
    INSERT INTO strongroom_guard.ddl_log
        (login, role, application, client, command, object_type, object, side, approval)
    VALUES (session_user, strongroom_guard.acting_role(), current_setting('application_name'), inet_client_addr(),
            command, object_type, object, of_side, strongroom_guard.approval());
END
""",
    ("refuse(command text, object text, of_side text, problem text)", "void", "STABLE"): """
BEGIN
    RAISE EXCEPTION 'strongroom.toml: %: % % the side "%", and % acts for the side "%"',
        command, object, problem, of_side, strongroom_guard.acting_role(), strongroom_guard.acting_side()
    USING ERRCODE = 'insufficient_privilege',
        HINT = format('Leave it to a migration of "%s"; or, agreed with its people, put the reason into the '
                      'transaction, where strongroom_guard.ddl_log keeps it: '
                      'SET LOCAL strongroom.guard_approval = ''…''', of_side);
END
""",
    ("on_ddl_command_end()", "event_trigger", "VOLATILE"): """
DECLARE
    acting text;
    command record;
    whole record;
    known text;
    by_name text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE schema_name IS DISTINCT FROM 'pg_temp') THEN
        RETURN;
    END IF;
    acting := strongroom_guard.acting_side();
    FOR command IN
        SELECT * FROM pg_event_trigger_ddl_commands()
        WHERE schema_name IS DISTINCT FROM 'pg_temp' AND NOT in_extension
    LOOP
        SELECT * INTO whole FROM strongroom_guard.whole(command.classid, command.objid);
        known := strongroom_guard.registered_side(command.classid, command.objid);
        by_name := strongroom_guard.side_by_name(whole.class_id, whole.object_id);
        IF acting IS NULL OR acting <> coalesce(known, by_name, acting) OR acting <> coalesce(by_name, acting) THEN
            IF acting IS NULL OR strongroom_guard.approval() IS NOT NULL THEN
                PERFORM strongroom_guard.record(
                    command.command_tag, command.object_type, command.object_identity, coalesce(known, by_name));
            ELSIF known <> acting THEN
                PERFORM strongroom_guard.refuse(
                    command.command_tag, command.object_type || ' ' || command.object_identity, known, 'belongs to');
            ELSE
                PERFORM strongroom_guard.refuse(
                    command.command_tag, command.object_type || ' ' || command.object_identity, by_name,
                    'bears a name that belongs to');
            END IF;
        END IF;
        IF coalesce(known, by_name, acting) IS NOT NULL THEN
            PERFORM strongroom_guard.register(
                whole.class_id, whole.object_id, coalesce(by_name, known, acting));
        END IF;
    END LOOP;
END
""",
    ("on_sql_drop()", "event_trigger", "VOLATILE"): """
DECLARE
    acting text;
    dropped record;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_event_trigger_dropped_objects() WHERE NOT is_temporary) THEN
        RETURN;
    END IF;
    acting := strongroom_guard.acting_side();
    -- What is neither named by the command nor a victim of CASCADE (an index of a dropped table) is an inner part.
    FOR dropped IN
        SELECT gone.*, coalesce(itself.side, of_table.side) AS side
        FROM pg_event_trigger_dropped_objects() AS gone
        LEFT JOIN strongroom_guard.owned AS itself ON itself.class_id = gone.classid AND itself.object_id = gone.objid
        LEFT JOIN strongroom_guard.owned AS of_table
          ON of_table.class_id = 'pg_class'::regclass AND of_table.schema = gone.address_names[1]
          AND of_table.name = gone.address_names[2] AND gone.classid <> 'pg_class'::regclass
          AND cardinality(gone.address_names) > 2
        WHERE (gone.original OR gone.normal) AND NOT gone.is_temporary
    LOOP
        IF acting IS NULL OR strongroom_guard.approval() IS NOT NULL AND acting <> dropped.side THEN
            PERFORM strongroom_guard.record(tg_tag, dropped.object_type, dropped.object_identity, dropped.side);
        ELSIF acting <> dropped.side THEN
            PERFORM strongroom_guard.refuse(
                tg_tag, dropped.object_type || ' ' || dropped.object_identity, dropped.side,
                CASE WHEN dropped.original THEN 'belongs to' ELSE 'would go with it, which belongs to' END);
        END IF;
    END LOOP;
    -- By what is left, not by what was dropped: REINDEX CONCURRENTLY drops an old index without a word.
    DELETE FROM strongroom_guard.owned
    WHERE NOT EXISTS (SELECT FROM pg_class WHERE class_id = 'pg_class'::regclass AND oid = object_id)
      AND NOT EXISTS (SELECT FROM pg_type WHERE class_id = 'pg_type'::regclass AND oid = object_id)
      AND NOT EXISTS (SELECT FROM pg_proc WHERE class_id = 'pg_proc'::regclass AND oid = object_id);
END
""",
}


def _function(signature: str, returns: str, volatility: str, body: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION strongroom_guard.{signature} RETURNS {returns} LANGUAGE plpgsql {volatility} "
        f"{_DEFINER} AS $guard${body}$guard$"
    )


FUNCTIONS: Final = {
    signature.partition("(")[0]: (body, _function(signature, returns, volatility, body))
    for (signature, returns, volatility), body in _BODIES.items()
}
"""Bodies, as the catalogue keeps them, and what creates them, by name."""

TRIGGERS: Final = {
    "strongroom_guard_ddl": ("ddl_command_end", "on_ddl_command_end"),
    "strongroom_guard_drop": ("sql_drop", "on_sql_drop"),
}
"""The event and the function of each event trigger."""
