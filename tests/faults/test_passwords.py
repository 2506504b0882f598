"""A password is never shown, however an address spells it: in no message, representation or traceback."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.commands import invoke
from typer.testing import CliRunner

from strongroom.adapters.postgres import PostgresSettings
from strongroom.adapters.postgres.connection import connect, explain_failure
from strongroom.adapters.postgres.redaction import redacted
from strongroom.bootstrap.settings import SettingInvalid, Settings
from strongroom.ports.errors import StorageUnavailable

FIRST, LAST = "Kx7first", "Zq9last"
"""What a password begins and ends with: neither part may be shown."""
TRAPS = ("@", "/", ":", "?", "#", "&", "=", " ", "%", "%40", "[", "]", ",", ";", "'", '"', "\\", "\n", "\u00fc", "://")
LONGER_TRAPS = (
    "@h/d",
    "@h/d?",
    "&host=",
    "&user=",
    "&schema=",
    "?password=",
    "&password=",
    "postgresql://",
    "@127.0.0.1:1/d",
)
PASSWORDS = st.lists(st.sampled_from(TRAPS + LONGER_TRAPS), max_size=5).map(
    lambda parts: "".join((FIRST, *parts, LAST))
)
SPELLINGS: tuple[Callable[[str], str], ...] = (
    lambda word: f"postgresql://u:{word}@127.0.0.1:1/d",
    lambda word: f"postgresql://u:{quote(word, safe='')}@127.0.0.1:1/d",
    lambda word: f"postgres://u:{word}@127.0.0.1:1/d?sslmode=require",
    lambda word: f"POSTGRESQL://u:{word}@127.0.0.1/d",
    lambda word: f"postgresql://:{word}@127.0.0.1:1",
    lambda word: f"postgresql://u:{word}@[::1]:1/d",
    lambda word: f"postgresql://u:{word}@127.0.0.1:1,127.0.0.1:2/d",
    lambda word: f"postgresql://u:{word}@/d?host=/nowhere",
    lambda word: f"postgresql://u:{quote(word, safe='')}@127.0.0.1:none/d",
    lambda word: f"postgresql://127.0.0.1:1/d?user=u&password={word}",
    lambda word: f"postgresql://127.0.0.1:1?password={word}&sslmode=require",
    lambda word: f"postgresql:///d?host=127.0.0.1&port=1&password={quote(word, safe='')}",
    lambda word: f"postgresql://127.0.0.1:1/d?user=u&PASSWORD={word}",
    lambda word: f"postgresql://127.0.0.1:1/d?user=u&%70assword={word}",
    lambda word: f"postgresql://127.0.0.1:1/d?password=a&password={word}&user=u",
    lambda word: f"postgresql://u:a@127.0.0.1:1/d?password={word}",
    lambda word: f"postgresql://u:{word}@127.0.0.1:1/d?password={word}",
    lambda word: f"postgresql://u@127.0.0.1:1/d?sslmode=require&sslkey=/none&sslcert=/none&sslpassword={word}",
    lambda word: f"postgresql://u@127.0.0.1:1/d?passfile={word}",
    lambda word: f"postgresql://u@127.0.0.1:1/d?options=-c%20a%3D{word}&application_name={word}&unknown={word}",
    lambda word: f"postgresql://127.0.0.1:1/d?user=u#password={word}",
    lambda word: f"host=127.0.0.1 port=1 user=u password={word}",
    lambda word: f"password='{word}' host=127.0.0.1",
    lambda word: f"u:{word}@127.0.0.1:1/d",
    lambda word: f"postgres//u:{word}@127.0.0.1/d",
    lambda word: f"mysql://u:{word}@127.0.0.1/d",
    lambda word: f"memory:{word}",
)
ADDRESSES = st.builds(lambda spell, password: spell(password), st.sampled_from(SPELLINGS), PASSWORDS)


def shows(text: str) -> bool:
    """Say whether a text holds an end of the password."""
    return FIRST in text or LAST in text


@given(ADDRESSES)
@example(f"postgresql://127.0.0.1:1/d?user=u&password={FIRST}@b/{LAST}")
@example(f"postgresql://u:{FIRST}?x&host={LAST}@127.0.0.1:1/d")
def test_no_password_in_an_address_for_people(url: str) -> None:
    """Neither the redacted address nor what is said of a failure to connect has a part of it."""
    assert not shows(redacted(url))
    assert not shows(repr(PostgresSettings(url=url, direct_url=url)))
    assert not shows(str(explain_failure(url, ConnectionError(url))))


@given(ADDRESSES)
def test_no_password_in_settings(url: str) -> None:
    """Settings that are taken have no part of it in their representation, nor has the error that refuses them."""
    for given_urls in ({"database": url}, {"database": "postgresql://h/d", "direct_url": url}):
        try:
            settings = Settings.read(environment={}, **given_urls)
            said = f"{settings!r} {settings} {settings.shown_database}"
        except SettingInvalid as error:
            said = str(error)
        assert not shows(said)


@pytest.fixture
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing answer, wherever the address leads."""

    async def refuse(*_arguments: object, **_named: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("asyncpg.connect_utils._connect_addr", refuse)


@pytest.mark.usefixtures("_no_network")
@given(ADDRESSES)
async def test_no_password_in_an_error(url: str) -> None:
    """A connection that cannot be made is told without any part of it."""
    with pytest.raises(StorageUnavailable) as caught:
        await connect(url, timeout=1)
    assert not shows(str(caught.value))


@pytest.mark.usefixtures("_no_network")
@given(url=ADDRESSES, option=st.sampled_from(["--debug", "--json"]))
def test_no_password_on_the_command_line(url: str, option: str) -> None:
    """A command says no part of it, nor does its traceback."""
    assert not shows(invoke(CliRunner(), "migrate", f"--database={url}", option).output)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:p@h:1/d", "postgresql://u@h:1/d"),
        ("postgresql://u:p@h:1,g:2/d?sslmode=require", "postgresql://u@h:1,g:2/d?sslmode=require"),
        ("postgresql://postgres@/d?host=/tmp/s%20t&port=5432", "postgresql://postgres@/d?host=/tmp/s%20t&port=5432"),
        ("postgresql://h/d?user=u&password=p&sslmode=require", "postgresql://h/d?user=u&***"),
        ("postgresql://u:p@ss@h/d", "postgresql://u@h/d"),
        ("postgresql://u:p/ss@h/d", "postgresql://***"),
        ("postgresql://u@[::1]:5432/d", "postgresql://u@[::1]:5432/d"),
        ("host=h password=p", "an address that is not one (postgresql://user@host/database is expected)"),
    ],
)
def test_what_is_certain_is_shown(url: str, shown: str) -> None:
    """User, hosts, database and harmless parameters tell which database is meant."""
    assert redacted(url) == shown
