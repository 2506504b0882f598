"""The ledger of a position."""

from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.holdings import (
    START,
    a_flow,
    a_position,
    day,
    deposit,
    fee,
    life_of_a_position,
    rebase,
    usd_amounts,
    withdrawal,
)

from strongroom.domain.errors import InvalidValue
from strongroom.domain.positions.errors import InsufficientShares, PositionClosed
from strongroom.domain.positions.ledger import apply_flow, ledger_order, replay, total_pnl, unrealised_pnl
from strongroom.domain.positions.position import PositionStatus
from strongroom.domain.positions.position_flow import FlowKind
from strongroom.domain.values.fields import MAX_UINT256

HALF = Fraction(1, 2 * 10**18)


def money_in_less_money_out(flows):
    """Return deposits and fees on top, less withdrawals, exactly."""
    paid = {FlowKind.DEPOSIT: 1, FlowKind.WITHDRAWAL: -1}
    return sum(Fraction(flow.amount_usd) * paid.get(flow.kind, 0 if flow.shares_delta else 1) for flow in flows)


@given(life_of_a_position())
def test_no_money_is_lost_at_any_flow(flows):
    """No money is lost at any flow."""
    position = a_position()
    for number, flow in enumerate(flows, start=1):
        position = apply_flow(position, flow)
        kept = Fraction(position.cost_basis_usd) - Fraction(position.realised_pnl_usd)
        assert kept == money_in_less_money_out(flows[:number])
        assert position.shares == sum(past.shares_delta for past in flows[:number])
        assert position.cost_basis_usd >= 0
        assert position.status is PositionStatus.ACTIVE


@given(life_of_a_position(closing=True))
def test_without_shares_a_position_is_closed_costs_exactly_nothing_and_all_profit_is_realised(flows):
    """Without shares a position is closed costs exactly nothing and all profit is realised."""
    position = replay(a_position(value_usd=Decimal(7), valued_at=START), flows)
    assert (position.status, position.closed_at, position.shares) == (PositionStatus.CLOSED, flows[-1].at, 0)
    assert position.cost_basis_usd == 0
    assert Fraction(position.realised_pnl_usd) == -money_in_less_money_out(flows)
    assert (position.value_usd, position.valued_at) == (0, flows[-1].at)
    assert (position.version, position.updated_at) == (1, START)


@given(life_of_a_position(), st.randoms())
def test_a_replay_needs_no_order_and_no_former_state(flows, shuffler):
    """A replay needs no order and no former state."""
    expected = a_position()
    for flow in flows:
        expected = apply_flow(expected, flow)
    shuffled = list(flows)
    shuffler.shuffle(shuffled)
    assert replay(a_position(), shuffled) == expected
    assert replay(expected, shuffled) == expected


@given(life_of_a_position(), st.data())
def test_shares_that_leave_take_their_part_of_the_average_cost(flows, data):
    """Shares that leave take their part of the average cost."""
    before = replay(a_position(), flows)
    taken = data.draw(st.integers(1, before.shares))
    after = apply_flow(before, withdrawal(taken, 0, at=day(1)))
    left = Fraction(before.cost_basis_usd) * after.shares / before.shares
    assert abs(Fraction(after.cost_basis_usd) - left) <= HALF
    assert Fraction(after.realised_pnl_usd) - Fraction(before.realised_pnl_usd) == Fraction(
        after.cost_basis_usd
    ) - Fraction(before.cost_basis_usd)


@given(life_of_a_position(), st.data())
def test_a_fee_in_shares_realises_the_loss_of_their_cost_whatever_it_is_said_to_be_worth(flows, data):
    """A fee in shares realises the loss of their cost whatever it is said to be worth."""
    before = replay(a_position(), flows)
    taken = data.draw(st.integers(1, before.shares))
    cheap, dear = (apply_flow(before, fee(taken, amount, at=day(1))) for amount in (0, 10**6))
    assert cheap == dear
    assert cheap == apply_flow(before, withdrawal(taken, 0, at=day(1)))


