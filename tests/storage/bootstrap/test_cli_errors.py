"""What goes wrong is said in one line, with an exit code that means something: no traceback, no password."""

import json
import os
import string
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from support.commands import Result, in_process_of_its_own, invoke, program
from support.places import let_server_pass
from typer.testing import CliRunner

from strongroom import StorageUnavailable
from strongroom.adapters.embedded import start_embedded
from strongroom.bootstrap.cli.safe_text import escape_unprintable, mask_passwords

SECRET = "hunter2"
FULL = Path("/dev/full")


def refused(result: Result, code: int, *said: str) -> None:
    """The command ended with the code and one line that says these words."""
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    for words in said:
        assert words in lines[0]
    assert "Traceback" not in result.stderr
    assert SECRET not in result.output


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        ("nonsense", 2, "database_url: is no address"),
        (f"mysql://u:{SECRET}@host/db", 2, "postgresql://user:***@host:5432/database"),
        (f"postgresql://u:{SECRET}@host:port/db", 2, "not a well-formed address"),
        (f"postgresql://u:{SECRET}@127.0.0.1:9/db", 3, "is the server running"),
        (f"postgresql://u:{SECRET}@nowhere.invalid/db", 3, "nothing answers there"),
        (f"postgresql://u@127.0.0.1:9/db?password={SECRET}", 3, "is the server running"),
        (f"postgresql://u:12/{SECRET}@127.0.0.1:9/db", 2, "percent-encoded"),
    ],
)
@pytest.mark.parametrize("command", ["status", "demo", "portfolio", "migrate"])
def test_a_wrong_address(cli: CliRunner, command: str, url: str, code: int, said: str) -> None:
    """What is no address is bad input; where nothing answers, the database is unavailable."""
    arguments = (command, "someone@example.com") if command == "portfolio" else (command,)
    refused(invoke(cli, *arguments, "--database", url), code, said)


