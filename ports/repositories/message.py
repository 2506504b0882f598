"""The repository of messages."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.chat.message import Message

from ..repository import Repository


class MessageRepository(Repository[Message, UUID], Protocol):
    """Messages, by id."""
