"""A declaration derives what it can, and refuses what contradicts itself, as the module is imported."""

from enum import Enum
from typing import Any, Protocol
from uuid import UUID

import pytest
from attrs import frozen

from strongroom import PLATFORM, Extension, Model, OnDelete, Reference, check, declare, index, unique
from strongroom.adapters.mapping.loading import load_model
from strongroom.adapters.mapping.table import Table
from strongroom.adapters.memory import MemoryStorage
from strongroom.domain.accounts.user import User
from strongroom.domain.chat.message import Message
from strongroom.domain.values.fields import Count32, checked
from strongroom.ports.criteria import Criteria, desc, eq
from strongroom.ports.errors import ModelInvalid, UnknownField
from strongroom.ports.repository import Repository


class NoteKind(Enum):
    """What a note is."""

    PLAIN = "plain"


@frozen(kw_only=True, field_transformer=checked)
class UserNote:
    """A note on a user."""

    id: UUID
    user_id: UUID
    parent_id: UUID | None = None
    kind: NoteKind = NoteKind.PLAIN
    size: Count32


class NoteRepository(Repository[UserNote, UUID], Protocol):
    """Notes, by id."""


def note(**given: Any) -> Table:
    """Declare the table of notes."""
    return declare(UserNote, repository=NoteRepository, **given)


NOTES = Extension("notes", tables=[note(references={"user_id": (User, OnDelete.CASCADE)})])


def test_every_name_is_derived() -> None:
    """Table, attribute, keys, foreign keys, checks, indexes and enumerations are named after classes and fields."""
    table = note(
        references={"user_id": (User, OnDelete.CASCADE), "parent_id": (UserNote, OnDelete.SET_NULL)},
        uniques=[unique("user_id", "size")],
        checks=[check("size < 10", lambda row: row.size < 10), check("size < id", lambda _row: True)],
        indexes=[index("kind", "size DESC"), ("parent_id",)],
    )
    assert (table.name, table.repository, table.key_name) == ("user_note", "notes", "user_note_pkey")
    assert [key.name for key in table.uniques[1:]] == ["user_note_user_id_size_key"]
    assert [(key.name, key.target) for key in table.foreign_keys] == [
        ("user_note_user_id_fkey", "user"),
        ("user_note_parent_id_fkey", "user_note"),
    ]
    assert [rule.name for rule in table.checks] == ["user_note_check", "user_note_size_check", "user_note_size_check1"]
    assert [one.name for one in table.indexes] == ["user_note_kind_size_idx", "user_note_parent_id_idx"]
    assert table.column("kind").type == "note_kind"


def test_a_name_that_is_given_wins() -> None:
    """Nobody has to rename what a database has."""
    table = note(
        attribute="remarks",
        references={"user_id": Reference(User, OnDelete.CASCADE, name="belongs_to")},
        uniques=[unique("size", name="one_of_a_size")],
        checks=[check("size < 10", lambda _row: True, name="small")],
        indexes=[index("kind", name="by_kind")],
        enums={NoteKind: "kind_of_note"},
    )
    names = [part.name for part in (*table.uniques[1:], *table.foreign_keys, *table.indexes)]
    assert names == ["one_of_a_size", "belongs_to", "by_kind"]
    assert "small" in [rule.name for rule in table.checks]
    assert (table.repository, table.column("kind").type) == ("remarks", "kind_of_note")


@pytest.mark.parametrize(
    "given",
    [
        {"key": ("identity",)},
        {"uniques": [unique("usr_id")]},
        {"references": {"usr_id": (User, OnDelete.CASCADE)}},
        {"references": {"user_id": Reference(User, OnDelete.CASCADE, fields=("ids",))}},
        {"indexes": [index("sizes DESC")]},
        {"defaults": {"sise": "1"}},
        {"partitioned_by": "at"},
    ],
    ids=lambda given: next(iter(given)),
)
def test_a_misspelt_field_is_refused(given: dict[str, Any]) -> None:
    """The error names the entity and the fields that it has."""
    with pytest.raises(UnknownField, match=r"has no field '.*has id"):
        note(**given)


BY_USR = Criteria(where=(eq("usr_id"),))


class MisspeltRepository(Repository[UserNote, UUID], Protocol):
    """Notes, with a finder by a field that they do not have."""

    async def find_by_user(self, user_id: UUID) -> list[UserNote]:
        """Return a user's notes."""
        return await self.find(BY_USR, user_id)


