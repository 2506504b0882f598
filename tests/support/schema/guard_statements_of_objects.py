"""Statements on one's own and on the other side's objects, each with what refuses it under the guard."""

from .guard_attacks import attacks_on
from .guard_statements import GUARD, LOGGED, NOTHING, OF_THE_GUARD, PRIVILEGE, ROLES, SERVER, Statement, each

CASCADE = "DROP TABLE {referred} CASCADE"
FUNCTION = "CREATE FUNCTION mine(integer) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT 1';"
OPERATOR = (
    "CREATE FUNCTION same(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';"
    "CREATE OPERATOR ==== (LEFTARG = text, RIGHTARG = text, FUNCTION = same)"
)
TRUE = "CREATE FUNCTION mine(text) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT true';"

OF_OTHERS = [
    *each(
        PRIVILEGE,
        "INSERT INTO {their} SELECT * FROM {their}",
        "UPDATE {their} SET id = id",
        "DELETE FROM {their}",
        "WITH gone AS (DELETE FROM {their} RETURNING 1) SELECT count(*) FROM gone",
        "ALTER TABLE {their} SET (toast.autovacuum_enabled = off)",
        "MERGE INTO {their} USING {own} ON false WHEN NOT MATCHED THEN INSERT DEFAULT VALUES",
        "COPY {their} FROM STDIN",
        "SELECT * FROM {their} FOR KEY SHARE",
        "SELECT * FROM {their} FOR UPDATE",
        "LOCK TABLE {their} IN ROW SHARE MODE",
        "LOCK TABLE {their} IN ACCESS EXCLUSIVE MODE",
        "TRUNCATE {referred} CASCADE",
        "ALTER TABLE {their} OWNER TO {me}",
        "ALTER TABLE {own} OWNER TO {them}",
        "ALTER TABLE {own} OWNER TO {owner}",
        "ALTER TYPE {own_enum} OWNER TO {them}",
        "ALTER FUNCTION {own_function}() OWNER TO {them}",
        "ALTER TABLE {their} DISABLE TRIGGER ALL",
        "ALTER TABLE {referred} DISABLE TRIGGER ALL",
        "ALTER TABLE {their} FORCE ROW LEVEL SECURITY",
        "ALTER TABLE {their} SET UNLOGGED",
        "ALTER TABLE {their} CLUSTER ON {their}_pkey",
        "ALTER TABLE {their} SET SCHEMA pg_catalog",
        "ALTER TABLE {own} SET SCHEMA pg_catalog",
        "CLUSTER {their} USING {their}_pkey",
        "REINDEX TABLE {their}",
        "CREATE TABLE mine () INHERITS ({their})",
        "CREATE TABLE mine (LIKE {their}); ALTER TABLE mine INHERIT {their}",
        "CREATE TABLE mine (LIKE {their}) PARTITION BY LIST (id); ALTER TABLE mine ATTACH PARTITION {their} DEFAULT",
        "CREATE CAST ({their_enum} AS text) WITH INOUT AS IMPLICIT",
        "ALTER FUNCTION {their_function}() SET search_path = evil",
        "ALTER FUNCTION {their_function}() SECURITY DEFINER",
        "COMMENT ON FUNCTION {their_function}() IS 'ours'",
        "CREATE RULE mine AS ON INSERT TO {their} DO ALSO NOTIFY evil",
        "CREATE SCHEMA evil",
        "CREATE SCHEMA AUTHORIZATION CURRENT_USER",
        "ALTER SCHEMA public OWNER TO {me}",
        "COMMENT ON SCHEMA public IS 'ours'",
        "DROP SCHEMA public",
        "CREATE FUNCTION public.mine() RETURNS void LANGUAGE sql AS ''; ALTER FUNCTION mine() SET SCHEMA pg_catalog",
        "CREATE FUNCTION pg_catalog.mine() RETURNS void LANGUAGE sql AS ''",
        "CREATE VIEW pg_catalog.mine AS SELECT 1",
        "CREATE RULE mine AS ON DELETE TO {own} DO ALSO DELETE FROM {their}; DELETE FROM {own}",
        "CREATE FUNCTION mine() RETURNS void SECURITY DEFINER LANGUAGE sql AS 'DELETE FROM {their}'; SELECT mine()",
        "CREATE VIEW mine AS SELECT * FROM {their}; DELETE FROM mine",
        "CREATE VIEW mine WITH (security_barrier) AS SELECT * FROM {their}; UPDATE mine SET id = id",
        ("CREATE VIEW theirs AS SELECT 1 AS x", "CREATE OR REPLACE VIEW theirs AS SELECT 2 AS x"),
        ("CREATE VIEW theirs AS SELECT 1 AS x", "DROP VIEW theirs"),
        ("CREATE SEQUENCE theirs", "SELECT setval('theirs', 1)"),
        ("CREATE SEQUENCE theirs", "ALTER SEQUENCE theirs RESTART"),
        ("CREATE DOMAIN theirs AS text", "ALTER DOMAIN theirs ADD CHECK (false)"),
        ("CREATE DOMAIN theirs AS text", "DROP DOMAIN theirs"),
        ('CREATE COLLATION theirs FROM "C"', "ALTER COLLATION theirs RENAME TO mine"),
        ("CREATE STATISTICS theirs ON id, {their_column} FROM {their}", "ALTER STATISTICS theirs SET STATISTICS 0"),
        ("CREATE TEXT SEARCH CONFIGURATION theirs (COPY = simple)", "DROP TEXT SEARCH CONFIGURATION theirs"),
        (
            OPERATOR,
            "CREATE OPERATOR ##### (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq, COMMUTATOR = ====)",
        ),
        (
            OPERATOR,
            "ALTER OPERATOR ==== (text, text) SET (RESTRICT = eqsel)",
        ),
        ("CREATE TYPE theirs AS (a integer)", "ALTER TYPE theirs ADD ATTRIBUTE b integer"),
        ("CREATE PROCEDURE theirs() LANGUAGE sql AS ''", "DROP PROCEDURE theirs()"),
        ("CREATE AGGREGATE theirs(integer) (SFUNC = int4pl, STYPE = integer)", "DROP AGGREGATE theirs(integer)"),
    ),
    *each("55000", "CREATE SEQUENCE mine OWNED BY {their}.id"),
    *each("42809", "CREATE TABLE mine OF {their}"),
    *each("42P07", "SELECT 1 AS x INTO {their}"),
    *each(
        "0A000",
        "CREATE FUNCTION pg_temp.me() RETURNS void LANGUAGE sql AS ''; ALTER FUNCTION pg_temp.me() SET SCHEMA public",
    ),
    *each(
        "0A000",
        (
            "CREATE VIEW theirs AS SELECT {own_column} FROM {own}",
            "ALTER TABLE {own} ALTER {own_column} TYPE varchar(9)",
        ),
    ),
    *each("2BP01", ("CREATE VIEW theirs AS SELECT {own_column} FROM {own}", "ALTER TABLE {own} DROP {own_column}")),
    *each("2BP01", "DROP TABLE {referred}", "DROP OWNED BY {me}"),
    *each(
        NOTHING,
        "GRANT ALL ON {their} TO {me}",
        "GRANT SELECT ON {their} TO {me} WITH GRANT OPTION",
        "REVOKE ALL ON {their} FROM {them} CASCADE",
        "GRANT CREATE ON SCHEMA public TO PUBLIC",
        "REVOKE USAGE ON SCHEMA public FROM {them}",
        "GRANT CREATE ON DATABASE {database} TO {me}",
        "CREATE TABLE IF NOT EXISTS {their} (id integer)",
        "ANALYZE {their}",
        "SET CONSTRAINTS ALL DEFERRED",
        "DECLARE mine CURSOR FOR SELECT * FROM {their}; FETCH 1 FROM mine",
        "PREPARE mine AS SELECT * FROM {their}; EXECUTE mine; DEALLOCATE mine",
        "CREATE TEMPORARY TABLE {their} (id integer)",
        "CREATE TEMPORARY VIEW mine AS SELECT * FROM {their}",
        "LISTEN strongroom_changes; UNLISTEN *",
        "RESET ALL; RESET ROLE; DISCARD TEMP",
    ),
]

