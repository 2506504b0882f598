"""The sample of tests for another Python leaves no test function out."""

from types import SimpleNamespace
from typing import Any

from support.one_of_each import further_cases


class Case(SimpleNamespace):
    """A test as pytest collects it, as far as the sample looks at it."""

    __hash__ = object.__hash__


def case(name: str, **params: Any) -> Any:
    return Case(nodeid=name, callspec=SimpleNamespace(params=params))


def test_the_first_case_over_each_storage_stays() -> None:
    """Further cases over the same storage go; other functions and tests that need no storage all stay."""
    first = case("t.py::a[memory-user]", kind="memory", table="user")
    further = case("t.py::a[memory-coin]", kind="memory", table="coin")
    over_another = case("t.py::a[postgres-user]", kind="postgres", table="user")
    other_function = case("t.py::b[memory-user]", kind="memory", table="user")
    without_storage = [case("t.py::c[1]", number=1), case("t.py::c[2]", number=2), Case(nodeid="t.py::d")]
    assert further_cases([first, further, over_another, other_function, *without_storage]) == {further}
