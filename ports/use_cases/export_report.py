"""Report what an export wrote, and why an export was refused."""

import errno
from typing import Final

from attrs import frozen

from strongroom.domain.errors import StrongroomError

NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""The operating system's error numbers for a place that accepts no more data."""


@frozen
class ExportedFile:
    """The file written for one entity class: the number of rows, and the digest."""

    entity: str
    file: str
    rows: int
    sha256: str


class ExportRefused(StrongroomError):
    """The place of an export cannot be written to, or holds something else; nothing is changed."""

    def __init__(self, place: object, reason: str, *, advice: str) -> None:
        self.place = str(place)
        self.reason = reason
        super().__init__(f"{place}: {reason}; {advice}")


class ExportUnwritable(ExportRefused):
    """The place of an export ran out of room, or broke, as it was written; nothing of the export is left there."""


def export_failure(place: object, error: OSError, *, advice: str) -> ExportRefused:
    """Return what it means that a place cannot be written to."""
    reason = f"it cannot be written: {error.strerror}"
    if error.errno in NO_ROOM:
        return ExportUnwritable(place, reason, advice="free some space, or choose another place")
    return ExportRefused(place, reason, advice=advice)
