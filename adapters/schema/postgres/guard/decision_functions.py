"""The functions that say who acts, whose an object is, and whose its name is.

No body holds a backslash: how PostgreSQL reads one in a literal is a setting of whoever changes the schema.
"""

from typing import Final

from .guard_function import GuardFunction

_ACTING_ROLE: Final = """
BEGIN
    -- The functions here run as their owner: only the setting shows what the caller has become.
    RETURN coalesce(nullif(pg_catalog.current_setting('role'), 'none'), session_user);
END
"""

_SIDE_OF_ROLE: Final = """
DECLARE
    actor pg_catalog.pg_roles%ROWTYPE;
    sides text[];
BEGIN
    SELECT * INTO actor FROM pg_catalog.pg_roles WHERE rolname = who;
    SELECT pg_catalog.array_agg(side) INTO sides FROM strongroom_guard.side_role WHERE role = actor.rolname;
    IF sides IS NULL AND NOT actor.rolsuper THEN
        SELECT pg_catalog.array_agg(DISTINCT side) INTO sides
        FROM strongroom_guard.side_role JOIN pg_catalog.pg_roles ON rolname = role
        WHERE pg_catalog.pg_has_role(actor.oid, pg_roles.oid, 'USAGE');
    END IF;
    RETURN CASE pg_catalog.cardinality(sides) WHEN 1 THEN sides[1] END;
END
"""

_ACTING_SIDE: Final = """
BEGIN
    -- A login of a side that becomes a role of no side still acts for its side.
    RETURN coalesce(
        strongroom_guard.side_of_role(strongroom_guard.acting_role()), strongroom_guard.side_of_role(session_user));
END
"""

_WHOLE_RELATION: Final = """
DECLARE
    relation oid;
BEGIN
    relation := CASE class
        WHEN 'pg_catalog.pg_constraint'::regclass
            THEN (SELECT conrelid FROM pg_catalog.pg_constraint WHERE oid = object)
        WHEN 'pg_catalog.pg_trigger'::regclass
            THEN (SELECT tgrelid FROM pg_catalog.pg_trigger WHERE oid = object)
        WHEN 'pg_catalog.pg_policy'::regclass
            THEN (SELECT polrelid FROM pg_catalog.pg_policy WHERE oid = object)
        WHEN 'pg_catalog.pg_rewrite'::regclass
            THEN (SELECT ev_class FROM pg_catalog.pg_rewrite WHERE oid = object)
        WHEN 'pg_catalog.pg_attrdef'::regclass
            THEN (SELECT adrelid FROM pg_catalog.pg_attrdef WHERE oid = object)
        WHEN 'pg_catalog.pg_statistic_ext'::regclass
            THEN (SELECT stxrelid FROM pg_catalog.pg_statistic_ext WHERE oid = object)
        WHEN 'pg_catalog.pg_class'::regclass
            THEN coalesce((SELECT indrelid FROM pg_catalog.pg_index WHERE indexrelid = object), object)
    END;
    IF relation <> 0 THEN
        -- A composite type is a relation as well, and is registered as the type that it is.
        RETURN QUERY SELECT 'pg_catalog.pg_type'::regclass::oid, reltype FROM pg_catalog.pg_class
                     WHERE pg_class.oid = relation AND relkind = 'c';
        IF NOT FOUND THEN
            RETURN QUERY SELECT 'pg_catalog.pg_class'::regclass::oid,
                                coalesce(pg_catalog.pg_partition_root(relation)::oid, relation);
        END IF;
    ELSE
        RETURN QUERY SELECT class, object;
    END IF;
END
"""

_REGISTERED_SIDE: Final = """
BEGIN
    RETURN (SELECT side FROM strongroom_guard.owned AS known, strongroom_guard.whole(class, object) AS whole
            WHERE known.class_id = whole.class_id AND known.object_id = whole.object_id);
END
"""

_TABLE_OF_PART: Final = """
BEGIN
    -- By the names that a dropped part was known by: its own row is gone, but for the table of a column.
    IF class = 'pg_catalog.pg_class'::regclass AND pg_catalog.cardinality(names) = 3 THEN
        RETURN QUERY SELECT whole.class_id, whole.object_id FROM strongroom_guard.whole(class, object) AS whole;
    ELSIF class = 'pg_catalog.pg_constraint'::regclass AND pg_catalog.cardinality(names) = 1 THEN
        RETURN QUERY SELECT 'pg_catalog.pg_type'::regclass::oid, oid FROM pg_catalog.pg_type
                     WHERE typtype = 'd' AND pg_catalog.format_type(oid, NULL) = names[1];
    ELSIF pg_catalog.cardinality(names) = 3 THEN
        RETURN QUERY SELECT whole.class_id, whole.object_id
                     FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace,
                          strongroom_guard.whole('pg_catalog.pg_class'::regclass, pg_class.oid) AS whole
                     WHERE nspname = names[1] AND relname = names[2]
                       -- The object's newest name: a snapshot may show one that another object has by now.
                       AND (pg_catalog.pg_identify_object('pg_catalog.pg_class'::regclass, pg_class.oid, 0)).name
                           = pg_catalog.quote_ident(names[2]);
    END IF;
END
"""

