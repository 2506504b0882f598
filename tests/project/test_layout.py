"""The rooms of the house: which packages each layer has, where SQL is written, and which names are gone."""

import ast
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from attrs import frozen

from strongroom.ports.repository import RENAMED

ROOT: Final = Path(__file__).resolve().parents[2]
ROOMS: Final = {
    "domain": {"accounts", "chat", "positions", "pricing", "protocols", "safes", "schema", "transactions", "values"},
    "ports": {"repositories", "schema", "use_cases"},
    "adapters": {"embedded", "mapping", "memory", "postgres", "schema", "sources"},
    "adapters/postgres": {"migrator"},
    "adapters/schema": {"contract_file", "entities", "postgres", "prisma"},
    "adapters/schema/postgres": {"catalog", "column_changes", "ddl", "guard"},
    "adapters/schema/prisma": {"generate", "model", "syntax", "to_catalog"},
    "bootstrap": {"cli", "demo", "facade", "testing"},
    "bootstrap/cli": {"model", "schema", "storage"},
}
LAYERS: Final = ("domain", "ports", "adapters", "bootstrap", "migrations")
SQL: Final = re.compile(
    r"\b(?:(?:CREATE|ALTER|DROP) (?:UNIQUE |MATERIALIZED )?(?:TABLE|INDEX|TYPE|VIEW|TRIGGER|FUNCTION|SCHEMA|POLICY)"
    r"|INSERT INTO|DELETE FROM|SELECT .* FROM|GRANT .* TO|REVOKE .* FROM)\b"
)
DDL: Final = re.compile(r"\b(?:CREATE|ALTER|DROP) (?:TABLE|TYPE|INDEX|TRIGGER|FUNCTION|POLICY|EVENT TRIGGER)\b")
DDL_OF_OUR_OWN: Final = {
    "adapters/mapping",
    "adapters/postgres/bulk.py",
    "adapters/postgres/migrator",
    "adapters/sources/temporary_store.py",
    "migrations",
}
"""Where the storage half writes DDL: a stage for a bulk write, a history's bookkeeping, and messages about either."""
OTHER_FORMS: Final = {
    "adapters/embedded/postmaster.py",  # a server's configuration file
    "adapters/schema/prisma/quoting.py",  # literals as the catalog writes them
}
FORMER_NAMES: Final = frozenset(
    {
        *("sight", "seen", "blind", "sees_all", "in_step", "keeping_in_step", "settling", "settled", "free_objects"),
        *("mending", "mend", "wording", "declaring", "known_schema", "spelling", "joining", "drafts", "building"),
        *("same_default", "holders", "newest", "hold", "moment", "octets", "flag", "whole_number", "carry_problem"),
        *("patience", "most_rows", "longest", "judge_row", "fitting", "truth", "told", "gap", "moved", *RENAMED),
    }
)
MODULE_NAMES: Final = frozenset(["reading", "writing", "running", "installing", "applying", "printing", "probing"])


@frozen
class Source:
    """What a module of the package holds: its strings but for docstrings, the names it gives, and whether it quotes."""

    path: str
    texts: tuple[str, ...]
    names: tuple[str, ...]
    doubles_quotes: bool


@cache
def sources() -> Sequence[Source]:
    """Return every module of the package."""
    return [read(path) for layer in LAYERS for path in sorted((ROOT / layer).rglob("*.py"))]


def read(path: Path) -> Source:
    """Read one module in a single pass over its syntax tree."""
    spoken: set[int] = set()
    constants, names, doubles = [], [], False
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        match node:
            case ast.Expr():
                spoken.add(id(node.value))
            case ast.Constant(value=str()):
                constants.append(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.append(node.name)
            case ast.Call(func=ast.Attribute(attr="replace"), args=[ast.Constant(one), ast.Constant(other)]):
                doubles = doubles or (one in ("'", '"') and other == 2 * one)
    names += [
        part.target.id for part in tree.body if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
    ]
    texts = tuple(str(node.value) for node in constants if id(node) not in spoken)
    return Source(path.relative_to(ROOT).as_posix(), texts, tuple(names), doubles)


def test_each_layer_has_its_rooms_and_no_other() -> None:
    """Folders of a layer are those of the plan."""
    found = {
        layer: {path.parent.name for path in (ROOT / layer).glob("*/__init__.py") if path.parent.name != "__pycache__"}
        for layer in ROOMS
    }
    assert found == ROOMS


def test_decisions_over_schemas_hold_no_sql() -> None:
    """Statements are written in the adapters: the domain and the ports decide over values."""
    core = [one for one in sources() if one.path.startswith(("domain/", "ports/"))]
    assert [(one.path, text) for one in core for text in one.texts if SQL.search(text)] == []


def test_only_the_schema_room_writes_ddl() -> None:
    """Whoever else writes DDL does so for tables of our own."""
    others = [one for one in sources() if not one.path.startswith(("adapters/schema/", *DDL_OF_OUR_OWN))]
    assert [(one.path, text) for one in others for text in one.texts if DDL.search(text)] == []


def test_names_are_quoted_in_one_module() -> None:
    """No other module doubles the quotes of a name or a text, but for the forms that are no statement's."""
    assert {one.path for one in sources() if one.doubles_quotes} == {"adapters/quoting.py", *OTHER_FORMS}


def test_former_names_are_gone() -> None:
    """The names of the former vocabulary stay as aliases for one release, and nowhere else."""
    found = [(one.path, name) for one in sources() for name in one.names if name.strip("_").lower() in FORMER_NAMES]
    modules = [one.path for one in sources() if Path(one.path).stem in MODULE_NAMES | FORMER_NAMES]
    assert (found, modules) == ([], [])
