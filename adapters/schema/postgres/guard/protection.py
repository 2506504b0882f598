"""Define a protection: a required state of the database, its deviations, and the statements that restore it."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import asyncpg
from attrs import frozen

from strongroom.domain.schema.contract import Contract

Connection: TypeAlias = "asyncpg.Connection[Any]"


@frozen
class Deviation:
    """One thing that is not as the contract wants it.

    ``statements`` make it so; there are none where that is for people to decide, and ``what`` then says what to do.
    """

    what: str
    statements: tuple[str, ...] = ()


Probe: TypeAlias = Callable[[Connection, Contract], Awaitable[list[Deviation]]]
"""Looks at a database, changes nothing, and returns what is not as it should be."""


@frozen
class Protection:
    """One protection: its name, what holds while it is in place, and how to look."""

    name: str
    holds: str
    probe: Probe
