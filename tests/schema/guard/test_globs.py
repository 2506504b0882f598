"""PostgreSQL reads a glob of the contract as Python does."""

from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st

from strongroom.adapters.schema.postgres.guard.globs import glob_regex

CHARACTERS = "abc-]![^*?.\\_é😀\n$("
MEMBERS = st.text(st.sampled_from("abc-]!^[\\é"), max_size=5)
PIECES = st.one_of(
    st.sampled_from(["*", "?", "[", "]", "[!", "[]", "[!]"]),
    st.sampled_from(CHARACTERS),
    st.builds("[{}]".format, MEMBERS),
    st.builds("[!{}]".format, MEMBERS),
    st.builds("[{}-{}]".format, st.sampled_from("abc"), st.sampled_from("abc")),
)
GLOBS = st.lists(PIECES, max_size=4).map("".join)
NAMES = st.text(st.sampled_from(CHARACTERS), max_size=4)


@given(globs=st.lists(GLOBS, min_size=1, max_size=20), names=st.lists(NAMES, min_size=1, max_size=20))
async def test_postgres_matches_a_glob_as_python_does(superuser, globs, names):
    """Sets, ranges, negations and brackets that nothing closes included."""
    pairs = [(glob, name) for glob in globs for name in names]
    found = await superuser.fetch(
        'SELECT name COLLATE "C" ~ regex FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS pair (regex, name, at)'
        " ORDER BY at",
        [glob_regex(glob) for glob, _ in pairs],
        [name for _, name in pairs],
    )
    wrong = [pair for pair, (matches,) in zip(pairs, found, strict=True) if matches != fnmatchcase(pair[1], pair[0])]
    assert wrong == []
