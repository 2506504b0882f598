"""Report the problems of a schema.prisma, with their positions and how to fix them."""

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from strongroom.domain.errors import StrongroomError


@frozen(order=True)
class Position:
    """A place in a schema: the file as it was named, the line and the column, both counted from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


_LONGEST_PART: Final = 500


@frozen
class SchemaProblem:
    """One thing that is wrong: where, what, and what to do."""

    position: Position
    message: str
    remedy: str

    def __str__(self) -> str:
        message, remedy = (
            text if len(text) <= _LONGEST_PART else text[:_LONGEST_PART] + "…" for text in (self.message, self.remedy)
        )
        return f"{self.position}: {message} {remedy}"


class PrismaSchemaError(StrongroomError):
    """A schema.prisma cannot be read; ``problems`` names at least one thing, in the order of the files."""

    def __init__(self, problems: Sequence[SchemaProblem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.position))
        super().__init__("\n".join(self.lines))

    @property
    def lines(self) -> tuple[str, ...]:
        """The problems, a line each."""
        return tuple(map(str, self.problems))
