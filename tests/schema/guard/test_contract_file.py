"""`strongroom.toml` is read whole, and every mistake in it is named with its key, its line and what is expected."""

from datetime import date

import pytest

from strongroom.adapters.schema.contract_file import ContractInvalid, parse_contract, read_contract
from strongroom.domain.schema.contract import (
    AcceptedException,
    Language,
    MigrationKind,
    ObjectKind,
    Pattern,
    ReadGrant,
    SchemaObject,
    Write,
)

WHOLE = """\
owner_role = "nobody_s"

[sides.api]
role = "api_migrator"
migrations = "sql"
kind = "sql"
schemas = ["public", "jobs"]
services = ["api", "worker"]

[sides.web]
role = "web_migrator"
migrations = "prisma/migrations"
kind = "prisma"
language = "prisma"

[owners.api]
tables = ["payment", "jobs.run"]
enums = ["payment_state"]
objects = ["jobs.*"]

[owners.web]
objects = ["*"]

[readers.web]
payment = ["id", "state"]
"public.secret*" = false
invoice = { columns = ["id"], writes = ["insert", "update"] }

[[exceptions]]
object = "payment"
rule = "type"
reason = "the column is widened in the next release"
expires = 2027-01-31
"""
SIDES = '[sides.api]\nrole = "a"\nkind = "sql"\n[sides.web]\nrole = "b"\nkind = "prisma"\n'

MISTAKES = [
    ("", "sides: describe each migration system"),
    ("sides = 3", "sides: a table is expected"),
    ("[sides.api\n", "line 1, is not TOML"),
    (SIDES + 'owner = "x"', "line 7, sides.web.owner: is not a key here"),
    ('owner_rol = "x"\n' + SIDES, "line 1, owner_rol: is not a key here; did you mean 'owner_role'?"),
    (SIDES.replace('role = "a"', 'rol = "a"'), "line 2, sides.api.rol: is not a key here; did you mean 'role'?"),
    (SIDES.replace('role = "a"\n', ""), "line 1, sides.api.role: is missing"),
    (SIDES.replace('"b"', "3"), "line 5, sides.web.role: a text that is not empty is expected"),
    (SIDES.replace('"b"', '"a"'), "line 5, sides.web.role: 'a' is already a role of the side 'api'"),
    (SIDES.replace('"b"', '"pg_monitor"'), "line 5, sides.web.role: 'pg_monitor' is a name that PostgreSQL keeps"),
    (SIDES.replace('"b"', f'"{"x" * 64}"'), "is longer than 63 bytes"),
    (SIDES.replace('"prisma"', '"prism"'), "line 6, sides.web.kind: 'prism' is not one; did you mean 'prisma'?"),
    (SIDES + 'language = "go"', "line 7, sides.web.language: 'go' is not one; known are"),
    (SIDES + "schemas = []", "line 7, sides.web.schemas: a side lives in one schema or more"),
    (SIDES + 'schemas = "public"', "line 7, sides.web.schemas: a list of names is expected"),
    (SIDES + '[owners.ap]\ntables = ["x"]', "line 7, owners.ap: there is no side of this name; did you mean 'api'?"),
    (SIDES + '[owners.api]\ntable = ["x"]', "line 8, owners.api.table: is not a key here; did you mean 'tables'?"),
    (SIDES + '[owners.api]\ntables = [\n"x",\n"y",\n"y"]', "line 10, owners.api.tables: 'y' stands here twice"),
    (SIDES + '[owners.api]\ntables = "x"', "line 8, owners.api.tables: a list of names is expected"),
    (SIDES + "[readers.web]\nx = 1", "line 8, readers.web.x: true, false, a list of columns"),
    (SIDES + "[readers.web]\nx = { column = [] }", "readers.web.x.column: is not a key here; did you mean 'columns'?"),
    (SIDES + '[readers.web]\nx = { writes = ["truncate"] }', "readers.web.x.writes: 'truncate' is not one"),
    (SIDES + '[exceptions]\nobject = "x"', "line 7, exceptions: exceptions are written as [[exceptions]]"),
    (SIDES + '[[exceptions]]\nobject = "x"\nreason = "y"', "line 7, exceptions.0.expires: the last day"),
    (SIDES + '[[exceptions]]\nobject = "x"\nreason = " "\nexpires = 2027-01-01', "line 9, exceptions.0.reason"),
    (SIDES + '[[exceptions]]\nobject = "x"\nreason = "y"\nexpires = "2027-01-01"', "line 10, exceptions.0.expires"),
]


