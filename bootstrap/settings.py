"""The settings of a service: from keyword arguments first, then from the environment, then the platform's defaults."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal, TypedDict

import attrs
from attrs import Factory, evolve, field, frozen

from strongroom.domain.errors import StrongroomError

from .database_urls import (
    EMBEDDED,
    MEMORY,
    database_url_error,
    is_behind_pgbouncer,
    is_postgres,
    without_prisma_parameters,
)

PREFIX: Final = "STRONGROOM_"
_PLAIN_URL: Final = "DATABASE_URL"
_BOOLEANS: Final = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}
_DEFAULT_MIN_SIZE: Final = 10
_MOST_CONNECTIONS: Final = 262_143
"""As many as PostgreSQL's max_connections may be."""
_MOST_SECONDS: Final = 10**9

Pooler = Literal["session", "transaction", "auto"]
SchemaCheck = Literal["strict", "warn", "off"]
Problem = Callable[[Any], str | None]
"""Says what is wrong with a value, or None."""


class SettingInvalid(StrongroomError):
    """A setting cannot be used; ``setting`` names it, ``variable`` the environment variable it came from, if any."""

    def __init__(self, setting: str, reason: str, *, variable: str | None = None) -> None:
        self.setting = setting
        self.reason = reason
        self.variable = variable
        super().__init__(f"{variable or setting}: {reason}")


class GivenSettings(TypedDict, total=False):
    """The settings that may be given by keyword; see Settings."""

    direct_url: str | None
    max_size: int
    min_size: int
    acquire_timeout: float
    connect_timeout: float
    close_timeout: float
    statement_timeout: float
    idle_in_transaction_timeout: float
    application_name: str
    pooler: Pooler
    apply_migrations: bool
    schema_check: SchemaCheck
    migrates: str


def _shown(url: str | None) -> str:
    if url is None or not is_postgres(url):
        return str(url)
    from strongroom.adapters.postgres.redaction import redacted

    return redacted(url)


def _validator(problem: Problem) -> Callable[[Any, "attrs.Attribute[Any]", Any], None]:
    """Return a validator that raises SettingInvalid where there is a problem."""

    def validate(_settings: Any, setting: "attrs.Attribute[Any]", value: Any) -> None:
        found = problem(value)
        if found:
            raise SettingInvalid(setting.name, found)

    return validate


def _address(value: Any) -> str | None:
    return database_url_error(value) if isinstance(value, str) else "is not text"


def _direct_address(value: Any) -> str | None:
    if value is None:
        return None
    return _address(value) or (None if is_postgres(value) else "is not the address of a PostgreSQL server")


def _short(value: Any) -> str:
    """Return a value as a message shows it; one that takes a page is not repeated whole."""
    if type(value) is int and abs(value) > _MOST_SECONDS:
        return f"a number of {value.bit_length()} bits"
    return repr(value[:100] if isinstance(value, str) else value)[:120]


def _integer_at_least(low: int) -> Problem:
    def problem(value: Any) -> str | None:
        if type(value) is not int:
            return f"{_short(value)} is not a whole number"
        if value > _MOST_CONNECTIONS:
            return f"{_short(value)} is more than {_MOST_CONNECTIONS}"
        return None if value >= low else f"{_short(value)} is less than {low}"

    return problem


def _seconds(*, zero: bool) -> Problem:
    def problem(value: Any) -> str | None:
        if type(value) not in (int, float) or not -_MOST_SECONDS <= value <= _MOST_SECONDS:
            return f"{_short(value)} is not a number of seconds"
        if value < 0 or not (value or zero):
            return f"{value} is {'less' if zero else 'not more'} than 0"
        return None

    return problem


def _one_of(*choices: Any) -> Problem:
    said = " or ".join(map(str, choices))
    return lambda value: (
        None if value in choices and type(value) is type(choices[0]) else f"{_short(value)} is not {said}"
    )


def _name(value: Any) -> str | None:
    return None if isinstance(value, str) and "\0" not in value else "is not a name"


def _default_min_size(settings: "Settings") -> int:
    return min(_DEFAULT_MIN_SIZE, settings.max_size) if type(settings.max_size) is int else _DEFAULT_MIN_SIZE


def _pooler(settings: "Settings") -> Pooler:
    url = settings.database_url
    return "transaction" if _address(url) is None and is_behind_pgbouncer(url) else "session"


