"""Keep the frontend's files in sync with the tables of the other sides."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from strongroom.domain.schema.catalog import Catalog
from strongroom.domain.schema.transition import project_onto

from .world import Coordination, M


class FrontendFiles(Protocol):
    """The files that declare to the frontend what the other sides own."""

    async def read_declared(self) -> Catalog | None:
        """Return what they declare today; None if they do not exist."""
        ...

    def texts(self, found: Catalog) -> Mapping[Path, str]:
        """Return the files' new texts for a catalog; empty if no other side owns anything."""
        ...


async def generate(project: Coordination[M], files: FrontendFiles, *, only_check: bool) -> list[Path]:
    """Write the frontend's models of what the histories make of the others' tables; return the files that change.

    A column that changes in steps keeps the form that the frontend declares: the frontend moves first. With
    ``only_check`` nothing is written. Raises ReplayFailed, and what reading the files raises.
    """
    contract = project.contract
    found = await project.scratch.replay(project.history.read_migrations(), contract.schemas)
    declared = await files.read_declared() if contract.changes else None
    if declared is not None:
        found = project_onto(found, declared, contract.changes)
    changed = []
    for path, text in files.texts(found).items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        changed.append(path)
        if not only_check:
            path.write_text(text, encoding="utf-8")
    return changed
