"""The price that counts at a time."""

from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from support.holdings import COIN, day, price

from strongroom.domain.pricing.as_of import (
    SOURCE_PREFERENCE,
    FreshPrice,
    NoPrice,
    StalePrice,
    price_as_of,
    prices_as_of,
)
from strongroom.domain.pricing.price import PriceSource

OTHER = UUID(int=44)
prices = st.lists(
    st.builds(
        price,
        st.integers(0, 9).map(day),
        st.integers(0, 100),
        coin_id=st.sampled_from([COIN, OTHER]),
        source=st.sampled_from(PriceSource),
    ),
    unique_by=lambda item: (item.coin_id, item.at, item.source),
)


@given(prices, st.integers(-1, 10).map(day), st.none() | st.integers(0, 9).map(lambda days: timedelta(days=days)))
def test_the_newest_price_at_or_before_the_time_counts_and_of_one_time_the_preferred_source(known, at, max_age):
    """The newest price at or before the time counts and of one time the preferred source."""
    found = price_as_of(known, COIN, at, max_age=max_age)
    before = [item for item in known if item.coin_id == COIN and item.at <= at]
    if not before:
        assert found == NoPrice(COIN)
        return
    newest = max(item.at for item in before)
    sources = [item.source for item in before if item.at == newest]
    assert isinstance(found, FreshPrice | StalePrice)
    assert (found.price.at, found.price.source) == (newest, min(sources, key=SOURCE_PREFERENCE.index))
    assert found.age == at - newest
    assert isinstance(found, StalePrice) == (max_age is not None and at - newest > max_age)


@given(prices, st.integers(-1, 10).map(day), st.randoms())
def test_prices_of_many_coins_are_those_of_each_in_whatever_order_they_come(known, at, shuffler):
    """Prices of many coins are those of each in whatever order they come."""
    expected = {coin: price_as_of(known, coin, at) for coin in (COIN, OTHER)}
    shuffler.shuffle(known)
    found = prices_as_of(known, at)
    assert found == {coin: answer for coin, answer in expected.items() if not isinstance(answer, NoPrice)}


def test_a_price_exactly_as_old_as_the_limit_is_fresh():
    """A price exactly as old as the limit is fresh."""
    limit = timedelta(hours=1)
    known = [price(day(0), 1)]
    assert isinstance(price_as_of(known, COIN, day(0) + limit, max_age=limit), FreshPrice)
    later = day(0) + limit + timedelta(microseconds=1)
    assert isinstance(price_as_of(known, COIN, later, max_age=limit), StalePrice)


def test_the_preference_is_the_order_in_which_the_sources_are_named():
    """The preference is the order in which the sources are named."""
    assert [source.value for source in SOURCE_PREFERENCE] == [
        "coingecko",
        "defillama",
        "chainlink",
        "uniswap_twap",
        "manual",
    ]
