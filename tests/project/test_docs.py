"""The docs name every public module once, and nothing internal."""

import re
from pathlib import Path

from strongroom.ports.repository import RENAMED
from strongroom.ports.storage import Isolation
from strongroom.testing.contract.test_anomalies import HAPPENS

ROOT = Path(__file__).resolve().parents[2]
DIRECTIVE = re.compile(r"^::: (\S+)$", re.MULTILINE)
PUBLIC_LAYERS = ("domain", "ports")
INTERNAL = {"strongroom.ports.backoff"}
"""Modules of the core that only adapters use."""


def documented_modules() -> list[str]:
    """Return what the reference's pages document, in their order."""
    pages = sorted((ROOT / "docs" / "reference").glob("*.md"))
    return [name for page in pages for name in DIRECTIVE.findall(page.read_text(encoding="utf-8"))]


def public_modules() -> set[str]:
    """Return every module of the domain and the ports, but for the schema half."""
    found = set()
    for layer in PUBLIC_LAYERS:
        for file in (ROOT / layer).rglob("*.py"):
            parts = file.relative_to(ROOT).with_suffix("").parts
            if file.name != "__init__.py" and "schema" not in parts:
                found.add(".".join(("strongroom", *parts)))
    return found


def test_every_public_module_stands_on_one_page_of_the_reference() -> None:
    """Add a line ``::: strongroom.…`` to a page of docs/reference for a new module."""
    documented = documented_modules()
    assert len(documented) == len(set(documented))
    core = {name for name in documented if name.startswith(("strongroom.domain.", "strongroom.ports."))}
    assert core == public_modules() - INTERNAL


def test_the_reference_documents_nothing_internal() -> None:
    """Adapters and bootstrap are internal, but for the facade and the testing tools."""
    others = {name for name in documented_modules() if not name.startswith(("strongroom.domain.", "strongroom.ports."))}
    assert {name.split(".")[1] if "." in name else name for name in others} == {
        "strongroom",
        "cursors",
        "json",
        "testing",
    }


def test_no_page_teaches_a_deprecated_name() -> None:
    """The old names stay for one release, in code that is there already."""
    for page in (ROOT / "docs").rglob("*.md"):
        words = set(re.findall(r"`(\w+)\b", page.read_text(encoding="utf-8")))
        assert words.isdisjoint(RENAMED), page


def test_the_table_of_anomalies_is_what_the_contract_tests() -> None:
    """docs/reliability.md says of every anomaly and isolation level what the suite tests over both adapters."""
    rows = {
        anomaly.__name__.replace("_", " "): ["happens" if level in levels else "never" for level in Isolation]
        for anomaly, levels in HAPPENS.items()
    }
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    table = page.split("| anomaly |")[1].split("\n\n")[0].splitlines()[2:]
    written = {
        name: levels for name, *levels in ([cell.strip() for cell in row.strip("|").split("|")] for row in table)
    }
    assert written == rows
