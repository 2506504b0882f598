"""What is no schema is refused with the place, what is wrong, and what to do."""

import pytest
from support.schema.prisma_engine import HEAD
from support.schema.prisma_refused import OTHER_DATABASES, REFUSED, REFUSED_WHOLE, Refused

from strongroom.adapters.schema.prisma.model.reader import read_schema
from strongroom.adapters.schema.prisma.syntax.errors import PrismaSchemaError


def refuse(head: str, case: Refused) -> None:
    with pytest.raises(PrismaSchemaError) as refused:
        read_schema({"schema.prisma": head + case.body})
    first = refused.value.problems[0]
    assert (first.position.line - head.count("\n"), first.position.column) == (case.line, case.column)
    assert case.words in first.message
    assert first.remedy
    assert str(refused.value).startswith(f"schema.prisma:{first.position.line}:{first.position.column}: ")


@pytest.mark.parametrize("rule", REFUSED)
def test_a_rule_is_kept(rule: str) -> None:
    """What breaks a rule is refused at its line and column, with a message and a remedy."""
    refuse(HEAD, REFUSED[rule])


@pytest.mark.parametrize("rule", REFUSED_WHOLE)
def test_a_rule_of_the_whole_is_kept(rule: str) -> None:
    """A schema that has no datasource, two, or a wrong one is refused as a whole."""
    refuse("", REFUSED_WHOLE[rule])


def test_other_databases_are_refused() -> None:
    """Only PostgreSQL is read; Prisma's others are named in the refusal."""
    refuse("", OTHER_DATABASES)


def test_all_problems_of_a_stage_are_told_at_once() -> None:
    """One reading names everything that is wrong with the declarations, in the order of the text."""
    with pytest.raises(PrismaSchemaError) as refused:
        read_schema({"a.prisma": HEAD + "model A {\n  id Int\n  b Nothing\n  b Int @unknown\n}\n"})
    assert [problem.position.line for problem in refused.value.problems] == [10, 12, 13]


def test_a_schema_beyond_bounds_is_refused_with_its_place() -> None:
    """Nesting, length and the number of problems are bounded."""
    head = 'datasource db {\n  provider = "postgresql"\n}\nmodel a {\n  id Int @id\n'
    deep = f"{head}  b Int[] @default({'[' * 500}{']' * 500})\n}}"
    with pytest.raises(PrismaSchemaError, match=r"schema\.prisma:6:50: Brackets are nested more than 32 deep"):
        read_schema({"schema.prisma": deep})
    with pytest.raises(PrismaSchemaError, match="more than 1,048,576 characters"):
        read_schema({"schema.prisma": head + "}", "b.prisma": "//" + "x" * 2**20})
    with pytest.raises(PrismaSchemaError) as caught:
        read_schema({"schema.prisma": head + "  f Int\n" * 5_000 + "}"})
    assert len(caught.value.problems) == 100