@given(life_of_a_position(), usd_amounts)
def test_a_fee_on_top_is_a_realised_loss_and_income_a_realised_profit(flows, amount):
    """A fee on top is a realised loss and income a realised profit."""
    before = replay(a_position(), flows)
    charged = apply_flow(before, fee(0, amount, at=day(1)))
    assert Fraction(charged.realised_pnl_usd) == Fraction(before.realised_pnl_usd) - Fraction(amount)
    earned = apply_flow(charged, withdrawal(0, amount, at=day(1)))
    assert earned == before


@given(life_of_a_position(), st.integers(0, 2**200), st.integers(1, 2**200), usd_amounts, usd_amounts)
def test_two_deposits_are_one_of_their_sums(flows, shares, more_shares, amount, more):
    """Two deposits are one of their sums."""
    before = replay(a_position(), flows)
    parts = apply_flow(apply_flow(before, deposit(shares, amount, at=day(1))), deposit(more_shares, more, at=day(1)))
    assert parts.shares == before.shares + shares + more_shares
    assert Fraction(parts.cost_basis_usd) == Fraction(before.cost_basis_usd) + Fraction(amount) + Fraction(more)


@given(life_of_a_position(), st.integers(1, 2**200), st.sampled_from([FlowKind.WITHDRAWAL, FlowKind.FEE]))
def test_more_shares_than_are_held_cannot_leave(flows, excess, kind):
    """More shares than are held cannot leave."""
    position = replay(a_position(), flows)
    with pytest.raises(InsufficientShares) as refusal:
        apply_flow(position, a_flow(kind, -(position.shares + excess), 1, at=day(1)))
    assert (refusal.value.held, refusal.value.requested) == (position.shares, position.shares + excess)
    assert refusal.value.position_id == position.id


@pytest.mark.parametrize("flow", [withdrawal(0, 1, at=day(9)), fee(0, 1, at=day(9)), rebase(1, at=day(9))])
def test_a_closed_position_takes_no_flow_but_a_deposit(flow):
    """A closed position takes no flow but a deposit."""
    closed = replay(a_position(), [deposit(1, 1), withdrawal(1, 1, at=day(1))])
    with pytest.raises(PositionClosed) as refusal:
        apply_flow(closed, flow)
    assert (refusal.value.position_id, refusal.value.closed_at) == (closed.id, day(1))


@given(life_of_a_position(closing=True), st.integers(1, 2**200), usd_amounts)
def test_a_deposit_opens_a_closed_position_again_and_its_average_cost_starts_anew(flows, shares, amount):
    """A deposit opens a closed position again: its average cost starts anew, and what was realised stays."""
    left = replay(a_position(), flows)
    again = apply_flow(left, deposit(shares, amount, at=day(2)))
    assert (again.status, again.closed_at, again.shares) == (PositionStatus.ACTIVE, None, shares)
    assert Fraction(again.cost_basis_usd) == Fraction(amount)
    assert (again.realised_pnl_usd, again.opened_at) == (left.realised_pnl_usd, left.opened_at)


def test_two_whole_cycles_of_one_holding_realise_the_profit_of_both():
    """Bought for 100 and sold for 120, bought for 80 and sold for 103.95: the realised profit is 43.95."""
    flows = [deposit(10, 100), withdrawal(10, 120, at=day(1)), deposit(10, 80, at=day(2))]
    position = replay(a_position(), [*flows, withdrawal(10, "103.95", at=day(3))])
    assert (position.status, position.realised_pnl_usd) == (PositionStatus.CLOSED, Decimal("43.95"))


@pytest.mark.parametrize(("delta", "error"), [(0, InvalidValue), (-11, InsufficientShares)])
def test_a_rebase_changes_shares_that_are_held(delta, error):
    """A rebase without a change, or of more shares than are held, is refused."""
    with pytest.raises(error):
        apply_flow(apply_flow(a_position(), deposit(10, 1)), rebase(delta, at=day(1)))


