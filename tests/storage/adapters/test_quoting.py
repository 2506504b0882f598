"""Names and texts reach PostgreSQL as they are, whatever they hold."""

from hypothesis import given
from hypothesis import strategies as st

from strongroom.adapters.quoting import quote_identifier, quote_literal

CHARACTERS = st.sampled_from("aZ0_ .;'\"\\$-é%") | st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = st.text(CHARACTERS, max_size=15)


@given(text=TEXTS, name=TEXTS.filter(bool), standard=st.sampled_from(["on", "off"]))
async def test_quoted_names_and_texts_come_back_unchanged(administrator, text: str, name: str, standard: str) -> None:
    """The server reads back each quoted text and name as it was, whatever standard_conforming_strings is."""
    async with administrator.transaction():
        await administrator.execute(
            f"SET LOCAL standard_conforming_strings = {standard}; SET LOCAL escape_string_warning = off"
        )
        row = await administrator.fetchrow(f"SELECT {quote_literal(text)} AS {quote_identifier(name)}")
    assert dict(row) == {name: text}


def test_qualified_names_are_quoted_part_by_part() -> None:
    """Each part of a qualified name is quoted for itself."""
    assert quote_identifier('odd"schema', "a.b") == '"odd""schema"."a.b"'
