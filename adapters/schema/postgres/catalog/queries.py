"""The queries that read the catalog: one for each kind of object, whatever its number.

All take the schemas as ``$1``; objects that extensions brought, and partitions, are left out.
"""

from typing import Final

_OF_EXTENSION: Final = (
    "EXISTS (SELECT FROM pg_depend WHERE classid = '{0}'::regclass AND objid = {1} AND deptype = 'e')"
)
_RELATION: Final = f"""
    nspname = ANY($1) AND NOT pg_class.relispartition AND pg_class.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND NOT {_OF_EXTENSION.format("pg_class", "pg_class.oid")}
"""
_OF_RELATION: Final = """
    JOIN pg_class ON pg_class.oid = {0} JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace
"""

_NAMES: Final = """
           ARRAY(SELECT (SELECT attname::text FROM pg_attribute WHERE attrelid = {1} AND attnum = number)
                 FROM unnest({0}) WITH ORDINALITY AS key (number, place) ORDER BY place)
"""
"""Names of columns by their numbers: each is looked up, where a join would read all columns of the table."""

SCHEMAS: Final = """
    SELECT nspname::text FROM pg_namespace
    WHERE nspname <> 'information_schema' AND nspname !~ '^pg_' ORDER BY 1
"""
RELATIONS: Final = f"""
    SELECT pg_class.oid, nspname::text, relname::text, relkind::text, pg_get_userbyid(relowner)::text,
           obj_description(pg_class.oid, 'pg_class'), coalesce(stored.rows, 0), coalesce(stored.size, 0),
           relrowsecurity, pg_get_partkeydef(pg_class.oid),
           CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(pg_class.oid) END,
           relforcerowsecurity, relpersistence = 'u',
           CASE WHEN relkind IN ('v', 'm') THEN coalesce(reloptions, '{{}}') ELSE '{{}}' END,
           ARRAY(SELECT nspname || '.' || parent.relname FROM pg_inherits
                 JOIN pg_class AS parent ON parent.oid = inhparent
                 JOIN pg_namespace ON pg_namespace.oid = parent.relnamespace
                 WHERE inhrelid = pg_class.oid ORDER BY inhseqno)
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    CROSS JOIN LATERAL (
        SELECT sum(greatest(leaf.reltuples, 0))::bigint AS rows, sum(leaf.relpages::bigint * 8192)::bigint AS size
        FROM (
            SELECT pg_class.oid AS leaf_oid WHERE pg_class.relkind <> 'p'
            UNION ALL
            SELECT relid FROM pg_partition_tree(pg_class.oid) WHERE isleaf AND pg_class.relkind = 'p'
        ) AS parts
        JOIN pg_class AS leaf ON leaf.oid = leaf_oid
    ) AS stored
    WHERE {_RELATION} ORDER BY nspname, relname COLLATE "C"
"""
COLUMNS: Final = f"""
    SELECT attrelid, attname::text, format_type(atttypid, atttypmod), NOT attnotnull,
           pg_get_expr(adbin, adrelid), attgenerated::text, attidentity::text,
           CASE WHEN attcollation <> typcollation THEN collname::text END, col_description(attrelid, attnum)
    FROM pg_attribute {_OF_RELATION.format("attrelid")}
    JOIN pg_type ON pg_type.oid = atttypid
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    LEFT JOIN pg_collation ON pg_collation.oid = attcollation
    WHERE {_RELATION} AND attnum > 0 AND NOT attisdropped ORDER BY attrelid, attnum
"""
CONSTRAINTS: Final = f"""
    SELECT conrelid, conname::text, contype::text,
           {_NAMES.format("conkey", "conrelid")},
           (SELECT named.nspname::text FROM pg_class AS target
            JOIN pg_namespace AS named ON named.oid = target.relnamespace WHERE target.oid = confrelid),
           (SELECT target.relname::text FROM pg_class AS target WHERE target.oid = confrelid),
           {_NAMES.format("confkey", "confrelid")},
           confdeltype::text, confupdtype::text, condeferrable, condeferred, confmatchtype::text = 'f', convalidated,
           {_NAMES.format("confdelsetcols", "conrelid")}, NOT connoinherit,
           CASE contype WHEN 'c' THEN pg_get_expr(conbin, conrelid)
                        WHEN 'x' THEN pg_get_constraintdef(pg_constraint.oid) END
    FROM pg_constraint {_OF_RELATION.format("conrelid")}
    WHERE {_RELATION} AND conparentid = 0 AND contype IN ('p', 'f', 'c', 'x') ORDER BY conrelid, conname COLLATE "C"
"""
INDEXES: Final = f"""
    SELECT indrelid, indexrelid, own.relname::text, amname::text, indisunique, indisvalid, indnullsnotdistinct,
           NOT indimmediate,
           pg_get_expr(indpred, indrelid),
           EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype = 'u')
    FROM pg_index {_OF_RELATION.format("indrelid")}
    JOIN pg_class AS own ON own.oid = indexrelid JOIN pg_am ON pg_am.oid = own.relam
    WHERE {_RELATION} AND NOT indisprimary AND NOT indisexclusion ORDER BY indrelid, own.relname COLLATE "C"
"""
INDEX_PARTS: Final = f"""
    SELECT indexrelid, place <= indnkeyatts, attname::text,
           CASE WHEN attname IS NULL THEN pg_get_indexdef(indexrelid, place, true) END,
           CASE WHEN NOT opcdefault THEN opcname::text END,
           -- What an expression is sorted by, unless it says so: the default of its type.
           CASE WHEN indcollation[place - 1] <> coalesce(attcollation, (
               SELECT typcollation FROM pg_attribute AS own JOIN pg_type ON pg_type.oid = own.atttypid
               WHERE own.attrelid = indexrelid AND own.attnum = place
           )) THEN collname::text END,
           indoption[place - 1]
    FROM pg_index {_OF_RELATION.format("indrelid")}
    CROSS JOIN LATERAL generate_series(1, indnatts) AS place
    LEFT JOIN LATERAL (
        SELECT attname, attcollation FROM pg_attribute WHERE attrelid = indrelid AND attnum = indkey[place - 1] LIMIT 1
    ) AS indexed ON indkey[place - 1] <> 0
    LEFT JOIN pg_opclass ON pg_opclass.oid = indclass[place - 1]
    LEFT JOIN pg_collation ON pg_collation.oid = indcollation[place - 1]
    WHERE {_RELATION} AND NOT indisprimary AND NOT indisexclusion ORDER BY indexrelid, place
"""
TRIGGERS: Final = f"""
    SELECT tgrelid, tgname::text, pg_get_triggerdef(pg_trigger.oid)
           || CASE tgenabled WHEN 'R' THEN ' ENABLED REPLICA' WHEN 'A' THEN ' ENABLED ALWAYS' ELSE '' END,
           tgenabled::text <> 'D'
    FROM pg_trigger {_OF_RELATION.format("tgrelid")}
    WHERE {_RELATION} AND NOT tgisinternal AND tgparentid = 0 ORDER BY tgrelid, tgname COLLATE "C"
"""
POLICIES: Final = f"""
    SELECT polrelid, polname::text,
           CASE WHEN polpermissive THEN 'AS PERMISSIVE' ELSE 'AS RESTRICTIVE' END
           || CASE polcmd WHEN 'r' THEN ' FOR SELECT' WHEN 'a' THEN ' FOR INSERT' WHEN 'w' THEN ' FOR UPDATE'
                          WHEN 'd' THEN ' FOR DELETE' ELSE ' FOR ALL' END
           || ' TO ' || (SELECT string_agg(CASE role WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(role)) END,
                                           ', ' ORDER BY pg_get_userbyid(role)) FROM unnest(polroles) AS role)
           || coalesce(' USING (' || pg_get_expr(polqual, polrelid) || ')', '')
           || coalesce(' WITH CHECK (' || pg_get_expr(polwithcheck, polrelid) || ')', '')
    FROM pg_policy {_OF_RELATION.format("polrelid")}
    WHERE {_RELATION} ORDER BY polrelid, polname COLLATE "C"
"""
RULES: Final = f"""
    SELECT ev_class, rulename::text, pg_get_ruledef(pg_rewrite.oid)
           || CASE ev_enabled WHEN 'D' THEN ' DISABLED' WHEN 'O' THEN '' ELSE ' ENABLED ' || ev_enabled::text END
    FROM pg_rewrite {_OF_RELATION.format("ev_class")}
    WHERE {_RELATION} AND NOT (rulename = '_RETURN' AND relkind IN ('v', 'm'))
    ORDER BY ev_class, rulename COLLATE "C"
"""
PARTITIONS: Final = f"""
    SELECT inhparent, (SELECT named.nspname::text FROM pg_namespace AS named WHERE named.oid = child.relnamespace),
           child.relname::text,
           coalesce(pg_get_expr(child.relpartbound, child.oid), '')
    FROM pg_inherits {_OF_RELATION.format("inhparent")}
    JOIN pg_class AS child ON child.oid = inhrelid
    WHERE {_RELATION} AND child.relispartition ORDER BY inhparent, child.relname COLLATE "C"
"""
ENUMS: Final = f"""
    SELECT nspname::text, typname::text, ARRAY(
        SELECT enumlabel::text FROM pg_enum WHERE enumtypid = pg_type.oid ORDER BY enumsortorder
    ), pg_get_userbyid(typowner)::text
    FROM pg_type JOIN pg_namespace ON pg_namespace.oid = typnamespace
    WHERE nspname = ANY($1) AND typtype = 'e' AND NOT {_OF_EXTENSION.format("pg_type", "pg_type.oid")}
    ORDER BY nspname, typname COLLATE "C"
"""
TYPES: Final = f"""
    SELECT nspname::text, typname::text,
           CASE typtype
           WHEN 'd' THEN 'DOMAIN ' || format_type(typbasetype, typtypmod)
               || CASE WHEN typnotnull THEN ' NOT NULL' ELSE '' END || coalesce(' DEFAULT ' || typdefault, '')
               || coalesce((SELECT string_agg(' ' || pg_get_constraintdef(oid), '' ORDER BY conname)
                            FROM pg_constraint WHERE contypid = pg_type.oid), '')
           WHEN 'r' THEN 'RANGE ' || (SELECT rngsubtype::regtype::text FROM pg_range WHERE rngtypid = pg_type.oid)
           ELSE 'COMPOSITE ' || (
                SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum)
                FROM pg_attribute WHERE attrelid = typrelid AND attnum > 0 AND NOT attisdropped)
           END, pg_get_userbyid(typowner)::text
    FROM pg_type JOIN pg_namespace ON pg_namespace.oid = typnamespace
    WHERE nspname = ANY($1) AND NOT {_OF_EXTENSION.format("pg_type", "pg_type.oid")}
    AND (typtype IN ('d', 'r') OR typtype = 'c' AND typrelid IN (SELECT oid FROM pg_class WHERE relkind = 'c'))
    ORDER BY nspname, typname COLLATE "C"
"""
SEQUENCES: Final = f"""
    SELECT nspname::text, relname::text, format_type(seqtypid, NULL),
           (SELECT ARRAY[named.nspname::text, owner.relname::text, attname::text]
            FROM pg_depend JOIN pg_class AS owner ON owner.oid = refobjid
            JOIN pg_namespace AS named ON named.oid = owner.relnamespace
            JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid
            WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND refclassid = 'pg_class'::regclass
            AND deptype IN ('a', 'i') LIMIT 1),
           pg_get_userbyid(relowner)::text,
           CASE WHEN (seqstart, seqincrement, seqmin, seqcache, seqcycle) = (1, 1, 1, 1, false)
                AND seqmax = CASE format_type(seqtypid, NULL) WHEN 'smallint' THEN 32767 WHEN 'integer' THEN 2147483647
                                                              ELSE 9223372036854775807 END THEN ''
           ELSE format('START %s INCREMENT %s MINVALUE %s MAXVALUE %s CACHE %s', seqstart, seqincrement, seqmin, seqmax,
                       seqcache) || CASE WHEN seqcycle THEN ' CYCLE' ELSE '' END END
    FROM pg_sequence JOIN pg_class ON pg_class.oid = seqrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname = ANY($1) AND NOT {_OF_EXTENSION.format("pg_class", "pg_class.oid")}
    ORDER BY nspname, relname COLLATE "C"
"""
FUNCTIONS: Final = f"""
    SELECT nspname::text, proname::text, pg_get_function_identity_arguments(pg_proc.oid),
           md5(CASE prokind WHEN 'a' THEN proname ELSE pg_get_functiondef(pg_proc.oid) END),
           pg_get_userbyid(proowner)::text
    FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
    WHERE nspname = ANY($1) AND NOT {_OF_EXTENSION.format("pg_proc", "pg_proc.oid")}
    ORDER BY nspname, proname, pg_get_function_identity_arguments(pg_proc.oid) COLLATE "C"
"""
EXTENSIONS: Final = "SELECT extname::text FROM pg_extension ORDER BY 1"
