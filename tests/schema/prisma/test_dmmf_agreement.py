"""Our reading of a schema is Prisma's own, field by field, and so is our printing."""

import random
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.schema.prisma_dmmf import described, simplified
from support.schema.prisma_engine import HEAD, PrismaEngine, PrismaRefused
from support.schema.prisma_refused import REFUSED, REFUSED_WHOLE
from support.schema.prisma_relations import schemas

from strongroom.adapters.schema.prisma.generate.schema_writer import format_schema
from strongroom.adapters.schema.prisma.model.reader import read_schema
from strongroom.adapters.schema.prisma.model.schema import PrismaSchema
from strongroom.adapters.schema.prisma.syntax.errors import PrismaSchemaError
from strongroom.adapters.schema.prisma.syntax.formatter import format_document
from strongroom.adapters.schema.prisma.syntax.parser import parse

SCHEMAS = Path(__file__).parent / "schemas"
NAMES = sorted(path.name for path in SCHEMAS.iterdir())
TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|[A-Za-z0-9_]+|\s|//[^\n]*|.', re.DOTALL)
# Their stray parts make indexes that PostgreSQL refuses itself, or comments whose stars Prisma counts by their columns.
NOT_MUTATED = {"indexes.prisma", "block_comments.prisma", "native_types.prisma", "without_foreign_keys.prisma"}
# Prisma takes these. In the first two a mistake is more likely than meaning; PostgreSQL refuses all others, or would
# read them as more than the one expression, type or value that stands there.
STRICTER = {
    "a block's lines are lines of their own",
    "a schema has a datasource",
    "a condition is one expression",
    "a text holds no character that PostgreSQL has not",
    "a time has a year that is one",
    "a type is one",
    "an expression closes what it opens",
    "an expression is one",
    "an expression opens what it closes",
    "an expression says something",
}


def texts(name: str) -> Mapping[str, str]:
    path = SCHEMAS / name
    files = sorted(path.rglob("*.prisma")) if path.is_dir() else [path]
    return {str(file.relative_to(SCHEMAS)): file.read_text(encoding="utf-8") for file in files}


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_says_the_same_to_us_and_to_prisma(prisma: PrismaEngine, name: str) -> None:
    """Models, fields, keys, relations, enums, defaults, native types and comments are those of Prisma's DMMF."""
    ours = read_schema(texts(name))
    assert described(ours) == simplified(prisma.dmmf(texts(name)), ours)


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_printed_as_prisma_formats_it(prisma: PrismaEngine, name: str) -> None:
    """Comments, columns and the order of attributes come out as from Prisma's own formatter."""
    for text in texts(name).values():
        assert format_document(parse(text)) == prisma.formatted(text)


@given(schema=schemas())
def test_any_schema_says_the_same_and_is_printed_the_same(prisma: PrismaEngine, schema: PrismaSchema) -> None:
    """Prisma accepts what we print of any schema, has nothing to format, and reads what we read."""
    text = format_schema(schema)
    assert prisma.formatted(text) == text
    assert described(schema) == simplified(prisma.dmmf({"schema.prisma": text}), schema)


@pytest.mark.parametrize("rule", sorted((REFUSED.keys() | REFUSED_WHOLE.keys()) - STRICTER))
def test_refused_schemas_are_refused_by_prisma(prisma: PrismaEngine, rule: str) -> None:
    """Every rule that we keep is one of Prisma's."""
    text = HEAD + REFUSED[rule].body if rule in REFUSED else REFUSED_WHOLE[rule].body
    with pytest.raises(PrismaRefused):
        prisma.dmmf({"schema.prisma": text})


@given(name=st.sampled_from([name for name in NAMES if name not in NOT_MUTATED]), seed=st.integers(0, 2**32))
def test_a_broken_schema_is_refused_or_says_the_same(prisma: PrismaEngine, name: str, seed: int) -> None:
    """Of texts with a part lost, doubled, moved or replaced we accept what Prisma accepts, and read the same."""
    files = {file: mutated(text, seed) for file, text in texts(name).items()}
    try:
        ours = read_schema(files)
    except PrismaSchemaError as refused:
        assert refused.problems  # noqa: PT017
        return
    assert described(ours) == simplified(prisma.dmmf(files), ours)


def mutated(text: str, seed: int) -> str:
    draw = random.Random(seed)
    tokens = TOKEN.findall(text)
    start = tokens.index("model") if "model" in tokens else len(tokens) - 1
    at, other = draw.randrange(start, len(tokens)), draw.randrange(start, len(tokens))
    match draw.choice(["lose", "double", "move", "replace"]):
        case "lose":
            del tokens[at]
        case "double":
            tokens.insert(at, tokens[at])
        case "move":
            tokens[at], tokens[other] = tokens[other], tokens[at]
        case _:
            tokens[at] = tokens[other]
    return "".join(tokens)
