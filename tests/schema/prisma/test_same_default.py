"""Two defaults that PostgreSQL writes in different ways: whether they fill a column alike."""

import pytest

from strongroom.domain.schema.default_equivalence import MAX_LENGTH, are_equivalent_defaults


@pytest.mark.parametrize(
    ("declared", "found", "type_"),
    [
        ("'a'", "('a')::text", "text"),
        ('\'a\'::"odd ""name"""', "'a'", "text"),
        ("'it''s'::character varying(9)", "E'it''s'", "character varying(9)"),
        ("1.50", "'1.5'::numeric(10,2)", "numeric(10,2)"),
        ("1e3", "'1000'::integer", "integer"),
        ("ARRAY['a'::text, 'b'::text]", "'{a,\"b\"}'::text[]", "text[]"),
        ("(ARRAY[]::text[])::text[]", "'{}'", "text[]"),
        ("'{\"a\": [1, 2.0]}'::jsonb", "'{\"a\":[1.0,2]}'", "jsonb"),
        ("now()", "CURRENT_TIMESTAMP", "timestamp with time zone"),
    ],
)
def test_one_value_in_two_spellings_is_the_same(declared: str, found: str, type_: str) -> None:
    """Casts, parentheses, quotes and the spelling of numbers, lists and documents make no difference."""
    assert are_equivalent_defaults(declared, found, type_)
    assert are_equivalent_defaults(found, declared, type_)


@pytest.mark.parametrize(
    ("declared", "found", "type_"),
    [
        ("'a'", "'b'", "text"),
        ("'a'", "'a'::text || 'b'", "text"),
        ("'a'::" + '""' * 26 + "!", "'x'::text", "text"),
        ("1", "true", "jsonb"),
        ("'[1, 2]'", "'[2, 1]'", "jsonb"),
        ("ARRAY['a'", "'{a}'", "text[]"),
        ('\'{"a": ' + "[" * 5_000 + "]" * 5_000 + "}'", "'{}'", "jsonb"),
        ("9" * 5_000, "8", "numeric"),
        ("1e999999999", "2", "numeric"),
        ("'" + "a" * MAX_LENGTH + "'", "('a')", "text"),
    ],
)
def test_what_is_another_value_or_no_value_is_not(declared: str, found: str, type_: str) -> None:
    """Neither is an expression, a document that is nested beyond bounds, or a text that only begins like a value."""
    assert not are_equivalent_defaults(declared, found, type_)
