"""Which comments belong to what, by the rules of Prisma's own parser."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from .nodes import AttributeLine, Blank, Block, Comment, Line

Documented = TypeVar("Documented", bound=Line)


def documented_blocks(items: Iterable[Block | Comment | Blank]) -> Iterator[tuple[Block, str | None]]:
    """Yield the blocks with what the comments say that stand before them; an empty line separates both."""
    before: list[Comment] = []
    for item in items:
        if isinstance(item, Comment):
            before.append(item)
            continue
        if isinstance(item, Block):
            yield item, documentation(before)
        before = []


def documented_lines(lines: Iterable[Line], kind: type[Documented]) -> Iterator[tuple[Documented, str | None]]:
    """Yield the lines of a kind with what the comments before and beside them say.

    Of comments that empty lines separate the last ones count; empty lines and attributes may follow them.
    """
    before: list[Comment] = []
    ended = False
    for line in lines:
        if isinstance(line, Comment):
            if ended:
                before.clear()
            before.append(line)
            ended = False
        elif isinstance(line, Blank | AttributeLine):
            ended = True
        elif isinstance(line, kind):
            beside = getattr(line, "comment", None)
            yield line, documentation([*before, *([beside] if beside else [])])
            before.clear()


def documentation(comments: Iterable[Comment]) -> str | None:
    """Return what comments say that belong to something, a line each, or None where there is none."""
    said = [comment.content for comment in comments if comment.documents]
    return "\n".join(said) if said else None
