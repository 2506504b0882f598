"""Statements that a migrator tries under the guard, with what refuses each, or what docs/guard.md says of it."""

from attrs import frozen

NOTHING = "has no effect"
GUARD = "the guard"
LOGGED = "the log"


@frozen
class Statement:
    """Something to try as a side; ``before`` is what the other side has made beforehand.

    ``outcome`` is the SQLSTATE with which PostgreSQL refuses it, GUARD, LOGGED or NOTHING, or else words of the
    guide that say why it is let through. ``alone`` is for what runs in no transaction.
    """

    sql: str
    outcome: str
    before: str = ""
    alone: bool = False

    @property
    def is_refused_by_postgres(self):
        """Whether the outcome is an SQLSTATE."""
        return len(self.outcome) == 5 and self.outcome[0].isdigit()


def each(outcome, *statements, alone=False):
    """Return statements of one outcome; a pair is what the other side makes beforehand, and the statement."""
    pairs = (("", one) if isinstance(one, str) else one for one in statements)
    return [Statement(sql, outcome, before, alone) for before, sql in pairs]


PRIVILEGE = "42501"

ROLES = [
    *each(
        PRIVILEGE,
        "SET ROLE {them}",
        "SET ROLE {owner}",
        "SET ROLE {superuser}",
        "SET LOCAL ROLE {their_worker}",
        "GRANT {me} TO {me}",
        "GRANT {me} TO {them}",
        "GRANT {them} TO {me}",
        "GRANT {them} TO {me} WITH INHERIT TRUE, SET TRUE",
        "GRANT {owner} TO {me} WITH ADMIN OPTION",
        "GRANT {superuser} TO {me}",
        "GRANT pg_execute_server_program TO {me}",
        "GRANT pg_write_server_files TO {me}",
        "GRANT pg_write_all_data TO {me}",
        "GRANT pg_read_all_data TO {me}",
        "GRANT pg_signal_backend TO {me}",
        "GRANT pg_create_subscription TO {me}",
        "CREATE ROLE another",
        "CREATE ROLE another SUPERUSER LOGIN",
        "CREATE ROLE another IN ROLE {them}",
        "ALTER ROLE {me} SUPERUSER",
        "ALTER ROLE {me} CREATEROLE",
        "ALTER ROLE {me} CREATEDB",
        "ALTER ROLE {me} REPLICATION",
        "ALTER ROLE {me} BYPASSRLS",
        "ALTER ROLE {them} PASSWORD 'known'",
        "ALTER ROLE {them} NOLOGIN",
        "ALTER ROLE {them} VALID UNTIL '2000-01-01'",
        "ALTER ROLE {them} RENAME TO another",
        "ALTER ROLE {them} SET search_path = evil",
        "ALTER ROLE {superuser} SET search_path = evil",
        "ALTER ROLE ALL SET search_path = evil",
        "ALTER ROLE {me} SET session_replication_role = replica",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT ALL ON SCHEMAS TO {me}",
        "DROP ROLE {them}",
        "COMMENT ON ROLE {them} IS 'ours'",
        "REASSIGN OWNED BY {them} TO {me}",
        "REASSIGN OWNED BY {me} TO {them}",
        "DROP OWNED BY {them} CASCADE",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {them} REVOKE SELECT ON TABLES FROM {me}",
        "GRANT SET ON PARAMETER session_replication_role TO {me}",
        "GRANT ALTER SYSTEM ON PARAMETER session_replication_role TO {me}",
    ),
    *each("0A000", "ALTER ROLE {me} RENAME TO another"),
    *each(
        "settings of its own role",
        "ALTER ROLE {me} SET search_path = public",
        "ALTER ROLE {me} SET row_security = on",
        # Accepted with a notice: at the next login PostgreSQL warns, and does not set it.
        "ALTER ROLE {me} SET role = {them}",
        "ALTER ROLE {me} IN DATABASE {database} RESET ALL",
        "ALTER ROLE {me} PASSWORD 'ours'",
    ),
]

