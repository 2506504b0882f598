"""Keep the frontend's own models as they are, but for the fields that relations to the others' models need."""

import re
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Final

from .model_writer import ModelLine

_BLOCK: Final = re.compile(r"(?:model|view|enum)\s+(\w+)\s*\{\n")
_FIELD: Final = re.compile(r"\s+(\w+)\s+(\w+)(\[\]|\?)?")


def with_relations_to_others(text: str, wanted: dict[str, list[ModelLine]], theirs: set[str], known: set[str]) -> str:
    """Return the frontend's own part: without the others' models, and with the fields that relations to them need."""

    def fix_block(block: str, name: str | None) -> str:
        if name is None:
            return block
        return "" if name in theirs else _add_relations(block, wanted.get(name, []), theirs, known)

    fixed = "".join(fix_block(part, name) for part, name in _parts(text))
    return text if fixed == text else re.sub(r"\n{3,}", "\n\n", fixed)


def _parts(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield the blocks of models, views and enums with their names, each with the comments above it, and the rest."""
    before: list[str] = []
    block: list[str] = []
    name = None
    for line in StringIO(text):
        opening = _BLOCK.fullmatch(line) if not block else None
        if block and line.startswith("}"):
            rest = line[1:] if line != "}\n" else ""
            yield "".join(block) + line.removesuffix(rest), name
            before, block = [rest], []
        elif opening is not None:
            above = len(before)
            while above and before[above - 1].startswith("///"):
                above -= 1
            yield "".join(before[:above]), None
            before, block, name = [], [*before[above:], line], opening[1]
        else:
            (block or before).append(line)
    yield "".join([*before, *block]), None


def _add_relations(block: str, wanted: Sequence[ModelLine], theirs: set[str], known: set[str]) -> str:
    lines = block.splitlines()
    kept = [line for line in lines if not ((field := _FIELD.match(line)) and field[2] not in known and field[3])]
    missing = [line for line in wanted if line.type.rstrip("?[]") in theirs and not _has_relation(kept, line)]
    if not missing:
        return "\n".join(kept) + "\n"
    place = next((number for number, line in enumerate(kept) if line.strip().startswith("@@")), len(kept) - 1)
    while place > 1 and not kept[place - 1].strip():
        place -= 1
    new = [f"  {line.name} {line.type} {line.attributes}".rstrip() for line in missing]
    return "\n".join([*kept[:place], *new, *kept[place:]]) + "\n"


def _has_relation(lines: Sequence[str], wanted: ModelLine) -> bool:
    """Return whether a block has the relation of a field: the same model, and the same relation name if it is named."""
    name = re.search(r'@relation\((?:name: )?("[^"]*")', wanted.attributes)
    for line in lines:
        field = _FIELD.match(line)
        if field and field[2] == wanted.type.rstrip("?[]") and (name is None or name[1] in line[field.end() :]):
            return True
    return False