def test_a_position_without_shares_yields_no_income_but_may_pay_a_fee_before_its_first_deposit():
    """A position without shares yields no income but may pay a fee before its first deposit."""
    with pytest.raises(InsufficientShares):
        apply_flow(a_position(), withdrawal(0, 1))
    paid = apply_flow(a_position(), fee(0, "1.25"))
    assert (paid.status, paid.realised_pnl_usd) == (PositionStatus.ACTIVE, Decimal("-1.25"))


@pytest.mark.parametrize(
    ("flow", "field"),
    [
        (deposit(-1, 1), "shares_delta"),
        (deposit(0, 1), "shares_delta"),
        (withdrawal(-1, 1), "shares_delta"),
        (fee(-1, 1), "shares_delta"),
        (deposit(1, 1, position_id=UUID(int=77)), "position_id"),
        (deposit(1, 1, at=day(-1)), "at"),
    ],
)
def test_a_flow_that_contradicts_its_kind_or_its_position_is_refused(flow, field):
    """A flow that contradicts its kind or its position is refused."""
    with pytest.raises(InvalidValue) as refusal:
        apply_flow(a_position(), flow)
    assert (refusal.value.entity, refusal.value.field) == ("PositionFlow", field)


def test_shares_and_cost_beyond_what_can_be_held_are_refused():
    """Shares and cost beyond what can be held are refused."""
    full = apply_flow(a_position(), deposit(MAX_UINT256, "99999999999999999999.999999999999999999"))
    with pytest.raises(InvalidValue) as shares:
        apply_flow(full, deposit(1, 0))
    assert (shares.value.entity, shares.value.field) == ("Position", "shares")
    with pytest.raises(InvalidValue) as cost:
        apply_flow(full, deposit(0, "0.000000000000000001"))
    assert (cost.value.entity, cost.value.field) == ("Position", "cost_basis_usd")


def test_two_coins_of_one_log_are_replayed_in_an_order_that_finds_shares_to_carry_them():
    """Two coins of one log are replayed in an order that finds shares to carry them."""
    log = {"chain_id": 1, "transaction_hash": "0x" + "a" * 64, "log_index": 5}
    into = [deposit(0, 50, id=UUID(int=1), **log), deposit(10, 60, id=UUID(int=2), **log)]
    out = [withdrawal(10, 70, id=UUID(int=3), at=day(1), **log), withdrawal(0, 80, id=UUID(int=4), at=day(1), **log)]
    gas = fee(0, 3, id=UUID(int=5), at=day(1), **log)
    closed = replay(a_position(), [gas, *out, *into])
    assert (closed.status, closed.realised_pnl_usd) == (PositionStatus.CLOSED, Decimal(37))


def test_flows_of_one_block_are_ordered_by_their_log_index():
    """Flows of one block are ordered by their log index."""
    log = {"chain_id": 1, "transaction_hash": "0x" + "a" * 64}
    late, early = deposit(1, 1, id=UUID(int=1), log_index=10, **log), fee(1, 1, id=UUID(int=2), log_index=9, **log)
    assert sorted([late, early], key=ledger_order) == [early, late]


def test_amounts_finer_than_18_places_count_as_they_are_stored():
    """Amounts finer than 18 places count as they are stored."""
    position = apply_flow(a_position(), deposit(1, "0.0000000000000000015"))
    assert position.cost_basis_usd == Decimal("0.000000000000000002")


def test_profit_is_what_is_realised_and_what_a_sale_at_the_last_valuation_would_add():
    """Profit is what is realised and what a sale at the last valuation would add."""
    held = replay(a_position(), [deposit(30, 300), withdrawal(10, 150, at=day(1))])
    assert (held.cost_basis_usd, held.realised_pnl_usd) == (Decimal(200), Decimal(50))
    valued = attrs.evolve(held, value_usd=Decimal(170), valued_at=day(2))
    assert (unrealised_pnl(valued), total_pnl(valued)) == (Decimal(-30), Decimal(20))