def test_an_unreachable_host_is_given_up_in_time(cli: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time to connect is a setting."""
    monkeypatch.setenv("STRONGROOM_CONNECT_TIMEOUT", "0.2")
    monkeypatch.setenv("DATABASE_URL", f"postgresql://u:{SECRET}@10.255.255.1/db")
    refused(invoke(cli, "status"), 3, "10.255.255.1")


def test_a_wrong_variable(cli: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is named."""
    monkeypatch.setenv("STRONGROOM_MAX_SIZE", "many")
    refused(invoke(cli, "status"), 2, "STRONGROOM_MAX_SIZE")


@pytest.fixture(scope="module")
async def guarded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of a server that asks the user alice for her password."""
    folder = let_server_pass(tmp_path_factory.mktemp("guarded"), tmp_path_factory) / "data"
    server = start_embedded(folder, fsync=False)
    hba = folder / "pg_hba.conf"
    hba.write_text("local all alice scram-sha-256\n" + hba.read_text())
    connection = await asyncpg.connect(server.url("postgres"))
    await connection.execute("CREATE ROLE alice LOGIN PASSWORD 'right'")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.close()
    yield server.url("postgres").replace("postgres@", "alice:%s@")
    server.close()


def test_a_wrong_password(cli: CliRunner, guarded: str) -> None:
    """The server refuses it: the address is shown without it, and what to check is said."""
    refused(invoke(cli, "status", "--database", guarded % SECRET), 3, "refused the user name or password", "alice@")
    assert invoke(cli, "status", "--database", guarded % "right").exit_code == 1


def test_a_missing_privilege(cli: CliRunner, guarded: str) -> None:
    """The server's own words say which one, and then who was refused, and what to do; they hold no password."""
    means = 'This session is alice, which may not create in the schema "public": migrate as the role'
    refused(invoke(cli, "demo", "--database", guarded % "right"), 5, "lacks a privilege", "schema public", means)


def test_an_unknown_database(cli: CliRunner, database: str) -> None:
    """The server has none of that name."""
    url = urlunsplit(urlsplit(database)._replace(path="/none"))
    refused(invoke(cli, "status", "--database", url), 3, "no database of that name")


def test_a_server_that_is_too_old(cli: CliRunner, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its version and the one that is needed are said."""
    monkeypatch.setattr("strongroom.adapters.postgres.connection.MINIMUM_VERSION", 99)
    for command in ("status", "migrate", "demo"):
        refused(invoke(cli, command, "--database", database), 4, "needs 99 or newer")


async def execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


@pytest.fixture
async def half_applied(database: str) -> str:
    """A database in which the frontend's first migration was begun and not finished."""
    await execute(database, "UPDATE _prisma_migrations SET finished_at = NULL")
    return database


def test_a_half_applied_migration(cli: CliRunner, half_applied: str) -> None:
    """Nothing is done to such a database: the migration is named, and how to go on."""
    for command in ("migrate", "demo"):
        refused(invoke(cli, command, "--database", half_applied), 4, "accounts", "migrate --repair")
    status = invoke(cli, "status", "--database", half_applied)
    assert status.exit_code == 4
    assert "half applied" in status.output
    repaired = invoke(cli, "migrate", "--repair", "--database", half_applied)
    assert repaired.exit_code == 0
    assert "will be applied from its start" in repaired.output


def test_an_unknown_user(cli: CliRunner, database: str) -> None:
    """Not found is 1, by whatever name: an e-mail address, an id, a wallet."""
    for name in (
        "nobody@example.com",
        "00000000-0000-0000-0000-000000000001",
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM",
    ):
        refused(invoke(cli, "portfolio", name, "--database", database), 1, name)


def test_an_invalid_user_argument(cli: CliRunner, database: str) -> None:
    """A checksum that is wrong, a NUL, and a word are bad input."""
    for name in ("0x52908400098527886E0F7030069857d2E4169EE7", "nobody", "a\0b@example.com", ""):
        refused(invoke(cli, "portfolio", name, "--database", database), 2)


def test_a_wrong_time_is_wrong_usage(cli: CliRunner) -> None:
    """Typed wrongly, it is asked for again."""
    for text in ("yesterday", "2026-13-01", "2026-10-31T25:00"):
        result = invoke(cli, "portfolio", "ada@example.com", "--at", text)
        assert result.exit_code == 2
        assert text in result.stderr
        assert "Traceback" not in result.stderr


def test_the_twin_has_no_migrations(cli: CliRunner) -> None:
    """To ask for them is bad input."""
    for command in ("migrate", "status"):
        refused(invoke(cli, command, "--database", "memory:"), 2, "twin")


def test_errors_with_json_are_json(cli: CliRunner) -> None:
    """On the error stream, with class, message and exit code; the output stream stays empty."""
    result = invoke(cli, "status", "--json", "--database", f"postgresql://u:{SECRET}@127.0.0.1:9/db")
    error = json.loads(result.stderr)["error"]
    assert (error["type"], error["exit_code"], result.exit_code) == ("StorageUnavailable", 3, 3)
    assert result.stdout == ""
    assert SECRET not in result.output


@pytest.mark.parametrize(
    "url", [f"postgresql://u:{SECRET}@127.0.0.1:9/db", f"postgresql://127.0.0.1:9/db?password={SECRET}"]
)
def test_debug_shows_where_and_still_no_password(cli: CliRunner, url: str) -> None:
    """The traceback comes before the message."""
    result = invoke(cli, "status", "--debug", "--database", url)
    assert result.exit_code == 3
    assert "Traceback" in result.stderr
    assert SECRET not in result.output


def test_an_address_in_the_wrong_place_is_repeated_without_its_password(cli: CliRunner) -> None:
    """As an argument too many, as a user, as an entity."""
    url = f"postgresql://u:{SECRET}@host/db"
    for arguments in (("status", url), ("portfolio", url), ("import", "jsonl", url, "file"), ("import", url), (url,)):
        result = invoke(cli, *arguments, *(("--database", "memory:") if "portfolio" in arguments else ()))
        assert result.exit_code in {1, 2}
        assert SECRET not in result.output


@given(text=st.text(), password=st.text(string.ascii_letters + string.digits + "%$&!", min_size=4))
def test_no_password_of_the_settings_is_in_a_message(text: str, password: str) -> None:
    """Wherever in a text it stands, as written in the address or decoded."""
    assume(password not in text and password != "password")
    address = f"postgresql://u:{quote(password)}@h/d"
    shown = mask_passwords(f"{text} {password} {address} {text}", [address])
    assert password not in shown
    assert quote(password) not in shown


@given(st.text())
def test_messages_are_one_printable_line(text: str) -> None:
    """What is printable already stays as it is."""
    assert escape_unprintable(text).isprintable()
    assert escape_unprintable(escape_unprintable(text)) == escape_unprintable(text)


def test_control_characters_are_not_repeated(cli: CliRunner) -> None:
    """Nor a new line."""
    refused(
        invoke(cli, "portfolio", "\x1b[31ma\nb@example.com", "--database", "memory:"), 1, r"\x1b[31ma\nb@example.com"
    )


def test_times_outside_the_calendar_are_bad_input(cli: CliRunner, filled: str) -> None:
    """At either end of it."""
    for time, said in (("0001-01-02", "no time 90 days before"), ("9999-12-31", "9999-12-30")):
        refused(invoke(cli, "portfolio", "ada@example.com", "--at", time, "--database", filled), 2, said)


def test_an_internal_error_is_reported_as_such(cli: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that is nobody's input names its class only, and has a code of its own."""

    async def broken(*_arguments: object) -> None:
        raise ZeroDivisionError(SECRET)

    monkeypatch.setattr("strongroom.bootstrap.cli.storage.demo.run_demo", broken)
    refused(invoke(cli, "demo", "--database", "memory:"), 70, "ZeroDivisionError")


def test_the_process_exits_with_the_code(tmp_path: Path) -> None:
    """As a user runs it: exit codes and streams are the same outside the test runner."""
    down = in_process_of_its_own("status", "--database", f"postgresql://u:{SECRET}@127.0.0.1:9/db")
    assert (down.returncode, down.stdout) == (3, "")
    assert SECRET not in down.stderr
    wrong = in_process_of_its_own("demmo")
    assert wrong.returncode == 2
    (tmp_path / "strongroom").write_text("a file where the folder should be")
    blocked = in_process_of_its_own("demo", XDG_DATA_HOME=str(tmp_path))
    assert blocked.returncode == 3
    assert "Traceback" not in blocked.stderr


if FULL.exists():

    @pytest.mark.parametrize("arguments", [("demo",), ("demo", "--json"), ("--version",), ("portfolio", "--help")])
    def test_output_that_cannot_be_written_is_said(arguments: tuple[str, ...]) -> None:
        """A disk that is full, be it noticed at once or as the process ends: a code of its own, no traceback."""
        with FULL.open("w") as full:
            done = in_process_of_its_own(*arguments, stdout=full, DATABASE_URL="memory:")
        assert done.returncode == 74
        assert "the output cannot be written" in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_a_closed_pipe_ends_the_command_quietly() -> None:
    """``strongroom demo | head -1`` is no error to speak of."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as broken:
        done = in_process_of_its_own("demo", "--database", "memory:", stdout=broken)
    assert done.stderr == ""


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_may_be_closed(closed: str) -> None:
    """A service manager may start a command so."""
    done = subprocess.run(
        ["sh", "-c", f'"{program()}" demo --database memory: {closed}'], capture_output=True, check=False
    )
    assert done.returncode == 0
    assert done.stderr == b""


def test_exit_codes_follow_the_classes_of_errors() -> None:
    """Not their messages."""
    from strongroom import Conflict, InvalidValue, NotFound, SchemaMismatch, SettingInvalid
    from strongroom.bootstrap.cli.outcome import ExitCode, exit_code_of

    assert exit_code_of(NotFound("User", 1)) is ExitCode.FINDING
    assert exit_code_of(InvalidValue("User", reason="")) is ExitCode.BAD_INPUT
    assert exit_code_of(SettingInvalid("max_size", "")) is ExitCode.BAD_INPUT
    assert exit_code_of(FileNotFoundError("blocks.csv")) is ExitCode.BAD_INPUT
    assert exit_code_of(StorageUnavailable("")) is ExitCode.UNAVAILABLE
    assert exit_code_of(SchemaMismatch("")) is ExitCode.SCHEMA_MISMATCH
    assert exit_code_of(Conflict("")) is ExitCode.REFUSED
    assert exit_code_of(KeyError("")) is ExitCode.INTERNAL


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://127.0.0.1:1/db?user=u&password=a@b/{SECRET}",
        f"postgresql://u:a/b@c?d&{SECRET}@h/db",
        f"postgresql://h/db?pass%77ord={SECRET}&sslmode=require",
        f"postgresql://h/db?PASSWORD=a&{SECRET}",
        f"postgresql://h/db?sslpassword={SECRET}",
        f"host=h password='a b{SECRET}' user=u",
        f"host=h password = {SECRET}",
    ],
)
def test_a_password_is_hidden_in_every_spelling_of_an_address(text: str) -> None:
    """Unencoded, in the query or encoded in its name, in a message that nobody knows an address for."""
    assert SECRET not in mask_passwords(f"cannot use {text} here")
    assert SECRET not in mask_passwords(f"'{text}'")


def test_an_address_without_a_password_stays_as_it_is() -> None:
    """Host, port, database and parameters are told."""
    text = "postgresql://u@h:5432/d?sslmode=require: nothing answers there, see docs//x?a=b"
    assert mask_passwords(text) == text
