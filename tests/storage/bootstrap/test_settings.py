"""Settings come from keywords, then from the environment, then from the defaults; a wrong one is named."""

import string
from typing import Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from strongroom.bootstrap.settings import GivenSettings, SettingInvalid, Settings

WORDS = st.text(string.ascii_letters + string.digits, min_size=1, max_size=20)


def test_defaults_are_the_platforms() -> None:
    """Without any setting: the embedded server, up to 30 connections, 10 kept open, 30 s to get one."""
    settings = Settings.read(environment={})
    assert settings.kind == "embedded"
    assert (settings.max_size, settings.min_size, settings.acquire_timeout) == (30, 10, 30.0)
    assert settings.apply_migrations is True
    assert settings.pooler == "session"


def test_the_database_comes_from_the_keyword_then_the_variables() -> None:
    """``--database`` beats STRONGROOM_DATABASE_URL, which beats DATABASE_URL; an empty variable is none."""
    common = {"DATABASE_URL": "postgresql://common/db"}
    own = common | {"STRONGROOM_DATABASE_URL": "postgresql://own/db"}
    assert Settings.read("memory:", environment=own).kind == "memory"
    assert Settings.read(environment=own).database_url == "postgresql://own/db"
    assert Settings.read(environment=common).database_url == "postgresql://common/db"
    assert Settings.read(environment=common | {"STRONGROOM_DATABASE_URL": ""}).database_url == "postgresql://common/db"
    assert Settings.read(environment={"DATABASE_URL": ""}).kind == "embedded"


@given(low=st.integers(0, 100), more=st.integers(0, 100), seconds=st.floats(0.001, 1e6))
def test_a_variable_says_the_same_as_a_keyword(low: int, more: int, seconds: float) -> None:
    """STRONGROOM_MIN_SIZE=3 is min_size=3, and so for every setting."""
    values = {"min_size": low, "max_size": max(1, low + more), "acquire_timeout": seconds, "apply_migrations": False}
    environment = {f"STRONGROOM_{name.upper()}": str(value) for name, value in values.items()}
    assert Settings.read("memory:", environment=environment) == Settings.read("memory:", environment={}, **values)


@given(keyword=st.integers(1, 9), variable=st.text())
def test_a_keyword_hides_its_variable_even_a_wrong_one(keyword: int, variable: str) -> None:
    """What is given by keyword is not looked up."""
    environment = {"STRONGROOM_MAX_SIZE": variable, "STRONGROOM_MIN_SIZE": "0"}
    assert Settings.read("memory:", environment=environment, max_size=keyword).max_size == keyword


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("STRONGROOM_MAX_SIZE", "many"),
        ("STRONGROOM_MAX_SIZE", "0"),
        ("STRONGROOM_MIN_SIZE", "-1"),
        ("STRONGROOM_MIN_SIZE", "31"),
        ("STRONGROOM_ACQUIRE_TIMEOUT", "0"),
        ("STRONGROOM_ACQUIRE_TIMEOUT", "nan"),
        ("STRONGROOM_STATEMENT_TIMEOUT", "-1"),
        ("STRONGROOM_STATEMENT_TIMEOUT", "inf"),
        ("STRONGROOM_POOLER", "odyssey"),
        ("STRONGROOM_APPLY_MIGRATIONS", "perhaps"),
        ("STRONGROOM_DATABASE_URL", "nonsense"),
        ("STRONGROOM_DATABASE_URL", "mysql://u:secret@h/d"),
        ("STRONGROOM_DATABASE_URL", "postgresql://u:secret@h:port/d"),
        ("STRONGROOM_DATABASE_URL", "memory:shared"),
        ("STRONGROOM_DATABASE_URL", "postgresql://u:secret@h/d?schema=private"),
        ("STRONGROOM_DIRECT_URL", "embedded:"),
        ("DATABASE_URL", "sqlite:///secret"),
    ],
)
def test_a_wrong_variable_is_named_without_its_password(variable: str, text: str) -> None:
    """The error says which variable to correct."""
    with pytest.raises(SettingInvalid) as caught:
        Settings.read(environment={variable: text})
    assert caught.value.variable == variable
    assert str(caught.value).startswith(f"{variable}: ")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_size", "30"),
        ("max_size", True),
        ("max_size", 2.5),
        ("max_size", 10**4000),
        ("min_size", -(10**4000)),
        ("acquire_timeout", 10**400),
        ("acquire_timeout", "1"),
        ("apply_migrations", 1),
        ("pooler", None),
        ("application_name", "a\0b"),
        ("direct_url", "nonsense"),
        ("maximum", 1),
    ],
)
def test_a_wrong_keyword_is_named(name: str, value: object) -> None:
    """A keyword is checked like a variable; one that does not exist is an error, and those that do are listed."""
    with pytest.raises(SettingInvalid) as caught:
        Settings.read("memory:", environment={}, **{name: value})
    assert caught.value.setting == name
    assert len(str(caught.value)) < 400
    assert caught.value.variable is None


