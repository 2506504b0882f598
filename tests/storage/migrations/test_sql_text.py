"""SQL text as PostgreSQL reads it: where statements end, what counts, and how long that takes."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom import migrations as shipped
from strongroom.adapters.postgres.migrator import MigrationFileInvalid, sql_text
from strongroom.adapters.postgres.migrator.sql_text import checksum, normalize_sql, scan, split_statements

DIGESTS = {
    "0001_chains_and_coins": "05a9473377d93e0fc624fd7cf0bd93dcdfe8570472bc4666181bb58a14a9c551",
    "0002_pools_and_positions": "762e87c9ee3d1348050c982d1a0131ff5a464a1b13e1f48b7676f08040714670",
    "0003_prices": "983301d09f8c80a8b60e8c529575fa8a8b7e51f861c113fcbc38bb6c705e281f",
    "0004_transactions": "345ec8f8f607fd60fe19f4b4ec546fc7a003bd7301ba1bbbf53c1fa209e9c34e",
    "0005_safe_positions": "7906e9c96a5f25eef5ae957eddcc63d4fb10563f26d7b735386cad8504c46e17",
    "0006_safe_positions_valid": "9a295a23b3200aa856aa24dd3281228592597980ea9137043fb76e52590ff976",
    "0007_protocols": "a0f1b6a72f0503665b98311b5b413f0d957b68e341826d91e20987df6e060189",
    "0008_apy_history": "e13926804277816c0e1a405d9a58cd8e7f300e2470e3ee418766443efcc9d738",
    "0009_token_daily_values": "03c7c3228ea0a0fb9d4cd05492d647891f29305d68dafdefdc55348d57d9f03c",
    "0010_solana": "e967e1b7a2d9967b5b668f046597811e1458b5724dafa7c3db454558a8cb493c",
    "0011_payments_and_snapshots": "58f8414c1e276560b2a493e3c0f3ffa4cb1e26d0927e3f8ddf54392af630142e",
    "0012_change_feed": "7057ec7fd8ba9fd19dc51ce6a13bd13bc2b10c3ba620902f662f01d371df9129",
    "0013_swaps_by_block": "f195d008811633d4a5de0bb5401839b8751d3a2a195d649b3da7c277688829f6",
    "0014_pools_by_apy": "67ec40f95adaaa79e5b8abe67fb2b75b3f31123ce94bea0003d50b7362d892b5",
}
"""Of the first migrations: databases of users have recorded them, so they never change."""
ATOMIC = "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; END"
PIECES = [
    r"'a'",
    r"'\'",
    r"'\''",
    r"E'\''",
    "e'a'",
    "E''",
    r"U&'\0061'",
    "B'1'",
    "'it''s;'",
    '"n;"',
    'U&"n"',
    "'",
    "$1",
]
PIECES += ["$$;$$", "$a$;'$a$", "1$$;$$", "/*;'*/", ";", "||", ",", "x", "1.5", "\n", "\n-- ;'\n", " "]
QUOTED = st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join)


def test_recorded_checksums_never_change() -> None:
    """The digests of migrations that databases have recorded are what they were."""
    found = {path.stem: checksum(path.read_text(encoding="utf-8")) for path in shipped.backend_folder().glob("*.sql")}
    assert DIGESTS.items() <= found.items()


@pytest.mark.parametrize("gap", ["\n", "\r\n", " -- a note\n", "\n -- one\n\t-- two\n"])
def test_an_escape_string_goes_on_over_lines(gap: str) -> None:
    r"""What follows an E-string on another line is one, too: its backslashes escape, and all of it counts."""
    text = "INSERT INTO note VALUES (E''" + gap + r"'\' -- pay {}" + "\n'); SELECT 2"
    one, other = text.replace("{}", "1"), text.replace("{}", "9999")
    assert checksum(one) != checksum(other)
    assert len(split_statements(one)) == 2


@pytest.mark.parametrize("gap", [" ", " /* \n */ ", "\n||"])
def test_a_string_that_continues_nothing_is_plain(gap: str) -> None:
    r"""On the same line, after a block comment or behind an operator a backslash stands for itself."""
    assert len(split_statements(f"SELECT E'a'{gap}'\\'; SELECT 2; --'")) == 2


@pytest.fixture
async def server(shared_database: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """A connection that only parses."""
    connection = await asyncpg.connect(shared_database, statement_cache_size=0)
    yield connection
    await connection.close()


@given(text=QUOTED)
async def test_statements_end_where_postgresql_ends_them(server: "asyncpg.Connection[Any]", text: str) -> None:
    """A text that the server parses as one command is one statement here, and one of several commands is several."""
    sql = f"SELECT {text}"
    try:
        await server.prepare(sql)
        several = False
    except asyncpg.PostgresSyntaxError as error:
        if "multiple commands" not in str(error):
            return
        several = True
    except asyncpg.PostgresError:
        several = False
    assert (len(split_statements(sql)) > 1) is several


@pytest.mark.parametrize(
    ("sql", "count"),
    [
        ("SELECT 1 AS begin, atomic FROM (SELECT 1 AS atomic) AS s; COMMIT; SELECT 1/0", 3),
        ("SELECT 1 AS begin /* , */ atomic; COMMIT", 2),
        ("CREATE FUNCTION f(begin atomic) RETURNS int LANGUAGE sql AS 'SELECT 1'; COMMIT", 2),
        ("CREATE TABLE begin (atomic int); COMMIT", 2),
        (f"{ATOMIC}; COMMIT", 2),
        (ATOMIC.replace("CREATE", "CREATE OR REPLACE").replace("FUNCTION", "PROCEDURE") + "; COMMIT", 2),
        (ATOMIC.replace("SELECT 1", "SELECT CASE WHEN true THEN 1 END; SELECT 2") + "; COMMIT", 2),
        (ATOMIC.replace("SELECT 1", "SELECT 1 AS case, a.case") + "; COMMIT", 2),
        (ATOMIC.replace("SELECT 1", "SELECT 1 AS end; SELECT 2") + "; COMMIT", 2),
        (ATOMIC.replace("BEGIN ATOMIC", "BEGIN -- now\n ATOMIC") + "; COMMIT", 2),
        ("DO $$ BEGIN COMMIT; END $$; COMMIT", 2),
        ("CALL archive(); COMMIT", 2),
    ],
)
def test_a_semicolon_ends_a_statement_unless_a_routine_body_holds_it(sql: str, count: int) -> None:
    """BEGIN ATOMIC opens one as two words in a row, outside parentheses, of CREATE FUNCTION or PROCEDURE."""
    assert len(split_statements(sql)) == count


def test_a_quote_that_nothing_closes_ends_with_the_text() -> None:
    """As for PostgreSQL, which refuses the text then: nothing behind the quote is read as SQL."""
    for opened in ("'", "E'\\'", '"', "$$", "$tag$ $tag", "/* /*"):
        assert len(split_statements(f"SELECT 1; SELECT {opened} ; SELECT 2")) == 2


def test_each_statement_knows_its_line_and_its_first_words() -> None:
    """Lines are counted from 1, over comments, and words in quotes are none of a statement's."""
    script = scan("-- strongroom: no-transaction\nSELECT 1;\n/*\n*/ CREATE \"x\" Index 'a';\n-- requires: prisma/1\n")
    assert [(statement.line, statement.words) for statement in script.statements] == [
        (2, ("select", "1")),
        (4, ("create", "index")),
    ]
    assert [(header.name, header.value, header.late) for header in script.headers] == [
        ("strongroom", "no-transaction", False),
        ("requires", "prisma/1", True),
    ]


def test_a_text_of_too_many_statements_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says how many there may be, and on which line the first beyond them is."""
    monkeypatch.setattr(sql_text, "MAX_STATEMENTS", 3)
    with pytest.raises(MigrationFileInvalid, match="line 4: the text has more than 3 statements"):
        sql_text.scan("a;\nb;\nc;\nd -- the fourth")


def test_a_digest_of_many_tokens_is_that_of_its_normalised_text() -> None:
    """Batches of tokens are digested as one text."""
    sql = "SELECT " + ", ".join(str(number) for number in range(11_000))
    assert checksum(sql) == hashlib.sha256(normalize_sql(sql).encode()).hexdigest()