SERVER = [
    *each(
        PRIVILEGE,
        "SET session_replication_role = replica",
        "SELECT set_config('session_replication_role', 'replica', true)",
        "UPDATE pg_settings SET setting = 'replica' WHERE name = 'session_replication_role'",
        "SET session_preload_libraries = 'evil'",
        "SET dynamic_library_path = '/tmp'",
        "SET allow_system_table_mods = on",
        "SET log_statement = 'none'",
        "SET lc_messages = 'C'",
        "SET plpgsql.variable_conflict = use_column",
        "SET zero_damaged_pages = on",
        "ALTER DATABASE {database} SET session_replication_role = replica",
        "ALTER DATABASE {database} SET search_path = evil",
        "ALTER DATABASE {database} OWNER TO {me}",
        "ALTER DATABASE {database} RENAME TO another",
        "ALTER DATABASE {database} CONNECTION LIMIT 0",
        "COMMENT ON DATABASE {database} IS 'ours'",
        "COPY {own} TO PROGRAM 'id'",
        "COPY {own} FROM PROGRAM 'id'",
        "COPY {own} TO '/tmp/own'",
        "COPY {own} FROM '/etc/passwd'",
        "LOAD 'evil'",
        "SELECT pg_read_file('pg_hba.conf')",
        "SELECT pg_read_binary_file('pg_hba.conf')",
        "SELECT pg_ls_dir('.')",
        "SELECT pg_stat_file('pg_hba.conf')",
        "SELECT lo_import('/etc/passwd')",
        "SELECT lo_export(lo_create(0), '/tmp/own')",
        "SELECT lo_unlink({large_object})",
        "SELECT lo_put({large_object}, 0, 'x')",
        "ALTER LARGE OBJECT {large_object} OWNER TO {me}",
        "GRANT ALL ON LARGE OBJECT {large_object} TO {me}",
        "SELECT pg_reload_conf()",
        "SELECT pg_rotate_logfile()",
        "SELECT pg_switch_wal()",
        "SELECT pg_create_restore_point('x')",
        "SELECT pg_promote()",
        "SELECT pg_backup_start('x')",
        "SELECT pg_create_physical_replication_slot('x')",
        "SELECT pg_replication_origin_create('x')",
        "SELECT pg_drop_replication_slot('x')",
        "SELECT pg_import_system_collations('public')",
        "SELECT pg_stat_reset()",
        "SELECT pg_cancel_backend({process})",
        "SELECT pg_terminate_backend({process})",
        "SELECT * FROM pg_authid",
        "SELECT * FROM pg_shadow",
        "SELECT * FROM pg_statistic",
        "SELECT * FROM pg_hba_file_rules",
        "UPDATE pg_authid SET rolsuper = true",
        "UPDATE pg_class SET relowner = 10",
        "DELETE FROM pg_event_trigger",
        "INSERT INTO pg_auth_members DEFAULT VALUES",
        "CHECKPOINT",
        "CREATE EXTENSION vector",
        "DROP EXTENSION plpgsql",
        "ALTER EXTENSION plpgsql UPDATE",
        "ALTER EXTENSION plpgsql ADD TABLE {own}",
        "CREATE FOREIGN DATA WRAPPER evil",
        "CREATE LANGUAGE evil HANDLER plpgsql_call_handler",
        "DROP LANGUAGE plpgsql",
        "CREATE ACCESS METHOD evil TYPE TABLE HANDLER heap_tableam_handler",
        "CREATE PUBLICATION evil FOR TABLE {own}",
        "CREATE PUBLICATION evil FOR ALL TABLES",
        "CREATE TYPE evil (INPUT = int4in, OUTPUT = int4out)",
        "CREATE TEXT SEARCH PARSER evil (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, "
        "LEXTYPES = prsd_lextype)",
        "CREATE TEXT SEARCH TEMPLATE evil (LEXIZE = dsimple_lexize)",
        "CREATE FUNCTION evil(cstring) RETURNS integer LANGUAGE internal AS 'int4in'",
        "CREATE FUNCTION evil() RETURNS integer LANGUAGE c AS 'evil'",
        "CREATE FUNCTION evil() RETURNS integer LEAKPROOF LANGUAGE sql AS 'SELECT 1'",
        "CREATE FUNCTION evil(text) RETURNS boolean SUPPORT textlike_support LANGUAGE sql AS 'SELECT true'",
        "CREATE FUNCTION evil() RETURNS void SET session_replication_role = replica LANGUAGE sql AS ''",
        "CREATE OR REPLACE FUNCTION pg_catalog.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT NULL::timestamptz'",
        "ALTER FUNCTION pg_catalog.now() SET search_path = evil",
        "ALTER OPERATOR pg_catalog.= (integer, integer) OWNER TO {me}",
        "ALTER TYPE pg_catalog.text OWNER TO {me}",
        "CREATE TYPE pg_catalog.evil AS ENUM ()",
        "CREATE OPERATOR FAMILY evil USING btree",
        "CREATE OPERATOR CLASS evil DEFAULT FOR TYPE {their_enum} USING btree AS STORAGE {their_enum}",
        "DO $$ BEGIN EXECUTE 'ALTER ROLE {me} SUPERUSER'; END $$",
    ),
    *each("0A000", "CREATE FUNCTION evil(internal) RETURNS internal LANGUAGE plpgsql AS 'BEGIN END'"),
    *each(
        "42704",
        "CREATE SERVER evil FOREIGN DATA WRAPPER evil",
        "CREATE USER MAPPING FOR {them} SERVER evil",
        "IMPORT FOREIGN SCHEMA public FROM SERVER evil INTO public",
    ),
    *each("22023", "SECURITY LABEL ON TABLE {own} IS 'x'"),
    *each(
        PRIVILEGE,
        "ALTER SYSTEM SET session_replication_role = replica",
        "ALTER SYSTEM RESET ALL",
        "CREATE DATABASE another",
        "DROP DATABASE {database}",
        "CREATE TABLESPACE evil LOCATION '/tmp'",
        "CREATE SUBSCRIPTION evil CONNECTION 'x' PUBLICATION evil WITH (connect = false)",
        "REINDEX DATABASE",
        "REINDEX TABLE CONCURRENTLY {their}",
        "SET SESSION AUTHORIZATION {them}",
        "SET SESSION AUTHORIZATION {superuser}",
        "CREATE INDEX CONCURRENTLY evil ON {their} (id)",
        alone=True,
    ),
    *each(NOTHING, "VACUUM {their}", "VACUUM FULL {their}", "ANALYZE {their}", "DISCARD ALL", alone=True),
    *each("55000", "BEGIN; PREPARE TRANSACTION 'evil'", alone=True),
    *each(
        "objects of no schema, locks and messages",
        "SELECT lo_create(0)",
        "SELECT pg_try_advisory_xact_lock(7307110114), pg_try_advisory_xact_lock(72707369)",
        "SELECT pg_notify('strongroom_changes', 'x')",
        "LOCK TABLE {their} IN ACCESS SHARE MODE",
        "LOCK TABLE strongroom_guard.owned IN ACCESS SHARE MODE",
    ),
]

