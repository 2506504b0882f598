"""A user's portfolio at a time."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.holdings import (
    COIN,
    POOL,
    POSITION,
    PROTOCOL,
    START,
    USER,
    a_position,
    day,
    deposit,
    fee,
    life_of_a_position,
    price,
    usd_amounts,
    valuation,
    withdrawal,
)

from strongroom.domain.errors import InvalidValue
from strongroom.domain.positions.pool import Pool, PoolKind
from strongroom.domain.positions.portfolio import PortfolioRecords, portfolio_at
from strongroom.domain.positions.position import PositionStatus
from strongroom.domain.positions.position_value import ValueBasis
from strongroom.domain.pricing.coin import Coin, CoinStandard

ADDRESS = "0x" + "a" * 40
COIN_OF_2_DECIMALS = Coin(
    id=COIN, chain_id=1, address=ADDRESS, standard=CoinStandard.ERC20, symbol="X", name="X", decimals=2
)
ONE_DAY = timedelta(days=1)


def a_pool(pool_id=POOL, protocol_id=PROTOCOL):
    """Return a pool of a protocol."""
    return Pool(
        id=pool_id,
        chain_id=1,
        protocol_id=protocol_id,
        address=ADDRESS,
        name="Pool",
        kind=PoolKind.LENDING,
        tvl_usd=Decimal(0),
        created_at=START,
        updated_at=START,
    )


def portfolio(at, *, max_age=None, **records):
    """Return the portfolio of records, by default of one position in one pool."""
    known = {"positions": [a_position()], "pools": [a_pool()], "coins": [COIN_OF_2_DECIMALS]}
    return portfolio_at(USER, at, PortfolioRecords(**known | records), max_age=max_age)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(life_of_a_position(), usd_amounts, st.integers(0, 2)), max_size=5), st.randoms())
def test_the_whole_is_the_sum_of_its_positions_and_of_its_protocols(lives, shuffler):
    """The whole is the sum of its positions and of its protocols."""
    protocols = [UUID(int=500 + number) for number in range(3)]
    pools = [a_pool(UUID(int=600 + number), protocol) for number, protocol in enumerate(protocols)]
    positions, flows, valuations = [], [], []
    for number, (life, value, place) in enumerate(lives):
        own = UUID(int=700 + number)
        positions.append(a_position(id=own, pool_id=pools[place].id))
        flows += [attrs.evolve(flow, position_id=own) for flow in life]
        shares = sum(flow.shares_delta for flow in life)
        valuations.append(valuation(day(2), value, shares, position_id=own))
    for records in (positions, flows, valuations):
        shuffler.shuffle(records)
    found = portfolio(day(2), positions=positions, pools=pools, flows=flows, valuations=valuations)
    for parts in (found.positions, found.by_protocol):
        for figure in ("value_usd", "cost_basis_usd", "realised_pnl_usd", "unrealised_pnl_usd"):
            assert Fraction(getattr(found, figure)) == sum(Fraction(getattr(part, figure)) for part in parts)
        assert [part.value_usd for part in parts] == sorted((part.value_usd for part in parts), reverse=True)
        if found.value_usd:
            assert abs(sum(Fraction(part.share_of_total) for part in parts) - 1) <= Fraction(len(parts), 10**12)
    assert Fraction(found.total_pnl_usd) == (
        Fraction(found.value_usd) - Fraction(found.cost_basis_usd) + Fraction(found.realised_pnl_usd)
    )
    assert sorted(Fraction(part.value_usd) for part in found.positions) == sorted(Fraction(life[1]) for life in lives)


@given(life_of_a_position(closing=True), st.integers(0, 30))
def test_later_records_do_not_count(flows, hours):
    """What is later than the time does not count."""
    at = day(hours / 24)
    later = [valuation(at + timedelta(seconds=1), 10**6)]
    past = [flow for flow in flows if flow.at <= at]
    assert portfolio(at, flows=flows, valuations=later) == portfolio(at, flows=past)
    assert portfolio(day(-1), flows=flows, valuations=later).positions == ()


def test_a_position_is_worth_its_newest_valuation_in_proportion_to_the_shares_it_has_since():
    """A position is worth its newest valuation in proportion to the shares it has since."""
    flows = [deposit(10, 100), withdrawal(5, 60, at=day(2))]
    valuations = [valuation(day(0), 90, 10), valuation(day(1), 120, 10), valuation(day(9), 1, 5)]
    (held,) = portfolio(day(3), flows=flows, valuations=valuations).positions
    assert (held.value_usd, held.basis, held.valued_at) == (Decimal(60), ValueBasis.VALUATION, day(1))
    assert (held.cost_basis_usd, held.realised_pnl_usd, held.unrealised_pnl_usd) == (
        Decimal(50),
        Decimal(10),
        Decimal(10),
    )
    assert held.share_of_total == 1
    assert held.protocol_id == PROTOCOL


def test_a_valuation_exactly_as_old_as_the_limit_is_not_stale_and_an_older_one_is():
    """A valuation exactly as old as the limit is not stale and an older one is."""
    records = {"flows": [deposit(10, 100)], "valuations": [valuation(day(1), 120, 10)]}
    assert not portfolio(day(2), max_age=ONE_DAY, **records).is_stale
    stale = portfolio(day(2) + timedelta(microseconds=1), max_age=ONE_DAY, **records)
    assert (stale.is_stale, stale.positions[0].is_stale, stale.value_usd) == (True, True, Decimal(120))
    assert not portfolio(day(999), **records).is_stale


def test_without_a_valuation_the_coins_inside_count_at_their_prices():
    """Without a valuation the coins inside count at their prices."""
    flows = [
        deposit(10, 100, amount=1000),
        withdrawal(2, 25, amount=250, at=day(1)),
        fee(1, 5, amount=50, at=day(1)),
        fee(0, 5, amount=50, at=day(1)),
    ]
    found = portfolio(day(3), flows=flows, prices=[price(day(2), "12.5"), price(day(9), 1)], max_age=ONE_DAY)
    (held,) = found.positions
    assert (held.value_usd, held.basis, held.valued_at) == (Decimal("87.5"), ValueBasis.COINS, day(2))
    assert not held.is_stale
    assert portfolio(day(9), flows=flows, prices=[price(day(2), "12.5")], max_age=ONE_DAY).is_stale


@pytest.mark.parametrize(
    "records",
    [
        {},
        {"prices": [price(day(2), 1)], "coins": []},
        {"prices": [price(day(2), 1, coin_id=UUID(int=77))]},
        {"prices": [price(day(2), 1)], "flows": [deposit(10, 100), withdrawal(1, 10, amount=5, at=day(1))]},
    ],
)
def test_where_nothing_else_is_known_a_position_stands_at_cost_and_is_stale(records):
    """Where nothing else is known a position stands at cost and is stale."""
    found = portfolio(day(3), **{"flows": [deposit(10, 100)]} | records)
    (held,) = found.positions
    assert (held.basis, held.value_usd, held.valued_at) == (ValueBasis.COST, held.cost_basis_usd, None)
    assert held.unrealised_pnl_usd == 0
    assert found.is_stale


def test_a_position_of_which_no_flow_is_known_is_taken_as_it_stands():
    """A position of which no flow is known is taken as it stands."""
    known = a_position(shares=10, cost_basis_usd=Decimal(70), value_usd=Decimal(90), valued_at=day(1))
    (held,) = portfolio(day(2), positions=[known]).positions
    assert held.position == known
    assert (held.value_usd, held.basis, held.valued_at) == (Decimal(90), ValueBasis.VALUATION, day(1))


def test_a_closed_position_is_there_with_its_profit_and_no_value_and_was_open_before():
    """A closed position is there with its profit and no value and was open before."""
    flows = [deposit(10, 100), withdrawal(10, 130, at=day(2))]
    closed = portfolio(day(3), flows=flows, valuations=[valuation(day(1), 120, 10)], max_age=ONE_DAY)
    assert (closed.value_usd, closed.realised_pnl_usd, closed.is_stale) == (Decimal(0), Decimal(30), False)
    assert closed.positions[0].basis is ValueBasis.EMPTY
    assert closed.positions[0].share_of_total == 0
    before = portfolio(day(1), positions=[closed.positions[0].position], flows=flows)
    assert before.positions[0].position.status is PositionStatus.ACTIVE
    assert before.positions[0].position.id == POSITION


def test_nothing_held_is_an_empty_portfolio():
    """Nothing held is an empty portfolio."""
    found = portfolio(day(0), positions=[])
    assert (found.value_usd, found.positions, found.by_protocol, found.is_stale) == (Decimal(0), (), (), False)


def test_a_position_of_another_user_is_refused():
    """A position of another user is refused."""
    with pytest.raises(InvalidValue) as refusal:
        portfolio(day(1), positions=[a_position(user_id=UUID(int=99))])
    assert (refusal.value.entity, refusal.value.field) == ("Position", "user_id")