VICTIMS = each(
    GUARD,
    CASCADE,
    "ALTER TABLE {referred} DROP COLUMN id CASCADE",
    "ALTER TABLE {referred} DROP CONSTRAINT {referred_key} CASCADE",
    "DROP OWNED BY {me} CASCADE",
    ("CREATE VIEW theirs AS SELECT {own_column} FROM {own}", "ALTER TABLE {own} DROP {own_column} CASCADE"),
    ("CREATE VIEW theirs AS SELECT {own_column} FROM {own}", "DROP TABLE {own} CASCADE"),
    (
        "CREATE MATERIALIZED VIEW theirs AS SELECT {own_column} FROM {own}",
        "ALTER TABLE {own} DROP {own_column} CASCADE",
    ),
    ("CREATE TABLE theirs (kind {own_enum})", "DROP TYPE {own_enum} CASCADE"),
    ("CREATE TABLE theirs (kind {own_enum}[])", "DROP TYPE {own_enum} CASCADE"),
    ("CREATE DOMAIN theirs AS {own_enum}", "DROP TYPE {own_enum} CASCADE"),
    ("CREATE TYPE theirs AS (kind {own_enum})", "DROP TYPE {own_enum} CASCADE"),
    ("CREATE FUNCTION theirs({own_enum}) RETURNS text LANGUAGE sql AS 'SELECT NULL'", "DROP TYPE {own_enum} CASCADE"),
    ("CREATE FUNCTION theirs({own}) RETURNS text LANGUAGE sql AS 'SELECT NULL'", "DROP TABLE {own} CASCADE"),
    ("CREATE TABLE theirs (kind {own})", "DROP TABLE {own} CASCADE"),
    ("CREATE TABLE theirs (id integer DEFAULT mine(1))", "DROP FUNCTION mine(integer) CASCADE"),
    ("CREATE TABLE theirs (id integer CHECK (id > mine(1)))", "DROP FUNCTION mine(integer) CASCADE"),
    (
        "CREATE TABLE theirs (id integer, more integer GENERATED ALWAYS AS (mine(id)) STORED)",
        "DROP FUNCTION mine(integer) CASCADE",
    ),
    ("CREATE TABLE theirs (id integer); CREATE INDEX ON theirs ((mine(1)))", "DROP FUNCTION mine(integer) CASCADE"),
    (
        "CREATE TABLE theirs (id integer); CREATE INDEX ON theirs (id) WHERE mine(1) = 1",
        "DROP FUNCTION mine(integer) CASCADE",
    ),
    ("CREATE POLICY theirs ON {their} USING (mine(1) = 1)", "DROP FUNCTION mine(integer) CASCADE"),
    ("CREATE RULE theirs AS ON INSERT TO {their} DO ALSO SELECT mine(1)", "DROP FUNCTION mine(integer) CASCADE"),
    ("CREATE VIEW theirs AS SELECT mine(1)", "DROP FUNCTION mine(integer) CASCADE"),
    ("CREATE DOMAIN theirs AS integer CHECK (VALUE > mine(1))", "DROP FUNCTION mine(integer) CASCADE"),
    (
        "CREATE AGGREGATE theirs(integer) (SFUNC = int4pl, STYPE = integer, FINALFUNC = mine)",
        "DROP FUNCTION mine(integer) CASCADE",
    ),
    ("CREATE STATISTICS theirs ON (mine(1)), id FROM {their}", "DROP FUNCTION mine(integer) CASCADE"),
    ("CREATE OPERATOR ==== (RIGHTARG = integer, FUNCTION = mine)", "DROP FUNCTION mine(integer) CASCADE"),
    ("CREATE TYPE theirs AS RANGE (SUBTYPE = mine_positive)", "DROP DOMAIN mine_positive CASCADE"),
    ("CREATE TABLE theirs (id mine_positive)", "DROP DOMAIN mine_positive CASCADE"),
    ("CREATE TABLE theirs (id integer DEFAULT nextval('mine_numbers'))", "DROP SEQUENCE mine_numbers CASCADE"),
    ("CREATE TABLE theirs (name text COLLATE mine_order)", "DROP COLLATION mine_order CASCADE"),
    (
        "CREATE TABLE theirs (a text); CREATE INDEX ON theirs USING gin (to_tsvector('mine_words'::regconfig, a))",
        "DROP TEXT SEARCH CONFIGURATION mine_words CASCADE",
    ),
)
OWN_THINGS = """
    CREATE FUNCTION mine(integer) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT 1';
    CREATE DOMAIN mine_positive AS integer CHECK (VALUE > 0);
    CREATE SEQUENCE mine_numbers; GRANT USAGE ON SEQUENCE mine_numbers TO PUBLIC;
    CREATE COLLATION mine_order FROM "C";
    CREATE TEXT SEARCH CONFIGURATION mine_words (COPY = simple)
"""
"""What the side has that tries the statements of VICTIMS."""

