"""What coins cost day by day."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.errors import InvalidValue
from strongroom.domain.pricing.as_of import SOURCE_PREFERENCE
from strongroom.domain.pricing.daily_values import daily_values, time_weighted_average
from strongroom.domain.pricing.price import Price, PriceSource

DAY = datetime(2024, 2, 29, tzinfo=UTC)
COIN, OTHER_COIN = UUID(int=1), UUID(int=2)
DAY_LENGTH = 24 * 3600 * 10**6
usd_prices = st.decimals(min_value=0, max_value=Decimal(99999999999999999999), places=18) | st.sampled_from(
    [Decimal(0), Decimal("1e-18"), Decimal("1.5")]
)
moments = st.integers(0, 3 * DAY_LENGTH - 1) | st.sampled_from([0, DAY_LENGTH - 1, DAY_LENGTH, 2 * DAY_LENGTH - 1])


def a_price(usd, microseconds=0, source=PriceSource.COINGECKO, coin=COIN):
    """Return a price so long after the start of the day."""
    return Price(coin_id=coin, at=DAY + timedelta(microseconds=microseconds), source=source, price_usd=Decimal(usd))


price_lists = st.lists(
    st.builds(a_price, usd_prices, moments, st.sampled_from(PriceSource), st.sampled_from([COIN, OTHER_COIN])),
    max_size=12,
    unique_by=lambda price: (price.coin_id, price.at, price.source),
)


def chosen(prices):
    """Return the samples of each coin and day in order: of each time, the first source that has a price."""
    times = defaultdict(list)
    for price in prices:
        times[price.coin_id, price.at].append(price)
    days = defaultdict(list)
    for (coin, at), group in sorted(times.items()):
        first = min(group, key=lambda price: SOURCE_PREFERENCE.index(price.source))
        days[coin, at.date()].append((at, first.price_usd))
    return days


@given(price_lists)
def test_every_coin_and_day_with_a_price_has_its_open_high_low_close_and_number_of_samples(prices):
    """Every coin and day with a price has its open high low close and number of samples."""
    expected = chosen(prices)
    values = daily_values(prices)
    assert [(value.coin_id, value.day) for value in values] == sorted(expected)
    for value in values:
        samples = [usd for _, usd in expected[value.coin_id, value.day]]
        assert (value.open, value.close) == (samples[0], samples[-1])
        assert (value.high, value.low) == (max(samples), min(samples))
        assert value.samples == len(samples)


@given(price_lists)
def test_the_average_weights_each_sample_until_the_next_or_the_days_end_and_is_rounded_once(prices):
    """The average weights each sample until the next or the day's end and is rounded once."""
    expected = chosen(prices)
    for value in daily_values(prices):
        samples = expected[value.coin_id, value.day]
        end = datetime(value.day.year, value.day.month, value.day.day, tzinfo=UTC) + timedelta(days=1)
        times = [at for at, _ in samples] + [end]
        spans = [(times[n + 1] - times[n]) // timedelta(microseconds=1) for n in range(len(samples))]
        scaled = sum(Fraction(usd) * span for (_, usd), span in zip(samples, spans, strict=True)) * 10**18
        whole = Fraction(scaled, sum(spans))
        half_up = (2 * whole.numerator + whole.denominator) // (2 * whole.denominator)
        assert Fraction(value.average) * 10**18 == half_up
        assert value.low <= value.average <= value.high


@given(price_lists, st.randoms())
def test_the_order_of_the_prices_does_not_matter(prices, shuffler):
    """The order of the prices does not matter."""
    shuffled = list(prices)
    shuffler.shuffle(shuffled)
    assert daily_values(shuffled) == daily_values(prices)


@given(st.lists(usd_prices, min_size=1, max_size=5))
def test_at_one_time_the_preferred_source_alone_counts(prices):
    """At one time the preferred source alone counts."""
    given_prices = [a_price(usd, 5, source) for usd, source in zip(prices, SOURCE_PREFERENCE, strict=False)]
    (value,) = daily_values(reversed(given_prices))
    assert value.open == value.high == value.low == value.close == value.average == prices[0]
    assert value.samples == 1


def test_half_a_day_at_one_price_and_a_quarter_at_another():
    """Half a day at one price and a quarter at another."""
    noon, evening = DAY_LENGTH // 2, 3 * DAY_LENGTH // 4
    (value,) = daily_values([a_price(1), a_price(2, noon), a_price(10, evening)])
    assert value.day == date(2024, 2, 29)
    assert (value.open, value.high, value.low, value.close, value.samples) == (1, 10, 1, 10, 3)
    assert value.average == Decimal("3.5")


def test_what_came_before_the_first_price_of_a_day_weighs_nothing():
    """What came before the first price of a day weighs nothing."""
    yesterday, today = daily_values([a_price(7, 0), a_price(9, 2 * DAY_LENGTH - 1)])
    assert (yesterday.average, today.average) == (7, 9)
    assert today.day == yesterday.day + timedelta(days=1)


def test_a_time_of_another_zone_belongs_to_its_utc_day():
    """A time of another zone belongs to its UTC day."""
    late = datetime.fromisoformat("2024-03-01T00:30:00+02:00")
    (value,) = daily_values([Price(coin_id=COIN, at=late, source=PriceSource.MANUAL, price_usd=Decimal(1))])
    assert value.day == date(2024, 2, 29)


def test_a_price_of_0_is_a_price_and_no_price_is_no_day():
    """A price of 0 is a price and no price is no day."""
    (value,) = daily_values([a_price(0)])
    assert (value.low, value.average, value.samples) == (0, 0, 1)
    assert daily_values([]) == []


def test_more_places_than_are_stored_are_rounded_before_they_count():
    """More places than are stored are rounded before they count."""
    (value,) = daily_values([a_price("0.0000000000000000015")])
    assert value.high == value.average == Decimal("2e-18")


@pytest.mark.parametrize("samples", [[], [(DAY, Decimal(1))]], ids=["none", "no time"])
def test_nothing_has_no_average(samples):
    """Neither without samples, nor over no time."""
    with pytest.raises(InvalidValue, match="no time"):
        time_weighted_average(samples, DAY)