_NAMES_TAKEN: Final = """
BEGIN
    -- PostgreSQL keeps one name space per schema for relations, one for types and one for functions.
    RETURN QUERY
    SELECT CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
                        WHEN 'c' THEN 'type' WHEN 'i' THEN 'index' WHEN 'I' THEN 'index' ELSE 'table' END,
           CASE WHEN relkind IN ('S', 'i', 'I') THEN ARRAY['relation'] ELSE ARRAY['relation', 'type'] END,
           nspname::text, relname::text,
           relkind IN ('i', 'I') OR relispartition OR pg_class.oid <> object OR EXISTS (
               SELECT FROM pg_catalog.pg_depend
               WHERE relkind = 'S' AND classid = 'pg_catalog.pg_class'::regclass AND objid = pg_class.oid
                 AND refclassid = 'pg_catalog.pg_class'::regclass AND refobjsubid > 0 AND deptype IN ('a', 'i'))
    FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
    WHERE class = 'pg_catalog.pg_class'::regclass AND pg_class.oid IN (
        SELECT object
        UNION ALL SELECT indexrelid FROM pg_catalog.pg_index WHERE indrelid = object
        UNION ALL SELECT objid FROM pg_catalog.pg_depend
                  WHERE classid = 'pg_catalog.pg_class'::regclass AND refclassid = 'pg_catalog.pg_class'::regclass
                    AND refobjid = object AND refobjsubid > 0 AND deptype IN ('a', 'i'))
    UNION ALL
    SELECT CASE typtype WHEN 'e' THEN 'enum' ELSE 'type' END,
           CASE WHEN typtype IN ('r', 'm') THEN ARRAY['type', 'function']
                WHEN typrelid <> 0 THEN ARRAY['relation', 'type'] ELSE ARRAY['type'] END,
           nspname::text, typname::text, pg_type.oid <> object
    FROM pg_catalog.pg_type JOIN pg_catalog.pg_namespace ON pg_namespace.oid = typnamespace
    WHERE class = 'pg_catalog.pg_type'::regclass AND pg_type.oid IN (
        SELECT object UNION ALL SELECT rngmultitypid FROM pg_catalog.pg_range WHERE rngtypid = object)
    UNION ALL
    SELECT 'function', ARRAY['function'], nspname::text, proname::text, false
    FROM pg_catalog.pg_proc JOIN pg_catalog.pg_namespace ON pg_namespace.oid = pronamespace
    WHERE class = 'pg_catalog.pg_proc'::regclass AND pg_proc.oid = object;
END
"""

_SIDE_OF_NAME: Final = """
BEGIN
    -- A written name counts before a glob, and one of the object's kind before one of another kind.
    RETURN (
        SELECT CASE pg_catalog.count(DISTINCT side) WHEN 1 THEN pg_catalog.min(side) END
        FROM (
            SELECT side, pg_catalog.rank() OVER (ORDER BY is_glob, kind NOT IN ('', of_kind)) AS place
            FROM strongroom_guard.declared
            WHERE (kind IN ('', of_kind) OR declared.name_spaces && in_spaces)
              AND CASE WHEN is_glob THEN globs AND in_schema COLLATE "C" ~ schema AND called COLLATE "C" ~ name
                       ELSE in_schema = schema AND called = name END
        ) AS claims
        WHERE place = 1
    );
END
"""

_SIDE_BY_NAME: Final = """
BEGIN
    RETURN (
        SELECT strongroom_guard.side_of_name(kind, name_spaces, schema, name, true)
        FROM strongroom_guard.names_taken(class, object) WHERE NOT is_part
    );
END
"""

_NAME_OF_OTHERS: Final = """
BEGIN
    -- An index, a partition or a sequence that a column owns has no owner of its own: globs do not mean it.
    RETURN QUERY
    SELECT taken.kind || ' ' || taken.schema || '.' || taken.name, claimed
    FROM strongroom_guard.names_taken(class, object) AS taken,
         strongroom_guard.side_of_name(taken.kind, taken.name_spaces, taken.schema, taken.name, NOT taken.is_part)
             AS claimed
    WHERE claimed <> acting
    LIMIT 1;
END
"""

