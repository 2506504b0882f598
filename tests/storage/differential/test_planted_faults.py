"""The machine finds faults: each of these, planted in the twin, must be noticed."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from strongroom.adapters.mapping.coin import COIN
from strongroom.adapters.mapping.pool import POOL
from strongroom.adapters.mapping.position import POSITION
from strongroom.adapters.mapping.price import PRICE
from strongroom.adapters.mapping.protocol import PROTOCOL
from strongroom.adapters.mapping.table import Table
from strongroom.adapters.mapping.user import USER
from strongroom.adapters.memory import statements
from strongroom.adapters.memory.locks import Locks
from strongroom.adapters.memory.price import MemoryPriceRepository
from strongroom.adapters.memory.rows import unique_key_value
from strongroom.adapters.memory.unit_of_work import UnitOfWork
from strongroom.domain.values.field_types import DECIMAL_CONTEXT
from strongroom.ports.storage import Isolation
from strongroom.testing.differential.machine import Rig, run
from strongroom.testing.differential.twins import Divergence

EXAMPLES = 150
Plant = Callable[[pytest.MonkeyPatch], None]


def drop_a_unique_key(patch: pytest.MonkeyPatch) -> None:
    """Forget that an e-mail address belongs to one user."""

    def forgetful(unique: Any, entity: Any) -> Any:
        return None if unique.name == "user_email_key" else unique_key_value(unique, entity)

    patch.setattr(statements, "unique_key_value", forgetful)


def round_a_price(patch: pytest.MonkeyPatch) -> None:
    """Keep prices to 17 places instead of 18."""
    original = MemoryPriceRepository._stored

    def coarse(self: MemoryPriceRepository, entity: Any) -> Any:
        stored = original(self, entity)
        if stored.price_usd is None:
            return stored
        return PRICE.replaced(stored, price_usd=stored.price_usd.quantize(Decimal("1E-17"), context=DECIMAL_CONTEXT))

    patch.setattr(MemoryPriceRepository, "_stored", coarse)


def ignore_a_savepoint(patch: pytest.MonkeyPatch) -> None:
    """Keep what was done in a savepoint that was left by an error."""
    patch.setattr(UnitOfWork, "roll_back_to", lambda *_: None)


def see_the_present(patch: pytest.MonkeyPatch) -> None:
    """Let a repeatable-read transaction see what was committed after its snapshot."""
    patch.setattr(UnitOfWork, "has_snapshot", property(lambda _: False))


def wait_for_nobody(patch: pytest.MonkeyPatch) -> None:
    """Write rows that another transaction has locked."""
    patch.setattr(Locks, "lock", lambda *_: None)


def remove_what_is_referred_to(patch: pytest.MonkeyPatch) -> None:
    """Remove rows whatever refers to them."""
    patch.setattr(statements, "_cascade_removal", lambda *_: None)


@pytest.mark.parametrize(
    ("plant", "focus", "isolation"),
    [
        (drop_a_unique_key, (USER,), None),
        (round_a_price, (PRICE,), None),
        (ignore_a_savepoint, (PROTOCOL,), None),
        (see_the_present, (PROTOCOL,), Isolation.REPEATABLE_READ),
        (wait_for_nobody, (USER,), None),
        (remove_what_is_referred_to, (COIN, POOL, POSITION), None),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_planted_fault_is_found(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, plant: Plant, focus: tuple[Table, ...], isolation: Isolation | None
) -> None:
    """A twin with a fault diverges from PostgreSQL within a few examples."""
    plant(monkeypatch)
    with pytest.raises(Divergence):
        run(rig, examples=EXAMPLES, derandomize=True, focus=focus, isolation=isolation, shrink=False)
