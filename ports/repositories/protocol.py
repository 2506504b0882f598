"""The repository of protocols."""

from typing import Protocol as TypingProtocol
from uuid import UUID

from attrs import frozen

from strongroom.domain.protocols.protocol import Protocol

from ..creation import new_entity
from ..criteria import Criteria, eq
from ..repository import Creating, Repository

BY_SLUG = Criteria(where=(eq("slug"),))


@frozen(kw_only=True)
class CreateProtocol:
    """The fields of a new protocol."""

    slug: str
    name: str
    category: str
    website: str | None = None
    is_active: bool = True


class ProtocolRepository(Repository[Protocol, UUID], Creating, TypingProtocol):
    """Protocols, by id."""

    async def create(self, command: CreateProtocol) -> Protocol:
        """Add a protocol. Raises AlreadyExists when the slug is taken."""
        return await self.add(new_entity(Protocol, command, id=self.next_id(), now=self.now()))

    async def find_by_slug(self, slug: str) -> Protocol | None:
        """Return the protocol with the slug, or None."""
        return await self.find_one(BY_SLUG, slug)
