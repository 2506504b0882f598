"""The cost basis by lots, against exact fractions that are counted share by share."""

from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.holdings import a_flow, a_position, day, deposit, fee, life_of_a_position, rebase, withdrawal

from strongroom.domain.positions.ledger import replay
from strongroom.domain.positions.lots import CostMethod, lot_ledger, replay_by_method
from strongroom.domain.positions.position_flow import FlowKind

HALF = Fraction(1, 2 * 10**18)
METHODS = st.sampled_from(CostMethod)
PLAIN = 15
"""As many histories for each method as a plain run draws; a long one draws as many as its profile says."""


@st.composite
def lives(draw):
    """Draw flows of positions that are left and entered again, a day apart."""
    flows, held = [], 0
    for number in range(draw(st.integers(2, 14))):
        kind = draw(st.sampled_from(FlowKind)) if held else FlowKind.DEPOSIT
        least = 1 if kind is not FlowKind.DEPOSIT or not held else 0
        if kind is FlowKind.REBASE:
            delta = held * draw(st.integers(1, 3))  # so that every lot has whole shares then
        else:
            delta = draw(st.integers(least, 10**6)) if kind is FlowKind.DEPOSIT else -draw(st.integers(least, held))
        amount = Decimal(draw(st.integers(0, 10**9))) / 100
        flows.append(a_flow(kind, delta, amount, at=day(number), id=UUID(int=number + 1)))
        held += delta
    return flows


def exact(flows, method):
    """Return the cost that is left and the profit realised, exactly, by lots of [shares, cost] as fractions."""
    lots, realised = [], Fraction(0)
    for flow in flows:
        amount, taken = Fraction(flow.amount_usd), -flow.shares_delta
        held = sum(shares for shares, _ in lots)
        if flow.kind is FlowKind.DEPOSIT and (flow.shares_delta or not lots):
            lots.append([Fraction(flow.shares_delta), amount])
        elif flow.kind is FlowKind.DEPOSIT:
            lots[-1][1] += amount
        elif flow.kind is FlowKind.REBASE:
            lots = [[shares * (held + flow.shares_delta) / held, cost] for shares, cost in lots]
        elif not taken:
            realised += amount if flow.kind is FlowKind.WITHDRAWAL else -amount
        else:
            realised += amount if flow.kind is FlowKind.WITHDRAWAL else 0
            if method is CostMethod.AVERAGE:
                order, lots = [0], [[held, sum(cost for _, cost in lots)]]
            else:
                order = list(range(len(lots)))
            if method is CostMethod.LIFO:
                order.reverse()
            if method is CostMethod.HIFO:
                order.sort(key=lambda place: -lots[place][1] / lots[place][0])
            for place in order:
                part = min(Fraction(taken), lots[place][0])
                cost = lots[place][1] * part / lots[place][0]
                lots[place] = [lots[place][0] - part, lots[place][1] - cost]
                taken, realised = taken - part, realised - cost
            lots = [lot for lot in lots if lot[0]]
    return sum(cost for _, cost in lots), realised


@pytest.mark.parametrize("method", CostMethod)
@settings(max_examples=PLAIN if settings().max_examples <= 100 else settings().max_examples)
@given(flows=lives())
def test_a_ledger_equals_exact_fractions_under_every_method(flows, method):
    """Cost and profit equal those of exact fractions, but for half of a unit of the 18th place for each rounding."""
    wanted_cost, wanted_profit = exact(flows, method)
    found = replay_by_method(a_position(), flows, method)
    assert abs(Fraction(found.cost_basis_usd) - wanted_cost) <= 200 * HALF
    assert abs(Fraction(found.realised_pnl_usd) - wanted_profit) <= 200 * HALF


@given(lives(), METHODS)
def test_no_money_is_lost_under_any_method(flows, method):
    """Cost less realised profit is what was paid in and not received, to the last place."""
    found = replay_by_method(a_position(), flows, method)
    paid = {FlowKind.DEPOSIT: 1, FlowKind.WITHDRAWAL: -1}
    moved = sum(Fraction(flow.amount_usd) * paid.get(flow.kind, 0 if flow.shares_delta else 1) for flow in flows)
    assert Fraction(found.cost_basis_usd) - Fraction(found.realised_pnl_usd) == moved
    lots = lot_ledger(a_position(), flows, method).lots
    assert sum(lot.shares for lot in lots) == found.shares == sum(flow.shares_delta for flow in flows)
    assert all(lot.shares > 0 and lot.cost_usd >= 0 for lot in lots)


@given(life_of_a_position(closing=True), METHODS)
def test_a_position_that_is_left_has_realised_the_same_under_every_method(flows, method):
    """A position that is left has realised the same profit under every method."""
    assert replay_by_method(a_position(), flows, method) == replay(a_position(), flows)


SALES = [deposit(10, 100), deposit(10, 300, at=day(1)), deposit(10, 200, at=day(2)), withdrawal(15, 600, at=day(3))]


@pytest.mark.parametrize(
    ("method", "cost", "profit"),
    [
        (CostMethod.AVERAGE, 300, 300),
        (CostMethod.FIFO, 350, 350),
        (CostMethod.LIFO, 250, 250),
        (CostMethod.HIFO, 200, 200),
    ],
)
def test_each_method_takes_its_own_shares_first(method, cost, profit):
    """Half of 30 shares that cost 10, 30 and 20 each leave for 40 each."""
    found = replay_by_method(a_position(), SALES, method)
    assert (found.cost_basis_usd, found.realised_pnl_usd) == (cost, profit)


@pytest.mark.parametrize("method", CostMethod)
def test_a_rebase_changes_shares_and_no_cost_and_a_slash_of_all_loses_all(method):
    """Shares that a rebase brings cost nothing; one that takes all of them away closes the position at a loss."""
    grown = replay_by_method(a_position(), [deposit(100, 50), rebase(10, at=day(1))], method)
    assert (grown.shares, grown.cost_basis_usd, grown.realised_pnl_usd) == (110, 50, 0)
    gone = replay_by_method(a_position(), [deposit(100, 50), rebase(-100, at=day(1))], method)
    assert (gone.shares, gone.cost_basis_usd, gone.realised_pnl_usd, gone.closed_at) == (0, 0, -50, day(1))


@pytest.mark.parametrize("method", CostMethod)
def test_a_fee_in_shares_takes_the_same_lots_as_a_withdrawal(method):
    """A fee in shares takes the same lots as a withdrawal for nothing."""
    paid, taken = (
        replay_by_method(a_position(), [*SALES[:3], last], method)
        for last in (fee(15, 600, at=day(3)), withdrawal(15, 0, at=day(3)))
    )
    assert paid == taken
