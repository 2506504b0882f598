"""SQL that somebody could write into a declarative file or a migration to reach more than the file is about."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import asyncpg

MARK: Final = "ran"
"""The file, in a folder that every user may write to, that a program makes if SQL can run one."""
EXPRESSIONS: Final = {
    "a program after a semicolon": "'x'); COPY (SELECT 1) TO PROGRAM 'touch {mark}'; --",
    "a program within a comment's end": "'x' /*); */ ); COPY (SELECT 1) TO PROGRAM 'touch {mark}' --",
    "a commit": "'x'); COMMIT; CREATE TABLE public.owned (id int); --",
    "a rollback": "'x'); ROLLBACK; CREATE TABLE public.owned (id int); --",
    "a change of role": "'x'); RESET ROLE; RESET SESSION AUTHORIZATION; CREATE ROLE owned SUPERUSER; --",
    "a block": "'x'); DO $$ BEGIN EXECUTE 'CREATE ROLE owned'; END $$; --",
    "a setting": "'x'); SET statement_timeout = 0; SET search_path = pg_temp; --",
    "a second column": "'x'), extra text DEFAULT ('y'",
    "a table made of a query": ") AS SELECT pg_catalog.pg_sleep(60) --",
    "a table made of a file": "int) AS SELECT pg_catalog.pg_read_file('/etc/passwd') --",
    "a partition's expression": "'x')) PARTITION BY RANGE ((c",
    "an excluding index": "'x'), EXCLUDE USING btree ((pg_catalog.repeat('x', 1000000)) WITH =) WHERE (true",
    "another check": "true), CHECK (pg_catalog.pg_sleep(60) IS NULL",
    "another table's columns": "true), LIKE pg_catalog.pg_authid INCLUDING ALL, CHECK (true",
    "a storage parameter": "'x')) WITH (fillfactor = (10",
    "an identity": "'x') GENERATED ALWAYS AS IDENTITY (START 7",
    "a quote left open": "'x",
    "a name left open": '"x',
    "a dollar quote left open": "$tag$ x",
    "a comment left open": "'x' /* ",
    "a comment over the rest": "'x' --",
    "a string continued as another kind": "E'' \n'\\' ), extra text DEFAULT ('",
    "a sleep": "pg_catalog.pg_sleep(60)::text",
    "a file of the server": "pg_catalog.pg_read_file('/etc/passwd')",
    "a folder of the server": "(pg_catalog.pg_ls_dir('/'))",
    "a large object": "pg_catalog.lo_import('/etc/passwd')::text",
    "an empty large object": "pg_catalog.lo_creat(-1)::text",
    "a setting by a function": "pg_catalog.set_config('strongroom.seen', 'yes', false)",
    "a role by a function": "pg_catalog.set_config('role', 'none', false)",
    "a session that is ended": "pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid())::text",
    "a lock": "pg_catalog.pg_advisory_lock(1)::text",
    "a message": "pg_catalog.pg_notify('strongroom_changes', 'x')::text",
    "rows without end": "(SELECT count(*)::text FROM pg_catalog.generate_series(1, 1000000000000))",
    "a set": "pg_catalog.generate_series(1, 1000000000000)",
    "a gigabyte": "pg_catalog.repeat('x', 1000000000)",
    "a gigabyte in a comparison": "pg_catalog.repeat('x', 1000000000) = 'y'",
    "a query run by a function": "pg_catalog.query_to_xml('SELECT pg_sleep(60)', true, true, '')::text",
    "the roles' passwords": "(SELECT string_agg(rolpassword, '') FROM pg_catalog.pg_authid)",
    "a pattern that takes long": "(pg_catalog.repeat('a', 100000) ~ '(a*)*(a*)*b')::text",
    "nesting": "(" * 9_000 + "'x'" + ")" * 9_000,
    "casts without end": "'x'" + "::text" * 3_000,
}
"""``{mark}`` stands for the file that a program would make."""
STATEMENTS: Final = {
    "a program": "COPY (SELECT 1) TO PROGRAM 'touch {mark}'",
    "a program in a block": "DO $$ BEGIN COPY pg_catalog.pg_am TO PROGRAM 'touch {mark}'; END $$",
    "a program's output": "CREATE TABLE t (x text); COPY t FROM PROGRAM 'touch {mark}'",
    "a file": "CREATE TABLE t (x text); COPY t FROM '/etc/passwd'",
    "a file by a function": "SELECT pg_catalog.pg_read_file('/etc/passwd')",
    "a large object of a file": "SELECT pg_catalog.lo_import('/etc/passwd')",
    "a superuser": "ALTER ROLE CURRENT_USER SUPERUSER",
    "a role": "CREATE ROLE owned",
    "a predefined role": "GRANT pg_execute_server_program TO CURRENT_USER",
    "the superuser's role": "SET ROLE postgres",
    "the superuser's session": "SET SESSION AUTHORIZATION postgres",
    "a database": "CREATE DATABASE owned",
    "the server's settings": "ALTER SYSTEM SET archive_command = 'touch {mark}'",
    "a place for tables": "CREATE TABLESPACE owned LOCATION '/tmp'",
    "an event trigger": (
        "CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';\n"
        "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f()"
    ),
    "a function in C": "CREATE FUNCTION f(text) RETURNS int AS 'libc.so.6', 'system' LANGUAGE c",
    "an internal function": "CREATE FUNCTION f(text) RETURNS text AS 'pg_read_file_v2' LANGUAGE internal",
    "a subscription": (
        "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1' PUBLICATION p WITH (connect = false, slot_name = NONE)"
    ),
    "another database's settings": "ALTER DATABASE postgres SET search_path = public",
    "a trigger for replicas": "SET session_replication_role = replica",
    "a library": "LOAD '/tmp/owned.so'",
}
"""Statements of a migration that a role with no rights beyond its database is refused."""
_MADE: Final = """
    SELECT rolname::text FROM pg_roles WHERE rolname LIKE $1 UNION ALL
    SELECT datname::text FROM pg_database WHERE datname LIKE $1
"""


def as_text(sql: str) -> str:
    """Return SQL as a string of a schema.prisma, between its quotes."""
    escaped = sql.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


@contextmanager
def open_folder() -> Iterator[Path]:
    """Make a folder that every user may write to, where programs of the server leave their mark."""
    with tempfile.TemporaryDirectory(prefix="strongroom-hostile-") as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder


async def made_on(server: str, name: str = "owned") -> list[str]:
    """Return the roles and databases of a server whose names begin so, as hostile SQL would make them."""
    connection: asyncpg.Connection[Any] = await asyncpg.connect(server)
    try:
        return [found for (found,) in await connection.fetch(_MADE, f"{name}%")]
    finally:
        await connection.close()