WAYS_ROUND = each(
    GUARD,
    *(
        f"{before}; {CASCADE}"
        for before in (
            "SET LOCAL role = 'none'",
            "SET LOCAL search_path = pg_temp, public",
            "CREATE TEMPORARY TABLE side_role (role name, side text); CREATE TEMPORARY TABLE owned (class_id oid)",
            "CREATE TEMPORARY VIEW pg_roles AS SELECT oid, '{them}'::name AS rolname, true AS rolsuper FROM pg_class",
            "CREATE FUNCTION pg_temp.acting_side() RETURNS text LANGUAGE sql AS 'SELECT ''{their_side}'''",
            "SET LOCAL standard_conforming_strings = off",
            "SET LOCAL transform_null_equals = on",
            "SET LOCAL quote_all_identifiers = on",
            "SET LOCAL plan_cache_mode = force_generic_plan",
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off",
            "SET LOCAL row_security = off",
            "SET LOCAL strongroom.guard_approval = 'please'",
            "SET strongroom.guard_approval = 'please'",
            "SET LOCAL client_min_messages = error; SET LOCAL application_name = 'strongroom'",
            "RESET ALL",
            "RESET ROLE",
            "ALTER TABLE {referred} RENAME TO moved; ALTER TABLE moved RENAME TO {referred}",
            "SET LOCAL DateStyle = 'SQL, DMY'; SET LOCAL bytea_output = escape",
            "SET CONSTRAINTS ALL DEFERRED",
        )
    ),
    "ALTER TABLE {referred} RENAME TO moved; DROP TABLE moved CASCADE",
    "DO $$ BEGIN EXECUTE '{cascade}'; END $$",
    "DO $$ BEGIN BEGIN EXECUTE '{cascade}'; EXCEPTION WHEN division_by_zero THEN END; END $$",
    "CREATE FUNCTION mine() RETURNS void LANGUAGE plpgsql AS $$ BEGIN {cascade}; END $$; SELECT mine()",
    "CREATE FUNCTION mine() RETURNS void SECURITY DEFINER LANGUAGE plpgsql AS $$ BEGIN {cascade}; END $$; "
    "SELECT mine()",
    "CREATE FUNCTION mine() RETURNS void SET search_path = '' LANGUAGE plpgsql AS "
    "$$ BEGIN DROP TABLE public.{referred} CASCADE; END $$; SELECT mine()",
    "CREATE PROCEDURE mine() LANGUAGE plpgsql AS $$ BEGIN {cascade}; END $$; CALL mine()",
    "CREATE TABLE mine (id integer); CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN {cascade}; RETURN NEW; END $$; CREATE TRIGGER mine BEFORE INSERT ON mine FOR EACH ROW "
    "EXECUTE FUNCTION mine(); INSERT INTO mine VALUES (1)",
    "CREATE FUNCTION mine() RETURNS text VOLATILE LANGUAGE plpgsql AS $$ BEGIN {cascade}; RETURN 'x'; END $$; "
    "CREATE TABLE mine (id text DEFAULT mine()); INSERT INTO mine DEFAULT VALUES",
    "CREATE FUNCTION mine(text) RETURNS void LANGUAGE sql AS ''; ALTER FUNCTION mine(text) RENAME TO {their_function}",
    "CREATE FUNCTION {their_function}(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "CREATE PROCEDURE {their_function}(integer) LANGUAGE sql AS ''",
    "CREATE AGGREGATE {their_function}(integer) (SFUNC = int4pl, STYPE = integer)",
    "CREATE FUNCTION unnest(uuid[]) RETURNS SETOF uuid LANGUAGE sql AS 'SELECT NULL::uuid'",
    "CREATE AGGREGATE array_agg(text) (SFUNC = textcat, STYPE = text)",
    "CREATE FUNCTION mine({own_enum}, {own_enum}) RETURNS boolean LANGUAGE sql AS 'SELECT true'; "
    "CREATE OPERATOR = (LEFTARG = {own_enum}, RIGHTARG = {own_enum}, FUNCTION = mine)",
    "CREATE FUNCTION mine({their_enum}, {their_enum}) RETURNS boolean LANGUAGE sql AS 'SELECT true'; "
    "CREATE OPERATOR <> (LEFTARG = {their_enum}, RIGHTARG = {their_enum}, FUNCTION = mine)",
    "ALTER TABLE {own} RENAME TO moved; CREATE VIEW {own} AS SELECT * FROM moved",
    "CREATE VIEW mine AS SELECT 1 AS x; ALTER TABLE {own} RENAME TO moved; ALTER VIEW mine RENAME TO {own}",
    f"{TRUE} CREATE DOMAIN to_regclass AS text CHECK (mine(VALUE))",
    f"{TRUE} CREATE DOMAIN mine AS text CHECK (mine(VALUE)); ALTER DOMAIN mine RENAME TO lower",
    "CREATE TYPE btrim AS RANGE (SUBTYPE = text)",
    "CREATE CAST ({own_enum} AS text) WITH INOUT AS IMPLICIT",
    "CREATE CAST ({own_enum} AS {their_enum}) WITH INOUT AS ASSIGNMENT",
    "CREATE FUNCTION mine({own_enum}) RETURNS text LANGUAGE sql AS 'SELECT NULL'; "
    "CREATE CAST ({own_enum} AS text) WITH FUNCTION mine({own_enum}) AS ASSIGNMENT",
)

