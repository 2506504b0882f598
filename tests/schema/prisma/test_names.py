"""Names that Prisma gives by itself, and names as PostgreSQL keeps them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.adapters.schema.prisma.model.constraint_names import (
    foreign_key_name,
    index_name,
    join_table_name,
    primary_key_name,
    unique_name,
)
from strongroom.adapters.schema.prisma.quoting import quote_if_needed, sequence_name, truncate_identifier

names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=80)


@given(table=names, columns=st.lists(names, min_size=1, max_size=3))
def test_a_name_is_cut_before_its_ending(table: str, columns: list[str]) -> None:
    """No name has more than the 63 bytes that PostgreSQL keeps, none loses its ending, or half a character."""
    stem = "_".join([table, *columns])
    made = {
        primary_key_name(table): (table, "_pkey"),
        unique_name(table, columns): (stem, "_key"),
        index_name(table, columns): (stem, "_idx"),
        foreign_key_name(table, columns): (stem, "_fkey"),
        join_table_name(table, "_AB_pkey"): (table, "_AB_pkey"),
    }
    for name, (begun, ending) in made.items():
        assert truncate_identifier(name) == name
        assert name.endswith(ending)
        assert begun.startswith(name.removesuffix(ending))
        assert len(name.encode()) > 63 - 4 or name == begun + ending


@given(table=names, column=names)
def test_a_sequence_is_named_for_its_column(table: str, column: str) -> None:
    """The name of a sequence fits, whatever the table and the column are called."""
    assert len(sequence_name(table, column).encode()) <= 63


@pytest.mark.parametrize(
    ("name", "written"),
    [("plain", "plain"), ("Upper", '"Upper"'), ("user", '"user"'), ("name", "name"), ('a"b', '"a""b"'), ("1a", '"1a"')],
)
def test_names_are_quoted_where_they_have_to_be(name: str, written: str) -> None:
    """Small letters stand as they are, unless they make a word of SQL."""
    assert quote_if_needed(name) == written
