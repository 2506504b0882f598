"""Tell whether a regular expression can take more than linear time: a search for two ways to match one text.

The expression becomes an automaton without lookarounds and anchors, which only widens what is found. Exponential: a
state leads back to itself on one text in two ways. Polynomial: two loops, one behind the other, take one text, so that
where one hands over to the other is open, and a match may still fail (Weber and Seidl, On the degree of ambiguity of
finite automata, 1991). Backreferences are not understood, and raise ValueError. A possessive loop over one character
ends where it has to.
"""

import re
import sys
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Final

from attrs import define, field

EXPANDED: Final = 6
"""A repeat of up to so many times is written out; one of more counts as one without end."""
SAMPLES: Final = "5qQ_ \n\té\u0663\u2028-\x00"
_UNBOUNDED: Final = codes.MAXREPEAT


@define
class Automaton:
    """States by number: where each leads by a character (of a set), by nothing, and what must not follow there."""

    moves: dict[int, list[tuple[frozenset[str], int]]] = field(factory=lambda: defaultdict(list))
    skips: dict[int, list[tuple[frozenset[str], int]]] = field(factory=lambda: defaultdict(list))
    size: int = 0

    def state(self) -> int:
        """Return a new state."""
        self.size += 1
        return self.size - 1


def ambiguity(pattern: str, flags: int = 0, *, anywhere: bool = False, whole: bool = False) -> str | None:
    """Return "exponential" or "polynomial" if matching may take so long, else None.

    ``anywhere`` says that a match is searched for, ``whole`` that it has to be of the whole text.
    """
    tree = parser.parse(pattern, flags)
    builder = _Builder(_alphabet(tree), tree.state.flags)
    start = builder.automaton.state()
    if anywhere and not _is_anchored(tree):
        builder.automaton.moves[start].append((builder.alphabet, start))
    end = builder.sequence(start, tree)
    return _Analysis(builder.automaton, end, whole=whole).verdict()


def _is_anchored(tree: Any) -> bool:
    """Say whether an expression matches at the start of the text alone."""
    operation, argument = tree[0] if len(tree) else (None, None)
    lines = bool(tree.state.flags & re.MULTILINE)
    return operation is codes.AT and argument is (codes.AT_BEGINNING_STRING if lines else codes.AT_BEGINNING)


def _alphabet(tree: Any) -> frozenset[str]:
    """Return characters that tell the sets of an expression apart: where each begins and ends, and beside that."""
    points = {ord(each) for each in SAMPLES}

    def visit(node: Any) -> None:
        if isinstance(node, tuple) and len(node) == 2 and node[0] in (codes.LITERAL, codes.NOT_LITERAL):
            points.update((node[1] - 1, node[1], node[1] + 1))
        elif isinstance(node, tuple) and len(node) == 2 and node[0] is codes.RANGE:
            low, high = node[1]
            points.update((low - 1, low, high, high + 1))
        elif isinstance(node, tuple | list | parser.SubPattern):
            for part in node:
                visit(part)

    visit(tree)
    kept = {chr(point) for point in points if 0 <= point <= sys.maxunicode}
    return frozenset(kept | {each.swapcase() for each in kept if len(each.swapcase()) == 1})


class _Builder:
    """Builds the automaton of a parsed expression."""

    def __init__(self, alphabet: frozenset[str], flags: int) -> None:
        self.alphabet = alphabet
        self.automaton = Automaton()
        self._flags = flags

    def sequence(self, start: int, nodes: Iterable[Any]) -> int:
        """Add nodes one behind the other, and return the state behind the last."""
        for operation, argument in nodes:
            start = self._node(start, operation, argument)
        return start

    def _node(self, start: int, operation: Any, argument: Any) -> int:
        if operation in (codes.AT, codes.ASSERT, codes.ASSERT_NOT):
            return start
        if operation is codes.SUBPATTERN:
            return self.sequence(start, argument[3])
        if operation is codes.ATOMIC_GROUP:
            return self.sequence(start, argument)
        if operation is codes.BRANCH:
            end = self.automaton.state()
            for branch in argument[1]:
                self._skip(self.sequence(start, branch), end)
            return end
        if operation in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            return self._repeat(start, *argument, possessive=operation is codes.POSSESSIVE_REPEAT)
        if operation in (codes.GROUPREF, codes.GROUPREF_EXISTS):
            message = "a backreference is not understood"
            raise ValueError(message)
        end = self.automaton.state()
        self.automaton.moves[start].append((self._characters(operation, argument), end))
        return end

    def _repeat(self, start: int, low: int, high: int, body: Any, *, possessive: bool) -> int:
        if high is not _UNBOUNDED and high <= EXPANDED:
            end = self.automaton.state()
            for number in range(high):
                if number >= low:
                    self._skip(start, end)
                start = self.sequence(start, body)
            self._skip(start, end)
            return end
        for _ in range(min(low, EXPANDED)):
            start = self.sequence(start, body)
        loop, end = self.automaton.state(), self.automaton.state()
        self._skip(start, loop)
        self._skip(self.sequence(loop, body), loop)
        self._skip(loop, end, self._single(body) if possessive else frozenset())
        return end

    def _single(self, body: Any) -> frozenset[str]:
        """Return what a possessive loop takes, if each round takes one character: it ends before another only."""
        if len(body) == 1 and body[0][0] in (codes.LITERAL, codes.NOT_LITERAL, codes.IN, codes.ANY):
            return self._characters(*body[0])
        return frozenset()

    def _skip(self, start: int, end: int, unless: frozenset[str] = frozenset()) -> None:
        self.automaton.skips[start].append((unless, end))

    def _characters(self, operation: Any, argument: Any) -> frozenset[str]:
        takes = self._predicate(operation, argument)
        if self._flags & re.IGNORECASE:
            return frozenset(each for each in self.alphabet if takes(each) or takes(each.swapcase()))
        return frozenset(filter(takes, self.alphabet))

    def _predicate(self, operation: Any, argument: Any) -> Callable[[str], bool]:
        if operation is codes.ANY:
            return lambda each: each != "\n" or bool(self._flags & re.DOTALL)
        if operation is codes.LITERAL:
            return lambda each: each == chr(argument)
        if operation is codes.NOT_LITERAL:
            return lambda each: each != chr(argument)
        if operation is codes.RANGE:
            return lambda each: argument[0] <= ord(each[0]) <= argument[1]
        if operation is codes.CATEGORY:
            sets = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}
            name = str(argument).removeprefix("CATEGORY_").removeprefix("NOT_")
            category = re.compile(sets[name])
            return lambda each: (category.fullmatch(each) is None) is ("NOT_" in str(argument))
        if operation is codes.IN:
            negated = argument[0][0] is codes.NEGATE
            parts = [self._predicate(*part) for part in argument[negated:]]
            return lambda each: any(part(each) for part in parts) is not negated
        raise ValueError(operation)


