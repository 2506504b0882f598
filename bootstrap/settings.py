"""The settings of a service: from keyword arguments first, then from the environment, then the platform's defaults."""

import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Literal, TypedDict

import attrs
from attrs import field, frozen

from strongroom.domain.errors import StrongroomError

from .addresses import EMBEDDED, MEMORY, address_problem, is_behind_pgbouncer, is_postgres, without_prisma_parameters

PREFIX: Final = "STRONGROOM_"
_ADDRESSES: Final = ("database_url", "direct_url")
_PLAIN_URL: Final = "DATABASE_URL"
_YES: Final = frozenset({"1", "true", "yes", "on"})
_NO: Final = frozenset({"0", "false", "no", "off"})


class SettingInvalid(StrongroomError):
    """A setting cannot be used; ``setting`` names it, ``variable`` the environment variable it came from, if any."""

    def __init__(self, setting: str, reason: str, *, variable: str | None = None) -> None:
        self.setting = setting
        self.variable = variable
        super().__init__(f"{variable or setting}: {reason}")


class GivenSettings(TypedDict, total=False):
    """The settings that may be given by keyword; see Settings."""

    direct_url: str | None
    min_size: int
    max_size: int
    acquire_timeout: float
    connect_timeout: float
    close_timeout: float
    statement_timeout: float
    idle_in_transaction_timeout: float
    application_name: str
    pooler: Literal["session", "transaction"]
    apply_migrations: bool


def _shown(url: str | None) -> str:
    if url is None or not is_postgres(url):
        return str(url)
    from strongroom.adapters.postgres.connecting import redacted

    return redacted(url)


@frozen(kw_only=True)
class Settings:
    """Which database, through which pool, and whether opening it applies pending migrations; times are in seconds.

    ``database_url`` is an address of PostgreSQL, ``embedded:`` (a server of one's own in the user's data folder),
    ``embedded:/folder``, or ``memory:`` (the twin). ``direct_url`` goes past a pooler, for migrations.
    """

    database_url: str = field(default=EMBEDDED, repr=_shown)
    direct_url: str | None = field(default=None, repr=_shown)
    min_size: int = 10
    max_size: int = 30
    acquire_timeout: float = 30.0
    connect_timeout: float = 10.0
    close_timeout: float = 10.0
    statement_timeout: float = 60.0
    idle_in_transaction_timeout: float = 60.0
    application_name: str = "strongroom"
    pooler: str = "session"
    apply_migrations: bool = True

    @classmethod
    def read(
        cls, database: str | None = None, *, environment: Mapping[str, str] | None = None, **given: Any
    ) -> "Settings":
        """Return the settings: those given, else STRONGROOM_<NAME> of the environment, else the defaults.

        The database is the one given, else STRONGROOM_DATABASE_URL, else DATABASE_URL, else the embedded one.
        An empty variable counts as absent. Raises SettingInvalid, naming the variable that is wrong.
        """
        variables = os.environ if environment is None else environment
        values: dict[str, Any] = {}
        origin: dict[str, str] = {}
        for name in attrs.fields_dict(cls):
            text = variables.get(PREFIX + name.upper())
            if text:
                origin[name] = PREFIX + name.upper()
                values[name] = _parsed(name, text)
        if "database_url" not in values and variables.get(_PLAIN_URL):
            origin["database_url"] = _PLAIN_URL
            values["database_url"] = variables[_PLAIN_URL]
        if database is not None:
            given["database_url"] = database
        for name, value in given.items():
            if name not in attrs.fields_dict(cls):
                raise SettingInvalid(name, f"is no setting; there are {', '.join(attrs.fields_dict(cls))}")
            origin.pop(name, None)
            values[name] = value
        _require_valid({**_defaults(), **values}, origin)
        if is_behind_pgbouncer(values.get("database_url", EMBEDDED)):
            values.setdefault("pooler", "transaction")
        for name in _ADDRESSES:
            if values.get(name):
                values[name] = without_prisma_parameters(values[name])
        return cls(**values)

    @property
    def kind(self) -> Literal["memory", "embedded", "postgres"]:
        """Where the database is."""
        if self.database_url == MEMORY:
            return "memory"
        return "embedded" if self.database_url.startswith(EMBEDDED) else "postgres"

    @property
    def embedded_folder(self) -> Path | None:
        """The folder of the embedded server, where one is named."""
        folder = self.database_url.removeprefix(EMBEDDED)
        return Path(folder).expanduser() if self.kind == "embedded" and folder else None

    @property
    def shown_database(self) -> str:
        """The database's address for people: without a password."""
        return _shown(self.database_url)


def _defaults() -> dict[str, Any]:
    return {name: attribute.default for name, attribute in attrs.fields_dict(Settings).items()}


def _parsed(name: str, text: str) -> Any:
    """Return a variable's text as its setting holds it; one that says nothing of the kind is left for the rules."""
    kind = attrs.fields_dict(Settings)[name].type
    if kind is bool:
        return True if text.lower() in _YES else False if text.lower() in _NO else text
    try:
        return int(text) if kind is int else float(text) if kind is float else text
    except ValueError:
        return text


def _require_valid(values: Mapping[str, Any], origin: Mapping[str, str]) -> None:
    for name, rule in _RULES.items():
        problem = rule(values[name])
        if problem:
            raise SettingInvalid(name, problem, variable=origin.get(name))
    if values["min_size"] > values["max_size"]:
        reason = f"{values['min_size']} is more than max_size, {values['max_size']}"
        raise SettingInvalid("min_size", reason, variable=origin.get("min_size") or origin.get("max_size"))


def _address(value: Any) -> str | None:
    return address_problem(value) if isinstance(value, str) else "is not text"


def _direct_address(value: Any) -> str | None:
    if value is None:
        return None
    return _address(value) or (None if is_postgres(value) else "is not the address of a PostgreSQL server")


def _whole(low: int) -> Callable[[Any], str | None]:
    def problem(value: Any) -> str | None:
        if type(value) is not int:
            return f"{value!r} is not a whole number"
        return None if value >= low else f"{value} is less than {low}"

    return problem


def _seconds(*, zero: bool) -> Callable[[Any], str | None]:
    def problem(value: Any) -> str | None:
        if type(value) not in (int, float) or not math.isfinite(value):
            return f"{value!r} is not a number of seconds"
        if value < 0 or not (value or zero):
            return f"{value} is {'less' if zero else 'not more'} than 0"
        return None

    return problem


def _one_of(*choices: Any) -> Callable[[Any], str | None]:
    said = " or ".join(map(str, choices))
    return lambda value: None if value in choices and type(value) is type(choices[0]) else f"{value!r} is not {said}"


_RULES: Final[dict[str, Callable[[Any], str | None]]] = {
    "database_url": _address,
    "direct_url": _direct_address,
    "min_size": _whole(0),
    "max_size": _whole(1),
    "acquire_timeout": _seconds(zero=False),
    "connect_timeout": _seconds(zero=False),
    "close_timeout": _seconds(zero=False),
    "statement_timeout": _seconds(zero=True),
    "idle_in_transaction_timeout": _seconds(zero=True),
    "application_name": lambda value: None if isinstance(value, str) and "\0" not in value else "is not a name",
    "pooler": _one_of("session", "transaction"),
    "apply_migrations": _one_of(True, False),
}
