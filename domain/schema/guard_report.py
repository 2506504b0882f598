"""What an installation, a look and a removal tell: every step and every protection, each with its reason."""

from enum import Enum

from attrs import frozen


class GuardOutcome(Enum):
    """What became of a protection in an installation."""

    DONE = "done"
    ALREADY = "already so"
    NOT_POSSIBLE = "not possible"


@frozen
class GuardStep:
    """What an installation did about one gap, or that a protection had none; ``why`` says why it was not possible."""

    protection: str
    what: str
    outcome: GuardOutcome
    why: str | None = None

    def __str__(self) -> str:
        return f"{self.outcome.value}: {self.protection}: {self.what}" + (f": {self.why}" if self.why else "")


@frozen
class GuardReport:
    """What an installation or a removal did, in order."""

    steps: tuple[GuardStep, ...]

    @property
    def complete(self) -> bool:
        """Whether all of it was possible."""
        return all(step.outcome is not GuardOutcome.NOT_POSSIBLE for step in self.steps)


@frozen
class ProtectionStatus:
    """How a protection stands: what it promises, and what is not so (nothing where it is in place)."""

    name: str
    holds: str
    deviations: tuple[str, ...]

    @property
    def in_place(self) -> bool:
        """Whether the database keeps the promise."""
        return not self.deviations