@given(user=WORDS, password=WORDS, host=WORDS)
def test_no_password_shows_in_a_representation(user: str, password: str, host: str) -> None:
    """Neither repr nor the address for people has the password, wherever it stands in an address."""
    assume(
        password not in f"postgresql://{user}@{host.lower()}/database?password=***" and password not in repr(Settings())
    )
    for url in (
        f"postgresql://{user}:{password}@{host}/database",
        f"postgresql://{user}@{host}/database?password={password}",
    ):
        settings = Settings.read(url, environment={}, direct_url=url)
        assert password not in repr(settings).replace(host, "").replace(user, "")
        assert password not in settings.shown_database.replace(host, "").replace(user, "")


def test_one_variable_serves_prisma_and_strongroom() -> None:
    """What only Prisma understands is taken out of the address; ``pgbouncer=true`` sets the pooler's mode."""
    url = "postgresql://u:p%40ss@h/d?schema=public&pgbouncer=true&connection_limit=5&sslmode=require"
    settings = Settings.read(environment={"DATABASE_URL": url, "STRONGROOM_DIRECT_URL": url})
    assert settings.server_url == settings.direct_server_url == "postgresql://u:p%40ss@h/d?sslmode=require"
    assert settings.pooler == "transaction"
    assert Settings.read(url, environment={}, pooler="session").pooler == "session"


def test_the_address_of_a_socket_survives_the_removal_of_parameters() -> None:
    """An address without a host, as the embedded server's, keeps its form."""
    url = "postgresql://@/d?host=%2Ftmp%2Fsocket&schema=public"
    assert Settings.read(url, environment={}).server_url == "postgresql://@/d?host=%2Ftmp%2Fsocket"


def test_every_setting_may_be_given_by_keyword() -> None:
    """The type of the keywords and the settings have the same names."""
    assert set(GivenSettings.__annotations__) | {"database_url"} == set(attrs.fields_dict(Settings))


def test_a_folder_may_be_named_for_the_embedded_server() -> None:
    """``embedded:/folder`` is a server in that folder."""
    assert str(Settings.read("embedded:/data/here", environment={}).embedded_folder) == "/data/here"
    assert Settings.read("embedded:", environment={}).embedded_folder is None


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:12/secret@h/d",
        "postgresql://u:12#secret@h/d",
        "postgresql://u:12?secret@h/d",
        "postgresql://u:sec]ret@h/d?schema=private",
    ],
)
def test_a_password_that_is_not_encoded_is_refused_rather_than_shown(url: str) -> None:
    """What stands behind its slash, number sign or question mark would be taken for something to show."""
    with pytest.raises(SettingInvalid) as caught:
        Settings.read(url, environment={})
    assert "ret" not in str(caught.value).replace("percent-encoded", "")


def test_a_small_pool_keeps_fewer_connections_open() -> None:
    """``max_size`` alone may be lowered: by default no more are kept open than there may be."""
    assert Settings.read("memory:", environment={"STRONGROOM_MAX_SIZE": "4"}).min_size == 4
    assert Settings(max_size=4).min_size == 4
    with pytest.raises(SettingInvalid, match="min_size: 5 is more than max_size, 4"):
        Settings(max_size=4, min_size=5)


@pytest.mark.parametrize(("name", "value"), [("max_size", "30"), ("database_url", None), ("pooler", "none")])
def test_invalid_settings_cannot_be_constructed(name: str, value: object) -> None:
    """However they are made: from the environment, by their class, by a change."""
    given: dict[str, Any] = {name: value}
    for make in (Settings, Settings(database_url="memory:").changed):
        with pytest.raises(SettingInvalid) as caught:
            make(**given)
        assert caught.value.setting == name
    assert len(str(caught.value)) < 400
    with pytest.raises(SettingInvalid, match="maximum: is no setting"):
        Settings().changed(maximum=1)


@pytest.mark.parametrize(("text", "meant"), [("1", True), ("TRUE", True), ("on", True), ("No", False), ("off", False)])
def test_a_flag_is_written_in_words_or_digits(text: str, meant: bool) -> None:  # noqa: FBT001
    """Of either case."""
    settings = Settings.read("memory:", environment={"STRONGROOM_APPLY_MIGRATIONS": text})
    assert settings.apply_migrations is meant