class MisspeltOrderRepository(Repository[UserNote, UUID], Protocol):
    """Notes, in an order by a field that they do not have."""

    LARGEST = Criteria(order=(desc("sizes"),))


@pytest.mark.parametrize(
    ("port", "place"),
    [
        (MisspeltRepository, "MisspeltRepository.find_by_user, BY_USR: UserNote has no field 'usr_id'"),
        (MisspeltOrderRepository, "MisspeltOrderRepository.LARGEST: UserNote has no field 'sizes'"),
    ],
)
def test_a_misspelt_field_of_a_finder_is_refused(port: type[Any], place: str) -> None:
    """The criteria that a port's methods name are held against the entity; the error says where, and what was meant."""
    with pytest.raises(UnknownField, match=rf"{place}: did you mean"):
        declare(UserNote, repository=port)


class Plain:
    """No attrs class."""


@pytest.mark.parametrize(
    ("declaration", "message"),
    [
        (lambda: declare(Plain), "no attrs class"),
        (lambda: note(references={"size": (User, OnDelete.CASCADE)}), r"size \(integer\) cannot refer to User"),
        (lambda: note(references={"user_id": (User, OnDelete.SET_NULL)}), "cannot be null"),
        (lambda: note(references={"user_id": (Plain, OnDelete.CASCADE)}), "Plain, which is no entity"),
        (lambda: note(uniques=[unique("size", where="size > 1")]), "needs both where="),
        (lambda: note(uniques=[("size")]), "a tuple of fields"),
        (lambda: note(uniques=[unique("size"), unique("size")]), "user_note_size_key"),
        (lambda: declare(UserNote, "user note"), "is no name"),
        (lambda: Extension("both", tables=[]), "cannot name an extension"),
        (lambda: Extension("notes", tables=[declare(UserNote)]), "has no repository"),
        (lambda: Model(NOTES), "PLATFORM"),
        (lambda: PLATFORM + Extension("notes", tables=[note()]) + Extension("notes", tables=[]), "stands twice"),
        (lambda: PLATFORM + Extension("notes", tables=[note(enums={NoteKind: "user_status"})]), "named user_status"),
        (lambda: load_model("no_colon"), "module:NAME"),
        (lambda: load_model("nowhere.tables:MODEL"), "No module named"),
        (lambda: load_model("strongroom:__version__"), "a Model is expected"),
    ],
)
def test_a_contradiction_is_refused(declaration: Any, message: str) -> None:
    """What PostgreSQL would refuse, or would read otherwise than the twin, is refused with what to do."""
    with pytest.raises(ModelInvalid, match=message):
        declaration()


def test_a_model_is_a_sum_that_nobody_shares() -> None:
    """Adding makes another model; equal sums are equal, and the platform's is unchanged."""
    model = PLATFORM + NOTES
    assert model == PLATFORM + NOTES
    assert hash(model) == hash(PLATFORM + NOTES)
    assert model != PLATFORM
    assert {table.name for table in model.entities} - {table.name for table in PLATFORM.entities} == {"user_note"}
    assert Model(NOTES, *PLATFORM.extensions) + PLATFORM == Model(NOTES, *PLATFORM.extensions)
    assert PLATFORM + PLATFORM == PLATFORM
    assert model.table_of(Message) is PLATFORM.table_of(Message)


class UnfinishedRepository(Repository[UserNote, UUID], Protocol):
    """Notes, with a finder that nobody wrote."""

    async def find_longest(self) -> UserNote | None:
        """Return the longest note."""
        ...


def test_a_finder_without_a_body_is_refused_as_a_storage_opens() -> None:
    """It would return None whatever is stored: the error names the method and what to do."""
    model = Model(Extension("notes", tables=[declare(UserNote, repository=UnfinishedRepository)]))
    with pytest.raises(ModelInvalid, match=r"UnfinishedRepository.find_longest has no body.*memory="):
        MemoryStorage(model=model)


@pytest.mark.parametrize(("path", "why"), [("nowhere:Notes", "No module"), ("strongroom:Notes", "no attribute")])
def test_a_class_that_cannot_be_imported_is_named(path: str, why: str) -> None:
    """The class of an adapter's own is imported as a storage opens."""
    model = Model(Extension("notes", tables=[declare(UserNote, repository=UnfinishedRepository, memory=path)]))
    with pytest.raises(ModelInvalid, match=f"{path} cannot be imported: .*{why}"):
        MemoryStorage(model=model)
