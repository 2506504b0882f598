"""The settings of a service: from keyword arguments first, then from the environment, then the platform's defaults."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal, TypedDict

import attrs
from attrs import Factory, evolve, field, frozen

from strongroom.adapters.pool_settings import PoolSettings, SettingInvalid, name_problem, one_of, validator_of

from .database_urls import (
    EMBEDDED,
    MEMORY,
    database_url_error,
    is_behind_pgbouncer,
    is_postgres,
    without_prisma_parameters,
)

__all__ = ["GivenSettings", "SettingInvalid", "Settings"]

PREFIX: Final = "STRONGROOM_"
_PLAIN_URL: Final = "DATABASE_URL"
_BOOLEANS: Final = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}

Pooler = Literal["session", "transaction", "auto"]
SchemaCheck = Literal["strict", "warn", "off"]


class GivenSettings(TypedDict, total=False):
    """The settings that may be given by keyword; see Settings."""

    direct_url: str | None
    max_size: int
    min_size: int
    acquire_timeout: float
    connect_timeout: float
    close_timeout: float
    statement_timeout: float
    slow_statement: float
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


def _address(value: Any) -> str | None:
    return database_url_error(value) if isinstance(value, str) else "is not text"


def _direct_address(value: Any) -> str | None:
    if value is None:
        return None
    return _address(value) or (None if is_postgres(value) else "is not the address of a PostgreSQL server")


def _pooler(settings: "Settings") -> Pooler:
    url = settings.database_url
    return "transaction" if _address(url) is None and is_behind_pgbouncer(url) else "session"


@frozen(kw_only=True)
class Settings(PoolSettings):
    """Which database, through which pool, and whether opening it applies pending migrations; times are in seconds.

    ``database_url`` is an address of PostgreSQL, ``embedded:`` (a server of one's own in the user's data folder),
    ``embedded:/folder``, or ``memory:`` (the twin). ``direct_url`` goes past a pooler, for migrations. Of
    ``max_size`` connections ``min_size`` are kept open, 10 or fewer unless given; ``pgbouncer=true`` in the address
    makes ``pooler`` transaction, and ``auto`` finds out as the storage opens whether a pooler answers.
    ``schema_check`` says what a schema does that this version does not know: refuse (strict), be logged (warn), or
    nothing (off). ``migrates`` says whose migrations are applied: both (all of them), backend, frontend, or an
    extension by its name; under the guard each side's role applies its own. Statements that take ``slow_statement``
    seconds are logged (0: none). A timeout of 0 is none, where that is possible. Raises SettingInvalid.
    """

    database_url: str = field(default=EMBEDDED, repr=_shown, validator=validator_of(_address))
    direct_url: str | None = field(default=None, repr=_shown, validator=validator_of(_direct_address))
    pooler: Pooler = field(
        default=Factory(_pooler, takes_self=True), validator=validator_of(one_of("session", "transaction", "auto"))
    )
    apply_migrations: bool = field(default=True, validator=validator_of(one_of(True, False)))
    schema_check: SchemaCheck = field(default="warn", validator=validator_of(one_of("strict", "warn", "off")))
    migrates: str = field(default="both", validator=validator_of(name_problem))

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
        """The folder of the embedded server; None if no folder is named."""
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
    """Parse the variables' texts as their settings' types; leave a text that does not parse as it is.

    The settings' validators then refuse it with the same message as a wrong keyword.
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
