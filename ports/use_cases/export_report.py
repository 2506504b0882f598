"""What an export wrote, and why one was refused."""

from attrs import frozen

from strongroom.domain.errors import StrongroomError


@frozen
class ExportedFile:
    """What was written of one entity class: so many rows, and the file's digest."""

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