def test_a_whole_contract_is_read():
    """Every key has its effect."""
    contract = parse_contract(WHOLE)
    api, web = contract.sides
    assert contract.owner_role == "nobody_s"
    assert (api.role, api.kind, api.language, api.schemas) == (
        "api_migrator",
        MigrationKind.SQL,
        Language.NONE,
        ("public", "jobs"),
    )
    assert (api.services, web.schemas) == (("api", "worker"), ("public",))
    assert (web.kind, web.language, web.migrations) == (MigrationKind.PRISMA, Language.PRISMA, "prisma/migrations")
    assert contract.readers == (
        ReadGrant("web", Pattern("public", "payment"), columns=("id", "state")),
        ReadGrant("web", Pattern("public", "secret*"), columns=()),
        ReadGrant("web", Pattern("public", "invoice"), columns=("id",), writes=frozenset({Write.INSERT, Write.UPDATE})),
    )
    assert contract.exceptions == (
        AcceptedException(
            Pattern("public", "payment"), "the column is widened in the next release", date(2027, 1, 31), "type"
        ),
    )


@pytest.mark.parametrize(
    ("kind", "schema", "name", "owner"),
    [
        (ObjectKind.TABLE, "public", "payment", "api"),
        (ObjectKind.ENUM, "public", "payment", "web"),
        (ObjectKind.ENUM, "public", "payment_state", "api"),
        (ObjectKind.TABLE, "public", "Post", "web"),
        (ObjectKind.TABLE, "jobs", "run", "api"),
        (ObjectKind.SEQUENCE, "jobs", "run_seq", "api"),
        (ObjectKind.TABLE, "elsewhere", "payment", None),
    ],
)
def test_names_without_a_schema_are_meant_in_the_first_of_the_side(kind, schema, name, owner):
    """A glob over one schema is no glob over another, and names of one kind none of another."""
    assert parse_contract(WHOLE).owner_of(SchemaObject(kind=kind, schema=schema, name=name)) == owner


@pytest.mark.parametrize(("text", "message"), MISTAKES, ids=[message for _, message in MISTAKES])
def test_a_mistake_is_named_with_its_key_its_line_and_what_is_expected(text, message):
    """The file is refused, and the message leads to the place."""
    with pytest.raises(ContractInvalid) as caught:
        parse_contract(text)
    assert message in str(caught.value)


def test_all_mistakes_are_named_at_once_in_the_order_of_their_lines():
    """Nobody corrects a file one message at a time."""
    text = SIDES.replace('"a"', "1").replace('"prisma"', '"prism"') + "[readers.web]\nx = 1"
    with pytest.raises(ContractInvalid) as caught:
        parse_contract(text)
    assert [problem.key for problem in caught.value.problems] == ["sides.api.role", "sides.web.kind", "readers.web.x"]


def test_a_file_that_is_not_there_or_not_text_is_refused_in_words(tmp_path):
    """A folder means the strongroom.toml in it."""
    with pytest.raises(ContractInvalid, match="cannot be read"):
        read_contract(tmp_path)
    (tmp_path / "strongroom.toml").write_bytes(b"\xff")
    with pytest.raises(ContractInvalid, match="is not UTF-8"):
        read_contract(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = 1\nx = " + "[" * 500 + "]" * 500, "line 2, has brackets or a dotted key of more than 100 levels"),
        ("x = " + "{a=" * 500, "line 1, has brackets or a dotted key of more than 100 levels"),
        ("\n\n" + "a." * 101 + "b = 1", "line 3, has brackets or a dotted key of more than 100 levels"),
        ("a = 1\nx = " + "9" * 5000, "line 2, has a number of too many digits"),
        ("#" * 2**20 + "#", "is longer than 1,048,576 characters"),
    ],
)
def test_a_file_beyond_bounds_is_refused_with_its_line(text, message):
    """Deep nesting, long keys, long numbers and long files are mistakes, and no faults of Python's own."""
    with pytest.raises(ContractInvalid, match=message):
        parse_contract(text)


def test_no_more_than_a_hundred_mistakes_are_told():
    """A file of very many mistakes names the first hundred, and says that there are more."""
    with pytest.raises(ContractInvalid) as caught:
        parse_contract("".join(f"key_{number} = 1\n" for number in range(5000)))
    assert len(caught.value.lines) == 101
    assert "more mistakes than these 100" in str(caught.value)