class _Analysis:
    """Looks for two ways through an automaton."""

    def __init__(self, automaton: Automaton, end: int, *, whole: bool) -> None:
        self._automaton = automaton
        self._steps: dict[int, dict[tuple[frozenset[str], int], int]] = {}
        self._ends: set[int] = set()
        for state in range(automaton.size):
            steps: dict[tuple[frozenset[str], int], int] = defaultdict(int)
            for forbidden, reached in self._without_reading(state, frozenset(), (state,)):
                for characters, target in automaton.moves[reached]:
                    if characters - forbidden:
                        steps[characters - forbidden, target] += 1
                if reached == end and not whole:
                    self._ends.add(state)
            self._steps[state] = dict(steps)
        self._component = self._components()

    def _without_reading(
        self, state: int, forbidden: frozenset[str], path: tuple[int, ...]
    ) -> Iterator[tuple[frozenset[str], int]]:
        """Yield each way to a state that reads nothing, with what must not follow; no loop is gone through twice."""
        yield forbidden, state
        for unless, target in self._automaton.skips[state]:
            if path.count(target) < 2:
                yield from self._without_reading(target, forbidden | unless, (*path, target))

    def verdict(self) -> str | None:
        """Return how ambiguous the automaton is."""
        loops = [state for state in self._steps if self._component[state] is not None]
        if any(
            count > 1 and self._component[state] is not None and self._component[state] == self._component[target]
            for state in loops
            for (_, target), count in self._steps[state].items()
        ):
            return "exponential"
        if any(self._returns_in_two_ways(state) for state in loops):
            return "exponential"
        pairs = (
            (first, second)
            for first in loops
            for second in loops
            if self._component[first] != self._component[second] and second not in self._ends
        )
        return "polynomial" if any(self._hands_over(first, second) for first, second in pairs) else None

    def _components(self) -> dict[int, int | None]:
        """Return for each state the number of the loop that it is in, or None."""
        reach = {state: self._reachable(state) for state in self._steps}
        return {
            state: min((other for other in reach[state] if state in reach[other]), default=None)
            if state in reach[state]
            else None
            for state in self._steps
        }

    def _reachable(self, start: int) -> set[int]:
        found: set[int] = set()
        waiting = [start]
        while waiting:
            for _, target in self._steps[waiting.pop()]:
                if target not in found:
                    found.add(target)
                    waiting.append(target)
        return found

    def _returns_in_two_ways(self, state: int) -> bool:
        """Say whether a state leads to itself on one text by two ways that part between."""
        inside = {one for one in self._steps if self._component[one] == self._component[state]}
        return self._connects((state, state, False), (state, state, True), (inside, inside))

    def _connects(self, start: tuple[int, int, bool], goal: tuple[int, int, bool], inside: Any) -> bool:
        seen, waiting = {start}, deque([start])
        while waiting:
            one, other, parted = waiting.popleft()
            for first, to_one in self._steps[one]:
                for second, to_other in self._steps[other]:
                    if to_one not in inside[0] or to_other not in inside[1] or first.isdisjoint(second):
                        continue
                    reached = (to_one, to_other, parted or to_one != to_other)
                    if reached == goal:
                        return True
                    if reached not in seen:
                        seen.add(reached)
                        waiting.append(reached)
        return False

    def _hands_over(self, first: int, second: int) -> bool:
        """Say whether one text leads from each of two states to itself, and from the first to the second."""
        loops = [{one for one in self._steps if self._component[one] == self._component[at]} for at in (first, second)]
        loops[1] -= self._ends
        start, goal = (first, first, second), (first, second, second)
        seen, waiting = {start}, deque([start])
        while waiting:
            state = waiting.popleft()
            for reached in self._together(state):
                if reached[0] not in loops[0] or reached[2] not in loops[1] or reached in seen:
                    continue
                if reached == goal:
                    return True
                seen.add(reached)
                waiting.append(reached)
        return False

    def _together(self, state: tuple[int, int, int]) -> Iterator[tuple[int, int, int]]:
        for first, to_first in self._steps[state[0]]:
            for second, to_second in self._steps[state[1]]:
                both = first & second
                if both:
                    for third, to_third in self._steps[state[2]]:
                        if not both.isdisjoint(third):
                            yield to_first, to_second, to_third