@frozen(kw_only=True)
class Settings:
    """Which database, through which pool, and whether opening it applies pending migrations; times are in seconds.

    ``database_url`` is an address of PostgreSQL, ``embedded:`` (a server of one's own in the user's data folder),
    ``embedded:/folder``, or ``memory:`` (the twin). ``direct_url`` goes past a pooler, for migrations. Of
    ``max_size`` connections ``min_size`` are kept open, 10 or fewer unless given; ``pgbouncer=true`` in the address
    makes ``pooler`` transaction, and ``auto`` finds out as the storage opens whether a pooler answers.
    ``schema_check`` says what a schema does that this version does not know: refuse (strict), be logged (warn), or
    nothing (off). ``migrates`` says whose migrations are applied: both (all of them), backend, frontend, or an
    extension by its name; under the guard each side's role applies its own. A timeout of 0 is none, where that is
    possible. Raises SettingInvalid.
    """

    database_url: str = field(default=EMBEDDED, repr=_shown, validator=_validator(_address))
    direct_url: str | None = field(default=None, repr=_shown, validator=_validator(_direct_address))
    max_size: int = field(default=30, validator=_validator(_integer_at_least(1)))
    min_size: int = field(
        default=Factory(_default_min_size, takes_self=True), validator=_validator(_integer_at_least(0))
    )
    acquire_timeout: float = field(default=30.0, validator=_validator(_seconds(zero=False)))
    connect_timeout: float = field(default=10.0, validator=_validator(_seconds(zero=False)))
    close_timeout: float = field(default=10.0, validator=_validator(_seconds(zero=False)))
    statement_timeout: float = field(default=60.0, validator=_validator(_seconds(zero=True)))
    idle_in_transaction_timeout: float = field(default=60.0, validator=_validator(_seconds(zero=True)))
    application_name: str = field(default="strongroom", validator=_validator(_name))
    pooler: Pooler = field(
        default=Factory(_pooler, takes_self=True), validator=_validator(_one_of("session", "transaction", "auto"))
    )
    apply_migrations: bool = field(default=True, validator=_validator(_one_of(True, False)))
    schema_check: SchemaCheck = field(default="warn", validator=_validator(_one_of("strict", "warn", "off")))
    migrates: str = field(default="both", validator=_validator(_name))

    def __attrs_post_init__(self) -> None:
        if self.min_size > self.max_size:
            raise SettingInvalid("min_size", f"{self.min_size} is more than max_size, {self.max_size}")

    @classmethod
    def read(
        cls, database: str | None = None, *, environment: Mapping[str, str] | None = None, **given: Any
    ) -> "Settings":
        """Return the settings: those given, else STRONGROOM_<NAME> of the environment, else the defaults.

        The database is the one given, else STRONGROOM_DATABASE_URL, else DATABASE_URL, else the embedded one.
        An empty variable counts as absent. Raises SettingInvalid, naming the variable that is wrong.
        """
        if database is not None:
            given["database_url"] = database
        _require_known(given)
        variables = os.environ if environment is None else environment
        origin = {name: PREFIX + name.upper() for name in attrs.fields_dict(cls) if name not in given}
        if not variables.get(PREFIX + "DATABASE_URL") and "database_url" in origin:
            origin["database_url"] = _PLAIN_URL
        texts = {name: variables[variable] for name, variable in origin.items() if variables.get(variable)}
        try:
            return cls(**_parse_variables(texts), **given)
        except SettingInvalid as error:
            variable = origin[error.setting] if error.setting in texts else None
            raise SettingInvalid(error.setting, error.reason, variable=variable) from None

    def changed(self, **given: Any) -> "Settings":
        """Return the settings with some of them replaced. Raises SettingInvalid."""
        _require_known(given)
        return evolve(self, **given)

    @property
    def kind(self) -> Literal["memory", "embedded", "postgres"]:
        """Where the database is."""
        if self.database_url == MEMORY:
            return "memory"
        return "embedded" if self.database_url.startswith(EMBEDDED) else "postgres"

    @property
    def server_url(self) -> str:
        """The database's address for the driver: without what only Prisma understands."""
        return without_prisma_parameters(self.database_url)

    @property
    def direct_server_url(self) -> str | None:
        """The address that goes past a pooler, for the driver."""
        return None if self.direct_url is None else without_prisma_parameters(self.direct_url)

    @property
    def embedded_folder(self) -> Path | None:
        """The folder of the embedded server, where one is named."""
        folder = self.database_url.removeprefix(EMBEDDED)
        return Path(folder) if self.kind == "embedded" and folder else None

    @property
    def shown_database(self) -> str:
        """The database's address for people: without a password."""
        return _shown(self.server_url)


def _require_known(given: Mapping[str, Any]) -> None:
    names = attrs.fields_dict(Settings)
    for name in given:
        if name not in names:
            raise SettingInvalid(name, f"is no setting; there are {', '.join(names)}")


def _parse_variables(texts: Mapping[str, str]) -> dict[str, Any]:
    """Return what the variables' texts say, as their settings' types; one that says nothing of the kind stays text.

    The rules of the settings then refuse it, with the same words as a wrong keyword.
    """
    if not texts:
        return {}
    from cattrs import Converter

    converter = Converter()
    converter.register_structure_hook(bool, lambda text, _: _BOOLEANS.get(text.lower(), text))
    converter.register_structure_hook_func(lambda kind: kind in (Pooler, SchemaCheck), lambda text, _: text)
    values: dict[str, Any] = dict(texts)
    for name, text in texts.items():
        kind: Any = attrs.fields_dict(Settings)[name].type
        with suppress(ValueError):
            values[name] = converter.structure(text, kind)
    return values
