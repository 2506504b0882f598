"""From the first migration to the last, check, generate and impact say nothing to whoever has done what was told."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str]]


def edited(file: Path, *changes: tuple[str, str]) -> None:
    """Replace texts of a file, each of which it has."""
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


def clean(run: Run) -> bool:
    """Say whether replay and generate find nothing."""
    return run("replay")[0] == 0 and run("prisma", "generate", "--check")[0] == 0


@pytest.fixture
def generated(project: Path, run: Run) -> Path:
    """The project as its tools leave it: schema.prisma with the others' models as they are generated."""
    code, said = run("prisma", "generate")
    assert code == 0, said
    assert clean(run), run("replay")[1]
    return project / "prisma" / "schema.prisma"


def test_a_rename_of_the_backends_breaks_no_check_of_the_frontends(run: Run, generated: Path, project: Path) -> None:
    """The frontend moves when it likes; until it has, the end is refused by its name."""
    code, said = run("expand-contract", "rename", "asset.symbol", "ticker")
    assert code == 0, said
    assert 'frontend (prisma/schema.prisma): the field of symbol gets @map("ticker")' in " ".join(said.split())
    assert clean(run), run("replay")[1]
    assert "\n  symbol " in generated.read_text()
    for number in ("0002", "0003", "0004", "0005", "0006"):
        assert "breaks now" not in run("impact", f"pg/{number}")[1]
    code, said = run("expand-contract", "rename", "asset.symbol", "ticker", "--phase", "contract")
    assert code == 2
    assert "still in use: prisma/schema.prisma (frontend) declares it" in said
    text = re.sub(r"(?m)^(  symbol .*)$", r'\1 @map("ticker")', generated.read_text(), count=1)
    generated.write_text(text)
    assert run("prisma", "generate")[0] == 0
    assert clean(run), run("replay")[1]
    assert re.search(r'  symbol +String +@unique @map\("ticker"\)', generated.read_text())
    code, said = run("expand-contract", "rename", "asset.symbol", "ticker", "--phase", "contract")
    assert code == 0, said
    assert clean(run), run("replay")[1]
    assert "[[changes]]" not in (project / "strongroom.toml").read_text()
    ended = (project / "sql" / "0007_contract_asset_symbol_to_ticker.sql").read_text()
    assert 'DROP COLUMN "symbol"' in ended
    assert "ticker AS symbol" in ended


def test_a_rename_of_the_frontends_keeps_the_name_in_its_code(run: Run, generated: Path, project: Path) -> None:
    """The files are in Prisma's layout, one statement each where it may not run in a transaction."""
    code, said = run("expand-contract", "rename", "member.nick", "handle")
    assert code == 0, said
    assert clean(run), run("replay")[1]
    folders = sorted(path.parent.name for path in project.glob("prisma/migrations/*/migration.sql"))
    assert [name.partition("_")[2] for name in folders] == [
        "members",
        "expand_member_nick_to_handle",
        "backfill_member_nick_to_handle",
        "index_member_handle_idx",
    ]
    edited(generated, ("nick String?", 'nick String? @map("handle")'))
    assert run("replay")[0] == 0
    assert run("expand-contract", "rename", "member.nick", "handle", "--phase", "contract")[0] == 0
    assert clean(run), run("replay")[1]


def test_drop_and_not_null_wait_for_readers(run: Run, generated: Path, project: Path) -> None:
    """Both old and new declarations are right in the period, and the end names who has the old one."""
    assert run("expand-contract", "drop", "asset.note", "--fill", "'none'")[0] == 0
    assert run("expand-contract", "not-null", "asset.digits", "--fill", "0")[0] == 0
    assert run("replay")[0] == 0, run("replay")[1]
    for words in (("drop", "asset.note"), ("not-null", "asset.digits", "--fill", "0")):
        assert "prisma/schema.prisma (frontend) declares it" in run("expand-contract", *words, "--phase", "contract")[1]
    text = generated.read_text().splitlines(keepends=True)
    left = [line.replace("Int?", "Int ") for line in text if not line.startswith("  note ")]
    generated.write_text("".join(left))
    assert run("prisma", "generate")[0] == 0
    assert clean(run), run("replay")[1]
    for words in (("drop", "asset.note"), ("not-null", "asset.digits", "--fill", "0")):
        code, said = run("expand-contract", *words, "--phase", "contract")
        assert code == 0, said
    assert clean(run), run("replay")[1]
    assert len(list(project.glob("sql/*.sql"))) == 1 + 1 + 3 + 2


def test_sides_that_read_single_columns_are_named(run: Run, generated: Path, project: Path) -> None:
    """A reading that the contract narrows to columns has to name both, and in the end the new one alone."""
    contract = project / "strongroom.toml"
    contract.write_text(contract.read_text() + '\n[readers.frontend]\nasset = ["id", "symbol"]\n')
    assert generated.exists()
    code, said = run("expand-contract", "rename", "asset.symbol", "ticker")
    assert code == 0, said
    assert "the contract's readers.frontend names symbol: name ticker beside it" in said
    assert "the contract's readers.frontend" in run("expand-contract", "drop", "asset.symbol", "--phase", "contract")[1]


def test_an_overdue_change_is_reported_as_drift(run: Run, generated: Path, project: Path) -> None:
    """After its last day the period is no excuse any more."""
    assert run("expand-contract", "rename", "asset.symbol", "ticker")[0] == 0
    contract = project / "strongroom.toml"
    lines = contract.read_text().splitlines()
    contract.write_text("\n".join(line if "expires" not in line else "expires = 2020-01-01" for line in lines))
    code, said = run("replay")
    assert code == 1
    assert "was to be over by 2020-01-01" in said
    assert "column extra" in said
    assert generated.exists()


def test_a_dry_run_shows_what_it_would_write(run: Run, generated: Path, project: Path) -> None:
    """Nothing is written, by people's lines and by JSON alike."""
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    code, said = run("expand-contract", "type", "asset.digits", "places", "bigint", "--dry-run")
    assert code == 0, said
    assert "-- sql/0002_expand_asset_digits_to_places.sql" in said
    code, said = run("expand-contract", "type", "asset.digits", "places", "bigint", "--dry-run", "--json")
    document = json.loads(said)
    assert (document["side"], document["phase"], document["written"]) == ("backend", "expand", False)
    assert [one["in_transaction"] for one in document["migrations"]] == [True, False, False]
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before
    assert generated in before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("rename", "symbol", "ticker"), "'symbol' names no column: table.column is expected"),
        (("rename", "asset.", "ticker"), "'asset.' names no column"),
        (("rename", "asset.symbol", "symbol"), "'symbol' is no new name for symbol"),
        (("rename", "asset.symbol", "ticker", "--phase", "contract"), "has not begun to change"),
        (("rename", "assets.symbol", "ticker"), "did you mean asset?"),
        (("type", "asset.digits", "places", "bigint", "--forth", "1"), "'1' says nowhere where the value stands"),
        (("not-null", "asset.digits"), "--fill"),
        (("not-null", "asset.digits", "--fill", "no such"), "syntax error at or near"),
    ],
)
def test_an_impossible_change_is_explained(run: Run, words: tuple[str, ...], told: str) -> None:
    """Exit code 2, what is wrong and what is expected, and no traceback."""
    code, said = run("expand-contract", *words)
    assert code == 2
    assert told in " ".join(said.replace("│", " ").split())
    assert "Traceback" not in said
