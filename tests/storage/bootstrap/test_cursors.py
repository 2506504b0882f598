"""Cursors as opaque texts: read back equal, and refused when they are changed, of another list, or of another key."""

from decimal import Decimal
from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.cursors import MAX_CURSOR_LENGTH, cursor_from_text, cursor_to_text
from strongroom.domain.errors import InvalidValue
from strongroom.domain.positions.position import PositionStatus

VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**256), 2**256)
    | st.text(max_size=20)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.uuids()
    | st.datetimes(timezones=st.timezones())
    | st.dates()
    | st.binary(max_size=20)
    | st.sampled_from(PositionStatus)
)
CURSORS = st.lists(VALUES, max_size=4).map(tuple)
KEYS = st.sampled_from([b"", b"one key", b"k" * 64])


@given(CURSORS, KEYS, st.text(max_size=10))
def test_a_cursor_is_read_back_equal(cursor, key, context):
    """Every value of an order comes back, of the same type; a time as the same instant."""
    text = cursor_to_text(cursor, key=key, context=context)
    again = cursor_from_text(text, key=key, context=context)
    assert again == cursor
    assert [type(value) for value in again] == [type(value) for value in cursor]
    assert text.replace("-", "").replace("_", "").isalnum()


@given(CURSORS, KEYS, st.data())
def test_a_changed_text_is_refused(cursor, key, data):
    """No character can be exchanged, added or left out."""
    text = cursor_to_text(cursor, key=key)
    place = data.draw(st.integers(0, len(text) - 1))
    put = data.draw(st.sampled_from(["", "A", "z", "-", "_", "é", "=", "AA"]))
    changed = text[:place] + put + text[place + 1 :]
    if changed != text:
        with pytest.raises(InvalidValue):
            cursor_from_text(changed, key=key)


@given(CURSORS, KEYS, KEYS, st.text(max_size=3), st.text(max_size=3))
def test_a_text_is_of_one_key_and_one_list(cursor, key, other_key, context, other_context):
    """Neither a client without the key nor a cursor of another list is believed."""
    if (key, context) != (other_key, other_context):
        text = cursor_to_text(cursor, key=key, context=context)
        with pytest.raises(InvalidValue, match="begin with the first page"):
            cursor_from_text(text, key=other_key, context=other_context)


@given(st.text() | st.text(alphabet="ABCabc019-_"))
def test_any_other_text_is_refused(text):
    """Nothing but InvalidValue is raised for what a client makes up."""
    with pytest.raises(InvalidValue):
        cursor_from_text(text)


def test_a_long_text_is_refused_before_it_is_read():
    """A client cannot have megabytes decoded."""
    with pytest.raises(InvalidValue):
        cursor_from_text("A" * (MAX_CURSOR_LENGTH + 1))


def test_an_enumeration_of_a_service_is_named_by_the_reader():
    """The platform's are known; others are given."""

    class Colour(Enum):
        RED = "red"

    text = cursor_to_text((Colour.RED,))
    assert cursor_from_text(text, enums=[Colour]) == (Colour.RED,)
    with pytest.raises(InvalidValue):
        cursor_from_text(text)


def test_a_value_that_no_order_has_is_refused():
    """A mistake of the service is told where it is made."""
    with pytest.raises(InvalidValue, match="list is no value of a cursor"):
        cursor_to_text(([Decimal(1)],))
