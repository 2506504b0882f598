"""The repository of chats."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.chat.chat import Chat

from ..repository import Repository


class ChatRepository(Repository[Chat, UUID], Protocol):
    """Chats, by id."""
