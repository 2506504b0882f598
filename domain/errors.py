"""The errors of the domain, and the root of every error that strongroom raises on purpose."""

from __future__ import annotations


class StrongroomError(Exception):
    """Root of every error that strongroom raises on purpose."""

    @property
    def lines(self) -> tuple[str, ...]:
        """The message, a line for each thing that is wrong."""
        return (str(self),)


class DomainError(StrongroomError):
    """A rule of the business was broken."""


class InvalidValue(DomainError):
    """A value is not acceptable where it was given.

    ``entity`` names the entity class, ``field`` the attribute (None where a rule spans several),
    ``constraint`` the named rule of the table (None where the value is wrong for its type alone).
    """

    def __init__(
        self,
        entity: str | None,
        *,
        field: str | None = None,
        constraint: str | None = None,
        reason: str,
    ) -> None:
        self.entity = entity
        self.field = field
        self.constraint = constraint
        self.reason = reason
        where = ".".join(part for part in (entity, field) if part)
        rule = f" [{constraint}]" if constraint else ""
        super().__init__(f"{where or 'value'}: {reason}{rule}")
