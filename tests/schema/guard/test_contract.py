"""The contract's rules: one owner each, explicit names before globs, what is read, and when an exception ends."""

from datetime import date, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.errors import InvalidValue
from strongroom.domain.schema.contract import (
    AcceptedException,
    Contract,
    ContractSide,
    MigrationKind,
    ObjectKind,
    Ownership,
    Pattern,
    ReadGrant,
    SchemaObject,
)

SIDES = (
    ContractSide("backend", "backend_migrator", "pg", MigrationKind.SQL),
    ContractSide("frontend", "frontend_migrator", "prisma", MigrationKind.PRISMA),
)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\x00*?[].", exclude_categories=["Cs"]), min_size=1)
OBJECTS = st.builds(SchemaObject, kind=st.sampled_from(ObjectKind), schema=NAMES, name=NAMES)


def contract(*ownership, **parts):
    """Return a contract of two sides."""
    return Contract(SIDES, ownership, **parts)


def of(side, target):
    """Return the ownership that names one object."""
    return Ownership(side, target.kind, Pattern(target.schema, target.name))


@given(OBJECTS)
def test_an_object_that_is_named_once_has_that_owner(target):
    """Whatever globs another side has."""
    everything = Ownership("frontend", None, Pattern("*", "*"))
    assert contract(everything, of("backend", target)).owner_of(target) == "backend"
    assert contract(everything, of("backend", target)).ownership_findings([target]) == []


@given(OBJECTS)
def test_an_object_has_two_owners_when_two_sides_name_it_alike(target):
    """By name or by glob: the finding lists both, and nobody is the owner."""
    for second in (of("frontend", target), Ownership("frontend", None, Pattern(target.schema, target.name))):
        both = contract(of("backend", target), second)
        (finding,) = both.ownership_findings([target])
        assert finding.owners == ("backend", "frontend")
        assert both.owner_of(target) is None
    globs = contract(*(Ownership(side.name, None, Pattern("*", "*")) for side in SIDES))
    assert globs.ownership_findings([target])[0].owners == ("backend", "frontend")


@given(OBJECTS, OBJECTS)
def test_an_object_that_nobody_names_is_found(target, other):
    """Another kind, schema or name is another object."""
    findings = contract(of("backend", other)).ownership_findings([target])
    assert (findings == []) == (target == other)
    assert all(finding.owners == () and "has no owner" in str(finding) for finding in findings)


@given(OBJECTS)
def test_a_name_that_no_object_has_is_absent(target):
    """A glob is never absent: it says nothing of single objects."""
    named, glob = of("backend", target), Ownership("frontend", None, Pattern("nowhere*", "*"))
    assert contract(named, glob).absent([]) == [named]
    assert contract(named, glob).absent([target]) == []


@given(OBJECTS)
def test_every_side_reads_everything_by_default(target):
    """The reading that names an object counts before any glob, and of globs the last."""
    first = ReadGrant("frontend", Pattern("*", "*"), columns=())
    last = ReadGrant("frontend", Pattern("*", "*"), columns=("id",))
    named = ReadGrant("frontend", Pattern(target.schema, target.name), columns=("name",))
    assert contract().reading("frontend", target).columns is None
    assert contract(readers=(first, last)).reading("frontend", target) == last
    assert contract(readers=(named, first, last)).reading("frontend", target) == named
    assert contract(readers=(named,)).reading("backend", target).columns is None


@given(st.dates(), st.integers(-1000, 1000))
def test_an_exception_holds_through_its_last_day(today, days):
    """On the day after it is a finding itself."""
    try:
        expires = today + timedelta(days=days)
    except OverflowError:
        return
    exception = AcceptedException(Pattern("public", "price"), "until the next release", expires)
    price = SchemaObject(kind=ObjectKind.TABLE, schema="public", name="price")
    assert exception.accepts(price, "type", today) == (days >= 0)
    assert contract(exceptions=(exception,)).expired(today) == ([] if days >= 0 else [exception])


@given(OBJECTS)
def test_a_single_side_owns_everything(target):
    """Whatever it names, or names nothing."""
    for ownership in ((), (Ownership("frontend", None, Pattern("public", "some")),)):
        assert Contract(SIDES[1:], ownership).owner_of(target) == "frontend"


def test_an_exception_accepts_what_it_names_and_nothing_else():
    """Its object, and its rule where it gives one."""
    today = date(2026, 1, 1)
    exception = AcceptedException(Pattern("public", "price*"), "reason", today, rule="type")
    price = SchemaObject(kind=ObjectKind.TABLE, schema="public", name="price")
    assert exception.accepts(evolve(price, name="price_default"), "type", today)
    assert not exception.accepts(price, "nullability", today)
    assert not exception.accepts(evolve(price, name="coin"), "type", today)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"sides": ()}, "at least one side"),
        ({"sides": (SIDES[0], evolve(SIDES[1], name="backend"))}, "'backend' is used twice"),
        ({"sides": (SIDES[0], evolve(SIDES[1], role="backend_migrator"))}, "'backend_migrator' is used twice"),
        ({"sides": (SIDES[0], evolve(SIDES[1], services=("schema_owner",)))}, "'schema_owner' is used twice"),
        ({"ownership": (Ownership("nobody", None, Pattern("*", "*")),)}, "no side 'nobody'"),
        ({"readers": (ReadGrant("nobody", Pattern("*", "*")),)}, "no side 'nobody'"),
    ],
)
def test_a_contract_that_contradicts_itself_is_refused(broken, words):
    """The message says what is wrong."""
    with pytest.raises(InvalidValue, match=words):
        Contract(**{"sides": SIDES, "ownership": ()} | broken)
