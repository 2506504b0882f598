"""Turn a command into a new entity: add identity and time to the caller's fields."""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

import attrs

EntityT = TypeVar("EntityT", bound=attrs.AttrsInstance)


def new_entity(entity: type[EntityT], command: attrs.AttrsInstance, *, id: UUID, now: datetime) -> EntityT:  # noqa: A002
    """Return a new entity with the command's fields, the identity, and now as its times of creation and update.

    Raises InvalidValue for a value that its field cannot hold.
    """
    values = {field.name: getattr(command, field.name) for field in attrs.fields(type(command))}
    given = {"id": id, "created_at": now, "updated_at": now}
    names = {field.name for field in attrs.fields(entity)}
    values.update({name: value for name, value in given.items() if name in names and name not in values})
    return entity(**values)
