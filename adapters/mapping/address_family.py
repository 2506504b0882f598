"""The rule that an address is written as its family of chains writes addresses."""

from typing import Any

from strongroom.domain.values.address import family_of

from .table import Check


def family_check(table: str) -> Check:
    """Declare the rule for a table with the fields ``family`` and ``address``."""
    return Check(f"{table}_family_check", "(family = 'evm') = (address LIKE '0x%')", _matches_family)


def _matches_family(entity: Any) -> bool:
    return entity.family is family_of(entity.address)
