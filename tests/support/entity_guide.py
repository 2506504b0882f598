"""The guide to adding an entity, as files, lines and commands that a test can follow."""

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Final

ROOT: Final = Path(__file__).parents[2]
GUIDE: Final = ROOT / "docs" / "adding-an-entity.md"
_FENCE: Final = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
_PATH: Final = re.compile(r"`([\w/.]+\.(?:py|toml))`:\n")


def blocks() -> Iterator[tuple[str | None, str, str]]:
    """Yield the guide's blocks: the file that each is of (if any), its language, and its text."""
    text = GUIDE.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        named = _PATH.findall(text[: found.start()])
        yield (named[-1] if named and found[2] else None), found[2], dedent(found[3])


def commands() -> list[str]:
    """Return the guide's commands, in their order."""
    return [line for _, language, text in blocks() if not language for line in text.splitlines()]


def write_entity(folder: Path) -> None:
    """Write the guide's files into a copy of the project, and add its lines where it says. Raises AssertionError."""
    for path, language, text in blocks():
        if language == "python":
            (folder / str(path)).write_text(text, encoding="utf-8")
        elif language == "diff":
            _add_lines(folder / str(path), text)


def _add_lines(path: Path, change: str) -> None:
    """Add the lines with a plus sign behind the line before them, which has to be in the file once."""
    lines = change.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("+"))
    added = [line[1:] for line in lines if line.startswith("+")]
    before = [line[1:] for line in lines[:first]]
    after = [line[1:] for line in lines[first + len(added) :]]
    old, new = "\n".join([*before, *after]) + "\n", "\n".join([*before, *added, *after]) + "\n"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path.name} does not hold once what {GUIDE.name} shows:\n{old}"
    path.write_text(text.replace(old, new), encoding="utf-8")
