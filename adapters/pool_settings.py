"""The settings of a pool of connections, and the rules that they keep."""

from collections.abc import Callable
from typing import Any, Final

import attrs
from attrs import Factory, field, frozen

from strongroom.domain.errors import StrongroomError

_DEFAULT_MIN_SIZE: Final = 10
_MOST_CONNECTIONS: Final = 262_143
"""As many as PostgreSQL's max_connections may be."""
_MOST_SECONDS: Final = 10**9

Problem = Callable[[Any], str | None]
"""Returns what is wrong with a value, or None."""


class SettingInvalid(StrongroomError, ValueError):
    """A setting cannot be used; ``setting`` names it, ``variable`` the environment variable it came from, if any."""

    def __init__(self, setting: str, reason: str, *, variable: str | None = None) -> None:
        self.setting = setting
        self.reason = reason
        self.variable = variable
        super().__init__(f"{variable or setting}: {reason}")


def validator_of(problem: Problem) -> Callable[[Any, "attrs.Attribute[Any]", Any], None]:
    """Return a validator that raises SettingInvalid if there is a problem."""

    def validate(_settings: Any, setting: "attrs.Attribute[Any]", value: Any) -> None:
        found = problem(value)
        if found:
            raise SettingInvalid(setting.name, found)

    return validate


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


def one_of(*choices: Any) -> Problem:
    """Return the rule that a value is one of several, of the same type."""
    said = " or ".join(map(str, choices))
    return lambda value: (
        None if value in choices and type(value) is type(choices[0]) else f"{_short(value)} is not {said}"
    )


def name_problem(value: Any) -> str | None:
    """Return what is wrong with a name, or None."""
    return None if isinstance(value, str) and "\0" not in value else "is not a name"


def _default_min_size(settings: "PoolSettings") -> int:
    return min(_DEFAULT_MIN_SIZE, settings.max_size) if type(settings.max_size) is int else _DEFAULT_MIN_SIZE


@frozen(kw_only=True)
class PoolSettings:
    """How many connections a pool holds, and how long each wait may last; times are in seconds.

    Of ``max_size`` connections ``min_size`` are kept open, 10 or fewer unless given. Statements that take
    ``slow_statement`` seconds are logged (0: none). A timeout of 0 is none, where that is possible. Raises
    SettingInvalid.
    """

    max_size: int = field(default=30, validator=validator_of(_integer_at_least(1)))
    min_size: int = field(
        default=Factory(_default_min_size, takes_self=True), validator=validator_of(_integer_at_least(0))
    )
    acquire_timeout: float = field(default=30.0, validator=validator_of(_seconds(zero=False)))
    connect_timeout: float = field(default=10.0, validator=validator_of(_seconds(zero=False)))
    close_timeout: float = field(default=10.0, validator=validator_of(_seconds(zero=False)))
    statement_timeout: float = field(default=60.0, validator=validator_of(_seconds(zero=True)))
    slow_statement: float = field(default=0.0, validator=validator_of(_seconds(zero=True)))
    idle_in_transaction_timeout: float = field(default=60.0, validator=validator_of(_seconds(zero=True)))
    application_name: str = field(default="strongroom", validator=validator_of(name_problem))

    def __attrs_post_init__(self) -> None:
        if self.min_size > self.max_size:
            raise SettingInvalid("min_size", f"{self.min_size} is more than max_size, {self.max_size}")

    @property
    def pool(self) -> dict[str, Any]:
        """The settings of the pool alone, by name."""
        return {name: getattr(self, name) for name in attrs.fields_dict(PoolSettings)}
