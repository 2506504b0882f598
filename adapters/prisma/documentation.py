"""Which comments belong to what: those with three slashes right before it, and the one on its line."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from .syntax import Blank, Comment

T = TypeVar("T")


def documented(lines: Iterable[T | Comment | Blank]) -> Iterator[tuple[T, str | None]]:
    """Yield what is no comment with the text of the comments before it; an empty line separates the two."""
    before: list[Comment] = []
    for line in lines:
        if isinstance(line, Comment):
            before.append(line)
        else:
            if not isinstance(line, Blank):
                yield line, documentation(before)
            before.clear()


def documentation(comments: Iterable[Comment]) -> str | None:
    """Return what comments with three slashes say, a line each, or None where there is none."""
    said = [comment.content for comment in comments if comment.documents]
    return "\n".join(said) if said else None


def joined(*parts: str | None) -> str | None:
    """Return the parts that say something, a line each, or None."""
    said = [part for part in parts if part is not None]
    return "\n".join(said) if said else None