APPROVED = [
    *each(LOGGED, f"SELECT strongroom_guard.approve('agreed'); {CASCADE}"),
    *each(LOGGED, "SELECT strongroom_guard.approve('agreed')"),
    *each(GUARD, "SELECT strongroom_guard.approve('agreed'); CREATE DOMAIN lower AS text"),
    *each(
        "22023",
        f"SELECT strongroom_guard.approve(''); {CASCADE}",
        f"SELECT strongroom_guard.approve(E' \\n\\t'); {CASCADE}",
        f"SELECT strongroom_guard.approve(repeat('x', 10000000)); {CASCADE}",
        f"SELECT strongroom_guard.approve(NULL); {CASCADE}",
    ),
    *each(PRIVILEGE, "SELECT strongroom_guard.approve('agreed'); DROP TABLE {their}"),
]

OF_ONE_S_OWN = [
    *each(
        GUARD,
        "CREATE TABLE mine (id {key_type} REFERENCES {their} ON DELETE CASCADE); CREATE TRIGGER mine "
        "AFTER DELETE ON mine FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "CREATE TABLE mine (id {key_type} REFERENCES {their} ON DELETE CASCADE); CREATE RULE mine AS "
        "ON DELETE TO mine DO ALSO DELETE FROM {own}",
        f"{FUNCTION} CREATE TABLE mine (id {{key_type}} CHECK (mine(1) = 1) REFERENCES {{their}} ON DELETE SET NULL)",
    ),
    *each(
        "code in what the other side reads or writes",
        "ALTER TABLE {own} ENABLE ROW LEVEL SECURITY",
        f"{TRUE} ALTER TABLE {{own}} ENABLE ROW LEVEL SECURITY; CREATE POLICY mine ON {{own}} USING (mine('x'))",
        "CREATE TRIGGER mine BEFORE INSERT ON {own} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "CREATE RULE mine AS ON INSERT TO {own} DO ALSO DELETE FROM {their}",
        f"{TRUE} CREATE VIEW mine AS SELECT mine('x')",
        f"{FUNCTION} CREATE TABLE mine (id integer, more integer GENERATED ALWAYS AS (mine(1)) STORED)",
        f"{FUNCTION} ALTER TABLE {{own}} ADD COLUMN more integer DEFAULT mine(1)",
        f"{FUNCTION} CREATE TABLE mine (id integer CHECK (mine(id) = 1))",
        f"{FUNCTION} CREATE TABLE mine (id integer); CREATE INDEX ON mine (mine(id))",
        f"{TRUE} CREATE DOMAIN mine AS text CHECK (mine(VALUE))",
        "CREATE FUNCTION mine() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
        f"{TRUE} CREATE OPERATOR ===== (RIGHTARG = text, FUNCTION = mine)",
    ),
    *each(
        "grants on its own objects",
        "REVOKE ALL ON {own} FROM {them}",
        "GRANT ALL ON {own} TO PUBLIC",
        "GRANT ALL ON {own} TO {them} WITH GRANT OPTION",
        "REVOKE USAGE ON TYPE {own_enum} FROM PUBLIC",
        "REVOKE EXECUTE ON FUNCTION {own_function} FROM PUBLIC",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE SELECT ON TABLES FROM {them}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO PUBLIC",
    ),
    *each(
        "change its own tables in a way that breaks the other's queries",
        "ALTER TYPE {own_enum} RENAME VALUE '{own_value}' TO 'moved'",
        "ALTER TYPE {own_enum} ADD VALUE 'extra'",
        "ALTER TABLE {own} RENAME {own_column} TO moved",
        "ALTER TABLE {own} ALTER {own_column} TYPE varchar(99)",
        ("CREATE VIEW theirs AS SELECT {own_column} FROM {own}", "ALTER TABLE {own} RENAME {own_column} TO moved"),
    ),
    *each(
        "views and foreign keys over the other's columns",
        "CREATE TABLE mine (id {key_type} REFERENCES {their})",
        "CREATE TABLE mine (id {key_type} REFERENCES {their} ON DELETE RESTRICT)",
        "CREATE VIEW mine AS SELECT id FROM {their}",
        "CREATE VIEW mine WITH (security_barrier, security_invoker) AS SELECT id FROM {their}",
        "CREATE MATERIALIZED VIEW mine AS SELECT id FROM {their}",
        "CREATE TABLE mine (LIKE {their} INCLUDING ALL)",
        "CREATE FUNCTION mine() RETURNS SETOF {their} LANGUAGE sql AS 'SELECT * FROM {their}'",
        "CREATE TABLE mine (kind {their_enum})",
    ),
]

OWN = {
    "backend": {
        "own": "swaps",
        "own_column": "trader_address",
        "own_enum": "flow_kind",
        "own_value": "fee",
        "own_function": "refuse_update",
        "referred": "chain",
        "referred_key": "chain_pkey",
    },
    "frontend": {
        "own": "goal",
        "own_column": "name",
        "own_enum": "goal_status",
        "own_value": "reached",
        "own_function": "announce_messages",
        "referred": '"user"',
        "referred_key": "user_pkey",
    },
}
OTHER = {"backend": "frontend", "frontend": "backend"}


def statements_of(side):
    """Return every statement that a side tries, those on each kind of the other's objects included."""
    attacks = [
        Statement(sql.replace("{", "{{").replace("}", "}}"), PRIVILEGE) for sql in attacks_on(OTHER[side]).values()
    ]
    return [*ROLES, *SERVER, *OF_THE_GUARD, *attacks, *OF_OTHERS, *VICTIMS, *WAYS_ROUND, *APPROVED, *OF_ONE_S_OWN]
