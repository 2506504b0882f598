"""Entities, pages and reports as JSON: exact, checked when they are read, the same text from both adapters."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.domain.errors import InvalidValue
from strongroom.domain.positions.position import Position
from strongroom.domain.transactions.balance_change import BalanceChange
from strongroom.json import converter, dumps, from_json, loads, to_json
from strongroom.ports.results import Page
from strongroom.testing.factory import World
from strongroom.testing.strategies import entities

ENTITIES = [table.entity for table in PLATFORM.entities]


@settings(max_examples=8)
@given(data=st.data())
@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.__name__)
def test_an_entity_is_read_back_equal(entity, data):
    """Whatever an entity holds is the same after a round trip through text."""
    drawn = data.draw(entities(entity))
    assert loads(dumps(drawn), entity) == drawn


@given(entities(BalanceChange))
def test_amounts_are_text(change):
    """A reader whose numbers are floats loses no digit of a raw amount or a price."""
    written = json.loads(dumps(change))
    assert written["delta"] == str(change.delta)


async def test_a_page_is_read_back_with_its_cursor(strongroom_each):
    """The next page begins where the text says."""
    world = World(strongroom_each)
    added = {(await world.added(Position)).id for _ in range(3)}
    first = await strongroom_each.positions.page(limit=2)
    again = loads(dumps(first), Page[Position])
    assert again == first
    second = await strongroom_each.positions.page(limit=2, after=again.next)
    assert {position.id for position in (*first.items, *second.items)} == added


async def test_both_adapters_write_the_same_text(strongroom_each):
    """A stored position, read again, is written with the digits that PostgreSQL has."""
    position = await World(strongroom_each).added(Position, cost_basis_usd=Decimal("1.5"))
    stored = await strongroom_each.positions.get(position.id)
    assert Decimal(json.loads(dumps(stored))["cost_basis_usd"]) == Decimal("1.5")


@pytest.mark.parametrize(
    ("text", "cls", "said"),
    [
        ("{", Position, "Position: not JSON"),
        ('{"a": NaN}', Position, "Position: not JSON: NaN"),
        ("[1]", Position, "Position: list where an object is expected"),
        ('[{"id": 1}]', list[Position], "Position.id: int where UUID is expected"),
        ("[7]", list[Position], "Position: int where an object is expected"),
        ('{"items": []}', Page[Position], 'Page: an object of "items"'),
        ('{"items": [], "next": "abc"}', Page[Position], "Cursor: it is damaged"),
        ("[" * 1000, Position, "Position: not JSON: it is nested more than 128 deep"),
    ],
)
def test_other_json_is_refused_with_the_entity_and_the_field(text, cls, said):
    """The error names what is wrong, and is of the domain."""
    with pytest.raises(InvalidValue) as caught:
        loads(text, cls)
    assert said in str(caught.value)


@settings(max_examples=1)
@given(entities(BalanceChange))
def test_a_field_that_the_entity_lacks_is_refused(change):
    """A misspelt field is no silent default."""
    with pytest.raises(InvalidValue, match=r"BalanceChange.*amuont"):
        from_json({**to_json(change), "amuont": "1"}, BalanceChange)


def test_hooks_of_a_service_are_registered_on_a_copy():
    """The platform's rules stay as they are for everybody else."""
    own = converter.copy()
    own.register_unstructure_hook(Decimal, float)
    assert to_json(Decimal("1.10")) == "1.10"
