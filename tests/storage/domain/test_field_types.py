"""What the kinds of value accept, and how they round."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.values.field_types import FixedPoint, Integer, Timestamp
from strongroom.domain.values.fields import (
    EvmAddress,
    Hash32,
    Json,
    NonNegativeUsd,
    NonZeroAmount,
    PositiveUsd,
    Rate,
    Uint256,
    Usd,
    field_type_of,
)

MONEY = FixedPoint(38, 18)
MAX_UINT256 = 2**256 - 1
decimals = st.decimals(allow_nan=False, allow_infinity=False) | st.decimals(
    min_value=-(10**21), max_value=10**21, places=19
)


def kind(annotation):
    """Return the kind of an annotation alone."""
    return field_type_of(annotation)[0]


def nearest(value: Decimal, places: int) -> Fraction:
    """Return the nearest multiple of 10^-places, halves away from zero, in whole-number arithmetic."""
    scaled = abs(Fraction(value)) * 10**places
    rounded = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Fraction(-rounded if value < 0 else rounded, 10**places)


@given(decimals.filter(bool))
def test_money_is_stored_as_the_nearest_of_18_places_halves_away_from_zero_or_is_too_large(value):
    """Money is stored as the nearest of 18 places halves away from zero or is too large."""
    if abs(value.adjusted()) > 400:
        return
    expected = nearest(value, 18)
    stored = MONEY.stored(value)
    if abs(expected) < 10**20:
        assert stored is not None
        assert Fraction(stored) == expected
        assert MONEY.validate(value) is None
    else:
        assert stored is None
        assert "20 digits before the point" in str(MONEY.validate(value))


@given(st.decimals(min_value=-(10**18), max_value=10**18, places=25))
def test_storing_rounds_as_decimal_arithmetic_does_and_only_once(value):
    """Storing rounds as decimal arithmetic does and only once."""
    stored = MONEY.stored(value)
    assert stored == value.quantize(Decimal("1e-18"), context=Context(prec=60, rounding=ROUND_HALF_UP))
    assert stored is not None
    assert MONEY.stored(stored) == stored


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("99999999999999999999.9999999999999999994", "99999999999999999999.999999999999999999"),
        ("99999999999999999999.9999999999999999995", None),
        ("-99999999999999999999.9999999999999999995", None),
        ("100000000000000000000", None),
        ("0.0000000000000000005", "0.000000000000000001"),
        ("-0.0000000000000000005", "-0.000000000000000001"),
        ("0.00000000000000000049", "0"),
        ("1e-16383", "0"),
        ("1e-16384", None),
        ("1e999999", None),
    ],
)
def test_money_at_the_edges_of_38_digits(value, stored):
    """Money at the edges of 38 digits."""
    assert MONEY.stored(Decimal(value)) == (None if stored is None else Decimal(stored))


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_money_is_a_finite_number(value):
    """Money is a finite number."""
    assert "not a finite number" in str(MONEY.validate(Decimal(value)))


@pytest.mark.parametrize("value", [1, 1.0, "1", None, True])
def test_money_is_a_decimal_and_nothing_else(value):
    """Money is a decimal and nothing else."""
    assert "where Decimal is expected" in str(MONEY.validate(value))


def test_bounds_of_money_are_judged_after_rounding_as_the_stored_value_is():
    """Bounds of money are judged after rounding as the stored value is."""
    assert kind(NonNegativeUsd).validate(Decimal("-0.0000000000000000004")) is None
    assert kind(NonNegativeUsd).validate(Decimal("-0.0000000000000000005")) is not None
    assert kind(PositiveUsd).validate(Decimal("0.0000000000000000004")) is not None
    assert kind(PositiveUsd).validate(Decimal("0.0000000000000000005")) is None
    assert kind(Usd).validate(Decimal(-1)) is None


def test_a_rate_has_12_digits_before_the_point_and_12_after():
    """A rate has 12 digits before the point and 12 after."""
    assert kind(Rate).validate(Decimal("999999999999.999999999999")) is None
    assert kind(Rate).validate(Decimal("999999999999.9999999999995")) is not None


@given(st.integers(), st.integers(-(2**300), 2**300))
def test_a_whole_number_is_in_its_range(low, value):
    """A whole number is in its range."""
    narrow = Integer(low, low + 10, 64)
    assert (narrow.validate(value) is None) == (low <= value <= low + 10)
    assert narrow.validate(low) is None
    assert narrow.validate(low - 1) is not None


def test_raw_amounts_reach_to_2_to_the_256_less_1_and_no_further():
    """Raw amounts reach to 2^256-1 and no further."""
    assert kind(Uint256).validate(MAX_UINT256) is None
    assert kind(Uint256).validate(0) is None
    assert kind(Uint256).validate(MAX_UINT256 + 1) == "2^256 is not in 0..2^256-1"
    assert kind(Uint256).validate(-1) == "-1 is not in 0..2^256-1"
    assert kind(Uint256).validate(10**5000) is not None
    assert kind(NonZeroAmount).validate(-MAX_UINT256) is None
    assert kind(NonZeroAmount).validate(0) == "0 where a change is expected"


@pytest.mark.parametrize("value", [1.0, "1", True, None, Decimal(1)])
def test_a_whole_number_is_an_int_and_nothing_else(value):
    """A whole number is an int and nothing else."""
    assert "where int is expected" in str(kind(Uint256).validate(value))


@given(st.text())
def test_a_text_is_refused_only_where_the_database_could_not_hold_it(text):
    """A text is refused only where the database could not hold it."""
    cannot = "\0" in text or any("\ud800" <= character <= "\udfff" for character in text)
    assert (kind(str).validate(text) is not None) == cannot


def test_a_text_with_a_nul_character_or_half_a_surrogate_is_refused():
    """A text with a NUL character or half a surrogate is refused."""
    assert "NUL" in str(kind(str).validate("a\0b"))
    assert "surrogate" in str(kind(str).validate("\ud800"))


def test_hashes_and_addresses_are_cleaned_to_lower_case_and_checked():
    """Hashes and addresses are cleaned to lower case and checked."""
    assert kind(Hash32).clean("0x" + "AB" * 32) == "0x" + "ab" * 32
    assert kind(Hash32).validate("0x" + "ab" * 31) is not None
    assert kind(EvmAddress).clean("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed").islower()
    assert "EIP-55" in str(kind(EvmAddress).validate("0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed"))


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_a_time_of_any_zone_is_cleaned_to_the_same_time_in_utc(naive, minutes):
    """A time of any zone is cleaned to the same time in UTC."""
    given_time = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert Timestamp().validate(given_time) is None
    assert Timestamp().clean(given_time) == given_time
    assert Timestamp().clean(given_time).tzinfo is UTC
    assert "no time zone" in str(Timestamp().validate(naive))


def test_times_and_days_keep_clear_of_the_ends_of_the_calendar():
    """Times and days keep clear of the ends of the calendar."""
    assert Timestamp().validate(datetime.max.replace(tzinfo=UTC)) is not None
    assert Timestamp().validate(datetime.min.replace(tzinfo=timezone(timedelta(hours=-14)))) is not None
    assert kind(date).validate(date.max) is not None
    assert "where date is expected" in str(kind(date).validate(datetime(2024, 1, 1, tzinfo=UTC)))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.just("text"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from("abc"), json_values))
def test_json_objects_are_accepted_with_all_that_json_can_hold(value):
    """JSON objects are accepted with all that JSON can hold."""
    assert kind(Json).validate(value) is None


@pytest.mark.parametrize(
    "value",
    [[], "text", {"a": float("nan")}, {"a": {1: 2}}, {"a": (1,)}, {"a": Decimal(1)}, {"a\0": 1}, {"a": [{"b": "\0"}]}],
)
def test_what_json_or_the_database_cannot_hold_is_refused(value):
    """What JSON or the database cannot hold is refused."""
    assert kind(Json).validate(value) is not None