_SHADOWED: Final = """
DECLARE
    system CONSTANT oid := 'pg_catalog'::regnamespace;
BEGIN
    IF class = 'pg_catalog.pg_proc'::regclass THEN
        RETURN (SELECT 'has the name of a function of pg_catalog, and is called in its place where its types fit better'
                FROM pg_catalog.pg_proc AS own
                WHERE own.oid = object
                  AND EXISTS (SELECT FROM pg_catalog.pg_proc AS theirs
                              WHERE theirs.proname = own.proname AND theirs.pronamespace = system));
    ELSIF class = 'pg_catalog.pg_operator'::regclass THEN
        RETURN (SELECT 'has the name of an operator of pg_catalog, and is used in its place where its types fit better'
                FROM pg_catalog.pg_operator AS own
                WHERE own.oid = object
                  AND EXISTS (SELECT FROM pg_catalog.pg_operator AS theirs
                              WHERE theirs.oprname = own.oprname AND theirs.oprnamespace = system));
    ELSIF class = 'pg_catalog.pg_type'::regclass THEN
        -- A call with one literal is read as a cast if a type has the name; a range brings functions of its name.
        RETURN (SELECT 'has the name of a function of pg_catalog, and a call with one literal becomes a cast to it'
                FROM pg_catalog.pg_type AS own
                WHERE (own.oid = object
                       OR own.oid IN (SELECT rngmultitypid FROM pg_catalog.pg_range WHERE rngtypid = object))
                  AND own.typrelid = 0
                  AND EXISTS (SELECT FROM pg_catalog.pg_proc AS theirs
                              WHERE theirs.proname = own.typname AND theirs.pronamespace = system
                                AND (own.typtype IN ('r', 'm') OR theirs.provariadic <> 0
                                     OR 1 BETWEEN theirs.pronargs - theirs.pronargdefaults AND theirs.pronargs))
                LIMIT 1);
    ELSIF class = 'pg_catalog.pg_cast'::regclass THEN
        RETURN (SELECT 'runs for whoever converts a value of the type, whatever their search_path is'
                FROM pg_catalog.pg_cast
                WHERE pg_cast.oid = object
                  AND (SELECT pg_catalog.count(DISTINCT object_id) FROM strongroom_guard.owned
                       WHERE class_id = 'pg_catalog.pg_type'::regclass AND side = acting
                         AND object_id IN (castsource, casttarget))
                      < (SELECT pg_catalog.count(DISTINCT named) FROM pg_catalog.unnest(ARRAY[castsource, casttarget])
                         AS named));
    ELSIF class = 'pg_catalog.pg_class'::regclass THEN
        -- Whoever reads a table expects no code of its owner to run, and a superuser reads tables, too.
        RETURN (SELECT 'has the name of a table of the contract, and runs code in the sessions of whoever reads that'
                FROM strongroom_guard.names_taken(class, object) AS taken
                JOIN strongroom_guard.declared ON NOT is_glob AND declared.schema = taken.schema
                     AND declared.name = taken.name AND declared.kind = 'table'
                WHERE taken.kind = 'view'
                  AND NOT EXISTS (SELECT FROM strongroom_guard.declared AS also
                                  WHERE NOT also.is_glob AND also.schema = taken.schema AND also.name = taken.name
                                    AND also.kind IN ('', 'view'))
                LIMIT 1);
    END IF;
    RETURN NULL;
END
"""

_OBJECT: Final = "class oid, object oid"

DECISION_FUNCTIONS: Final = (
    GuardFunction("acting_role", "", "name", _ACTING_ROLE),
    GuardFunction("side_of_role", "who name", "text", _SIDE_OF_ROLE),
    GuardFunction("acting_side", "", "text", _ACTING_SIDE),
    GuardFunction("whole", _OBJECT, "TABLE(class_id oid, object_id oid)", _WHOLE_RELATION),
    GuardFunction("registered_side", _OBJECT, "text", _REGISTERED_SIDE),
    GuardFunction(
        "table_of_part", "class oid, object oid, names text[]", "TABLE(class_id oid, object_id oid)", _TABLE_OF_PART
    ),
    GuardFunction(
        "names_taken",
        _OBJECT,
        "TABLE(kind text, name_spaces text[], schema text, name text, is_part boolean)",
        _NAMES_TAKEN,
    ),
    GuardFunction(
        "side_of_name",
        "of_kind text, in_spaces text[], in_schema text, called text, globs boolean",
        "text",
        _SIDE_OF_NAME,
    ),
    GuardFunction("side_by_name", _OBJECT, "text", _SIDE_BY_NAME),
    GuardFunction(
        "name_of_others", "class oid, object oid, acting text", "TABLE(object_name text, side text)", _NAME_OF_OTHERS
    ),
    GuardFunction("shadowed", "class oid, object oid, acting text", "text", _SHADOWED),
)