OF_THE_GUARD = [
    *each(
        PRIVILEGE,
        "DROP EVENT TRIGGER strongroom_guard_ddl",
        "ALTER EVENT TRIGGER strongroom_guard_ddl DISABLE",
        "ALTER EVENT TRIGGER strongroom_guard_drop OWNER TO {me}",
        "ALTER EVENT TRIGGER strongroom_guard_drop RENAME TO another",
        "COMMENT ON EVENT TRIGGER strongroom_guard_drop IS 'ours'",
        "CREATE EVENT TRIGGER evil ON ddl_command_end EXECUTE FUNCTION strongroom_guard.on_ddl_command_end()",
        "SELECT strongroom_guard.record('x', 'y', 'z', 'backend')",
        "SELECT strongroom_guard.register(1259, '{their}'::regclass, '{my_side}')",
        "SELECT strongroom_guard.acting_side()",
        "SELECT strongroom_guard.approval()",
        "SELECT strongroom_guard.refuse('x', 'y', 'z', 'u')",
        "INSERT INTO strongroom_guard.side_role VALUES ('{me}', '{their_side}')",
        "UPDATE strongroom_guard.side_role SET side = '{their_side}'",
        "DELETE FROM strongroom_guard.declared",
        "DELETE FROM strongroom_guard.owned",
        "INSERT INTO strongroom_guard.approval VALUES (pg_current_xact_id(), now(), 'x')",
        "DELETE FROM strongroom_guard.ddl_log",
        "TRUNCATE strongroom_guard.ddl_log",
        "COPY strongroom_guard.ddl_log (login) FROM STDIN",
        "SELECT * FROM strongroom_guard.owned FOR UPDATE",
        "LOCK TABLE strongroom_guard.owned IN ACCESS EXCLUSIVE MODE",
        "LOCK TABLE strongroom_guard.ddl_log IN ROW EXCLUSIVE MODE",
        "SELECT setval('strongroom_guard.ddl_log_id_seq', 1)",
        "ALTER TABLE strongroom_guard.owned DISABLE TRIGGER ALL",
        "ALTER TABLE strongroom_guard.owned ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE strongroom_guard.owned OWNER TO {me}",
        "CREATE TRIGGER evil BEFORE INSERT ON strongroom_guard.ddl_log "
        "FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "CREATE RULE evil AS ON INSERT TO strongroom_guard.ddl_log DO INSTEAD NOTHING",
        "CREATE POLICY evil ON strongroom_guard.owned USING (false)",
        "CREATE INDEX evil ON strongroom_guard.owned (side)",
        "CREATE TABLE evil () INHERITS (strongroom_guard.owned)",
        "CREATE TABLE evil (a oid, b oid, FOREIGN KEY (a, b) REFERENCES strongroom_guard.owned)",
        "CREATE TABLE strongroom_guard.evil (id integer)",
        "CREATE FUNCTION strongroom_guard.register(oid, oid, name) RETURNS void LANGUAGE sql AS ''",
        "CREATE OR REPLACE FUNCTION strongroom_guard.on_sql_drop() RETURNS event_trigger LANGUAGE plpgsql AS ''",
        "ALTER FUNCTION strongroom_guard.acting_side() RESET ALL",
        "ALTER FUNCTION strongroom_guard.approve(text) RENAME TO another",
        "ALTER FUNCTION strongroom_guard.acting_side() OWNER TO {me}",
        "DROP FUNCTION strongroom_guard.on_sql_drop() CASCADE",
        "DROP SCHEMA strongroom_guard CASCADE",
        "ALTER SCHEMA strongroom_guard RENAME TO another",
        "ALTER TABLE {own} SET SCHEMA strongroom_guard",
        "COMMENT ON TABLE strongroom_guard.ddl_log IS 'ours'",
    ),
    *each(
        NOTHING, "GRANT ALL ON strongroom_guard.owned TO {me}", "REVOKE SELECT ON strongroom_guard.owned FROM {them}"
    ),
    *each("views over the guard's tables", "CREATE VIEW mine AS SELECT * FROM strongroom_guard.owned"),
]
