"""The arguments of an attribute or a function, by name, each checked for its kind."""

from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

from strongroom.adapters.schema.prisma.syntax.errors import Position, PrismaSchemaError, SchemaProblem
from strongroom.adapters.schema.prisma.syntax.nodes import Argument, Attribute, Constant, Expression, List, Text

MAX_PROBLEMS: Final = 100
E = TypeVar("E", Text, Constant)


class ProblemList:
    """The problems of a schema, in the order in which they are found."""

    def __init__(self) -> None:
        self.found: list[SchemaProblem] = []

    def add(self, position: Position, message: str, remedy: str) -> None:
        """Take note of a problem. Raises PrismaSchemaError once there are MAX_PROBLEMS: the rest is left for later."""
        self.found.append(SchemaProblem(position, message, remedy))
        if len(self.found) == MAX_PROBLEMS:
            raise PrismaSchemaError(self.found)


class Arguments:
    """The arguments of what stands at a position, under the names that it knows; the first may go without its name."""

    def __init__(
        self, owner: str, position: Position, given: Sequence[Argument], known: Sequence[str], problems: ProblemList
    ) -> None:
        self._owner = owner
        self._problems = problems
        self.position = position
        self._values: dict[str, Expression] = {}
        for argument in given:
            name = argument.name or (known[0] if known else None)
            if name is None or name not in known:
                shown = f"no argument {name}" if name else "no argument"
                takes = f"It takes {', '.join(known)}." if known else "Remove it."
                problems.add(argument.position, f"{owner} takes {shown}.", takes)
            elif name in self._values:
                problems.add(argument.position, f"{owner} has the argument {name} twice.", "Keep one.")
            else:
                self._values[name] = argument.value

    @classmethod
    def of(cls, attribute: Attribute, known: Sequence[str], problems: ProblemList, sign: str = "@") -> "Arguments":
        """Return the arguments of an attribute."""
        return cls(f"{sign}{attribute.name}", attribute.position, attribute.arguments or (), known, problems)

    def value(self, name: str) -> Expression | None:
        """Return what was given, or None."""
        return self._values.get(name)

    def text(self, name: str, *, required: bool = False) -> str | None:
        """Return a string that is not empty, or None where it is not given or refused."""
        value = self._expected(name, Text, "a string in double quotes", required=required)
        if value is not None and not value.value:
            self._problems.add(value.position, f"{self._owner} has an empty {name}.", "Name it, or leave it out.")
            return None
        return value.value if value else None

    def word(self, name: str, allowed: Iterable[str]) -> str | None:
        """Return one of the allowed words, or None where it is not given or refused."""
        choices = list(allowed)
        value = self._expected(name, Constant, f"one of {', '.join(choices)}")
        if value is None or value.name in choices:
            return value.name if value else None
        self._problems.add(
            value.position, f"{value.name} is no {name} of {self._owner}.", f"Write one of {', '.join(choices)}."
        )
        return None

    def items(self, name: str, *, required: bool = False) -> tuple[Expression, ...] | None:
        """Return the items of a list, where a single one may stand for a list of itself."""
        value = self._values.get(name)
        if value is None:
            if required:
                self._missing(name)
            return None
        return value.items if isinstance(value, List) else (value,)

    def _expected(self, name: str, kind: type[E], description: str, *, required: bool = False) -> E | None:
        value = self._values.get(name)
        if value is None and required:
            self._missing(name)
        if isinstance(value, kind):
            return value
        if value is None:
            return None
        self._problems.add(value.position, f"{self._owner} expects {description} for {name}.", "Write it so.")
        return None

    def _missing(self, name: str) -> None:
        self._problems.add(self.position, f"{self._owner} lacks its argument {name}.", "Give it.")


def constant_items(items: Iterable[Expression], owner: str, problems: ProblemList) -> tuple[Constant, ...]:
    """Return the items that are plain words; what is none is a problem."""
    words: list[Constant] = []
    for item in items:
        if isinstance(item, Constant):
            words.append(item)
        else:
            problems.add(item.position, f"{owner} expects names of fields.", "Write them without quotes.")
    return tuple(words)
