"""A function of the guard: what creates it, and what the catalog then says of it."""

from typing import Final

from attrs import frozen

from .guard_schema import GUARD_SCHEMA

SETTINGS: Final = ("search_path=pg_catalog, pg_temp",)
"""No other role can create what a name in the bodies means: temporary objects come last."""


@frozen
class GuardFunction:
    """A function of the guard, in PL/pgSQL, that runs with the rights of its owner.

    ``arguments`` and ``result`` are spelled as PostgreSQL prints them. ``for_sides`` says that the migrators' roles may
    call it; nobody else may call any, and event triggers need no right to.
    """

    name: str
    arguments: str
    result: str
    body: str
    volatile: bool = False
    for_sides: bool = False

    @property
    def signature(self) -> str:
        """The function as ALTER and DROP name it."""
        return f"{GUARD_SCHEMA}.{self.name}({self.arguments})"

    @property
    def create_sql(self) -> str:
        """The statement that creates the function."""
        volatility = "VOLATILE" if self.volatile else "STABLE"
        return (
            f"CREATE FUNCTION {self.signature} RETURNS {self.result} LANGUAGE plpgsql {volatility} SECURITY DEFINER "
            f"SET search_path = pg_catalog, pg_temp AS $guard${self.body}$guard$"
        )
