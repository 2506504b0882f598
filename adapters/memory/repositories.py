"""The repositories of the twin, by their attribute of the storage."""

from functools import cache
from typing import Any

from strongroom.adapters.mapping.model import Model
from strongroom.adapters.mapping.repositories import make_repositories

from .repository import MemoryReadRepository, MemoryRepository


@cache
def repository_classes(model: Model) -> dict[str, type[Any]]:
    """Return the repositories of a model's tables. Raises ModelInvalid."""
    return make_repositories(model, "memory", MemoryRepository, MemoryReadRepository)
