"""Migration files: their statements, what of their text counts, what they require, and in which order they run."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from strongroom.adapters.postgres.migrator import (
    MigrationFileInvalid,
    MigrationFolders,
    Side,
    load_migrations,
    migration_order,
)
from strongroom.adapters.postgres.migrator.sql_text import checksum, normalize_sql, split_statements

PIECES = st.sampled_from(
    [
        "select 1",
        "'a;b'",
        "'it''s -- no comment'",
        "E'a\\';b'",
        '"odd;name"',
        "$$ body; -- kept\n $$",
        "$tag$ a $$ ; $tag$",
        "a <> b",
        "1.5",
        "(x)",
    ]
)
GAPS = st.sampled_from([" ", "\n", "\t", " -- a comment; here\n", " /* one /* nested; */ two */ ", "\n\n"])


def write(folder: Path, **files: str) -> tuple[Path, Path]:
    """Write migration files named ``pg_NNNN_name`` and ``prisma_name``; return both folders."""
    backend, frontend = folder / "pg", folder / "prisma"
    backend.mkdir(exist_ok=True)
    frontend.mkdir(exist_ok=True)
    for name, sql in files.items():
        side, _, rest = name.partition("_")
        target = backend / f"{rest}.sql" if side == "pg" else frontend / rest / "migration.sql"
        target.parent.mkdir(exist_ok=True)
        target.write_text(sql, encoding="utf-8")
    return backend, frontend


@given(pieces=st.lists(PIECES, min_size=1, max_size=8), gaps=st.lists(GAPS, min_size=16, max_size=16))
def test_comments_and_white_space_do_not_count(pieces: list[str], gaps: list[str]) -> None:
    """Two texts that differ in comments and white space between tokens have the same checksum."""
    plain = " ".join(pieces)
    edited = gaps[0] + "".join(piece + gap for piece, gap in zip(pieces, gaps[1:], strict=False))
    assert checksum(plain) == checksum(edited)


@given(first=st.text(max_size=8), second=st.text(max_size=8), quote=st.sampled_from(["'", '"', "$q$"]))
def test_quoted_text_counts_in_the_checksum(first: str, second: str, quote: str) -> None:
    """Two literals, identifiers or bodies that differ at all never have the same checksum."""
    assume(first != second)
    escaped = [text.replace(quote, quote * 2) if len(quote) == 1 else text.replace("$", "") for text in (first, second)]
    assume(escaped[0] != escaped[1])
    one, other = (f"select {quote}{text}{quote}" for text in escaped)
    assert checksum(one) != checksum(other)


@given(character=st.characters(codec="utf-8", exclude_characters="\0"), other=st.characters(codec="utf-8"))
def test_only_postgresqls_own_white_space_separates(character: str, other: str) -> None:
    """A character that PostgreSQL takes for part of a name (every one beyond ASCII) is never taken for a space."""
    assume(character != other and not {character, other} <= set(" \t\n\r\f\v"))
    assume(ord(character) > 127 or ord(other) > 127)
    assert checksum(f"select a{character}b") != checksum(f"select a{other}b")


def test_a_comment_ends_with_its_line_however_lines_end() -> None:
    """What follows a carriage return is no comment any more, as PostgreSQL reads it."""
    assert normalize_sql("-- a\rDROP TABLE t") == "DROP TABLE t"
    assert normalize_sql("\ufeffSELECT 1 -- a\r\n") == "SELECT 1"


@given(pieces=st.lists(PIECES, min_size=1, max_size=6), gaps=st.lists(GAPS, min_size=12, max_size=12))
def test_statements_are_split_at_semicolons_that_end_them(pieces: list[str], gaps: list[str]) -> None:
    """Semicolons in quotes, bodies and comments split nothing, and each statement knows its line."""
    text = "".join(f"{gap}{piece};" for piece, gap in zip(pieces, gaps, strict=False))
    found = split_statements(text)
    assert [normalize_sql(statement.text) for statement in found] == [normalize_sql(piece) for piece in pieces]
    for statement in found:
        rest = text.split("\n", statement.line - 1)[-1]
        assert statement.text.split("\n")[0] in rest.split("\n")[0] + "\n"


def test_a_function_body_written_in_sql_is_one_statement() -> None:
    """BEGIN ATOMIC … END holds semicolons, and CASE … END within it ends nothing."""
    body = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END"
    assert [statement.text for statement in split_statements(f"{body}; SELECT 3;")] == [body, "SELECT 3"]


def test_the_statements_of_a_rule_stay_together() -> None:
    """A semicolon within parentheses ends nothing."""
    rule = "CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM a; DELETE FROM b)"
    assert [statement.text for statement in split_statements(f"{rule}; SELECT 1")] == [rule, "SELECT 1"]


def test_one_order_is_computed_over_both_histories(tmp_path: Path) -> None:
    """Each history keeps its own order, and a file comes after what it requires of the other."""
    folders = write(
        tmp_path,
        pg_0001_one="-- requires: prisma/1_users\nSELECT 1;",
        pg_0002_two="SELECT 2;",
        prisma_1_users="SELECT 1;",
        prisma_2_safes="-- requires: pg/0002\n-- requires: pg/0001_one\nSELECT 2;",
        pg_0003_three="-- requires: prisma/1_users, prisma/2_safes\nSELECT 3;",
    )
    ordered = [migration.label for migration in migration_order(load_migrations(MigrationFolders(*folders)))]
    assert ordered == ["prisma/1_users", "pg/0001_one", "pg/0002_two", "prisma/2_safes", "pg/0003_three"]


def test_histories_that_wait_for_each_other_are_refused_by_name(tmp_path: Path) -> None:
    """A circle of requirements is an error that writes the circle out."""
    folders = write(
        tmp_path,
        pg_0001_one="-- requires: prisma/2_b\nSELECT 1;",
        prisma_1_a="-- requires: pg/0001\nSELECT 1;",
        prisma_2_b="SELECT 2;",
    )
    with pytest.raises(MigrationFileInvalid, match=r"circle: .*prisma/1_a requires pg/0001_one") as caught:
        migration_order(load_migrations(MigrationFolders(*folders)))
    assert "prisma/2_b" in str(caught.value)


@pytest.mark.parametrize("name", ["prisma/9_gone", "pg/0009", "elsewhere/1"])
def test_a_requirement_that_does_not_exist_is_named(tmp_path: Path, name: str) -> None:
    """The message names the file, what it requires, and what there is."""
    folders = write(tmp_path, pg_0001_one=f"-- requires: {name}\nSELECT 1;", prisma_1_a="SELECT 1;")
    with pytest.raises(MigrationFileInvalid, match="pg/0001_one requires"):
        migration_order(load_migrations(MigrationFolders(*folders)))


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"pg_one": "SELECT 1;"}, "NNNN_name.sql"),
        ({"pg_0001_a": "SELECT 1;", "pg_0001_b": "SELECT 1;"}, "renumber"),
        ({"pg_0001_a": "-- strongroom: fast\nSELECT 1;"}, "not known"),
        ({"pg_0001_a": "CREATE INDEX CONCURRENTLY i ON t (a);"}, "no-transaction"),
        ({"pg_0001_a": "-- strongroom: no-transaction\nCREATE INDEX CONCURRENTLY i ON t (a);"}, "IF NOT EXISTS"),
        ({"pg_0001_a": "BEGIN; SELECT 1; COMMIT;"}, "line 1: a migration does not begin"),
        ({"pg_0001_a": "SELECT 1 AS begin, atomic FROM (SELECT 1 AS atomic) AS s; COMMIT;"}, "does not begin or end"),
        ({"pg_0001_a": "START /* a */ TRANSACTION;"}, "does not begin or end"),
        ({"pg_0001_a": "PREPARE -- it\n TRANSACTION 'x';"}, "does not begin or end"),
        ({"pg_0001_a": "ROLLBACK /* to */;"}, "does not begin or end"),
        ({"pg_0001_a": "CREATE /* an */ INDEX CONCURRENTLY i ON t (a);"}, "no-transaction"),
        ({"pg_0001_a": "-- strongroom: no-transaction\nCREATE TABLE a (b text DEFAULT 'if exists');"}, "IF NOT EXISTS"),
        ({"prisma_1_a": "SELECT 1;\nROLLBACK;"}, "prisma/1_a, line 2: a migration does not begin"),
        ({"pg_0001_a": "SELECT 1;\n-- requires: prisma/1_a\n"}, "before the first statement"),
        ({"pg_0001_a": "SELECT 1;\n-- strongroom: no-transaction\nSELECT 2;"}, "before the first statement"),
    ],
)
def test_a_file_that_cannot_work_is_refused_when_it_is_read(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    """Names, numbers, headers and statements are judged before anything runs."""
    with pytest.raises(MigrationFileInvalid, match=message):
        load_migrations(MigrationFolders(*write(tmp_path, **files)))


@pytest.mark.parametrize(
    "sql",
    [
        "SAVEPOINT a; ROLLBACK TO SAVEPOINT a;",
        "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;",
        "-- strongroom: no-transaction\nVACUUM; ANALYZE; DROP INDEX CONCURRENTLY IF EXISTS i;",
        "SELECT '-- requires: pg/0009';\n/* -- requires: pg/0009 */",
    ],
)
def test_a_file_that_only_looks_like_one_that_cannot_work_is_taken(tmp_path: Path, sql: str) -> None:
    """Savepoints, bodies of functions, what may be repeated, and headers that are none."""
    assert len(load_migrations(MigrationFolders(*write(tmp_path, pg_0001_a=sql)))) == 1


def test_a_folder_without_its_file_and_a_file_that_is_no_text_are_named(tmp_path: Path) -> None:
    """A Prisma folder without migration.sql, and bytes that are not UTF-8, are clear errors."""
    backend, frontend = write(tmp_path, pg_0001_a="SELECT 1;")
    (frontend / "1_empty").mkdir()
    with pytest.raises(MigrationFileInvalid, match=r"1_empty holds no migration\.sql"):
        load_migrations(MigrationFolders(backend, frontend))
    (frontend / "1_empty" / "migration.sql").write_bytes(b"SELECT '\xff';")
    with pytest.raises(MigrationFileInvalid, match="not UTF-8"):
        load_migrations(MigrationFolders(backend, frontend))


@given(lines=st.lists(st.sampled_from(["SELECT 1;", "-- note", "", "SELECT 'é';"]), min_size=1, max_size=5))
def test_prismas_checksum_is_taken_with_either_line_ending(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    """A row that Prisma wrote for the file with LF or CRLF, zero-padded or not, matches; another text does not."""
    text = "\n".join(lines)
    folders = write(tmp_path_factory.mktemp("prisma"), prisma_1_a=text)
    (migration,) = (one for one in load_migrations(MigrationFolders(*folders)) if one.side is Side.FRONTEND)
    for variant in (text, text.replace("\n", "\r\n")):
        digest = hashlib.sha256(variant.encode()).digest()
        assert migration.matches(digest.hex())
        assert migration.matches("".join(f"{byte:x}" for byte in digest))
    assert not migration.matches(hashlib.sha256((text + " ").encode()).hexdigest())
