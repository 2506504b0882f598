"""The settings of a service: from keyword arguments first, then from the environment, then the platform's defaults."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Literal, TypedDict
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import attrs
from attrs import field, frozen

from strongroom.domain.errors import StrongroomError

PREFIX: Final = "STRONGROOM_"
MEMORY: Final = "memory:"
EMBEDDED: Final = "embedded:"
_PLAIN_URL: Final = "DATABASE_URL"
_YES: Final = frozenset({"1", "true", "yes", "on"})
_NO: Final = frozenset({"0", "false", "no", "off"})
_PRISMA_ONLY: Final = frozenset({"connection_limit", "pool_timeout", "socket_timeout", "statement_cache_size"})


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
    if url is None or url.startswith((MEMORY, EMBEDDED)):
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
        values = _without_prisma_parameters(values, origin)
        _require_valid({**_defaults(), **values}, origin)
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
    kind = attrs.fields_dict(Settings)[name].type
    variable = PREFIX + name.upper()
    if kind is bool:
        if text.lower() not in _YES | _NO:
            raise SettingInvalid(name, f"{text!r} is neither true nor false", variable=variable)
        return text.lower() in _YES
    if kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            expected = "a whole number" if kind is int else "a number of seconds"
            raise SettingInvalid(name, f"{text!r} is not {expected}", variable=variable) from None
    return text


def _without_prisma_parameters(values: dict[str, Any], origin: Mapping[str, str]) -> dict[str, Any]:
    """Take from the addresses what only Prisma understands, so that frontend and backend may share one variable."""
    cleaned = dict(values)
    for name in ("database_url", "direct_url"):
        url = values.get(name)
        if not isinstance(url, str) or "?" not in url or url.startswith((MEMORY, EMBEDDED)):
            continue
        try:
            parts = urlsplit(url)
        except ValueError:
            continue
        kept: list[tuple[str, str]] = []
        for key, value in parse_qsl(parts.query, keep_blank_values=True):
            if key == "schema":
                if value != "public":
                    reason = f"schema={value}: strongroom's tables are in the schema public"
                    raise SettingInvalid(name, reason, variable=origin.get(name))
            elif key == "pgbouncer":
                if value == "true" and name == "database_url":
                    cleaned.setdefault("pooler", "transaction")
            elif key not in _PRISMA_ONLY:
                kept.append((key, value))
        if len(kept) != len(parse_qsl(parts.query, keep_blank_values=True)):
            cleaned[name] = urlunsplit(parts._replace(query=urlencode(kept, quote_via=quote)))
    return cleaned


def _at_least(low: float) -> Callable[[Any], str | None]:
    return lambda value: None if value >= low else f"{value} is less than {low:g}"


def _above_zero(value: Any) -> str | None:
    return None if value > 0 else f"{value} is not more than 0"


_RULES: Final[dict[str, Callable[[Any], str | None]]] = {
    "min_size": _at_least(0),
    "max_size": _at_least(1),
    "acquire_timeout": _above_zero,
    "connect_timeout": _above_zero,
    "close_timeout": _above_zero,
    "statement_timeout": _at_least(0),
    "idle_in_transaction_timeout": _at_least(0),
    "pooler": lambda value: None if value in ("session", "transaction") else f"{value!r} is neither session nor transaction",
}


def _require_valid(values: Mapping[str, Any], origin: Mapping[str, str]) -> None:
    for name, rule in _RULES.items():
        try:
            problem = rule(values[name])
        except TypeError:
            problem = f"{values[name]!r} is not a number"
        if values[name] != values[name]:  # noqa: PLR0124 - the one number that is not equal to itself
            problem = "nan is not a number of seconds"
        if problem:
            raise SettingInvalid(name, problem, variable=origin.get(name))
    if values["min_size"] > values["max_size"]:
        reason = f"{values['min_size']} is more than max_size, {values['max_size']}"
        raise SettingInvalid("min_size", reason, variable=origin.get("min_size") or origin.get("max_size"))
    url = values["database_url"]
    if url.startswith(MEMORY) and url != MEMORY:
        raise SettingInvalid("database_url", "memory: takes nothing after it", variable=origin.get("database_url"))
