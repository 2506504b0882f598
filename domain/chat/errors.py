"""What can be wrong with what is said in a chat."""

from uuid import UUID

from ..errors import DomainError


class NotAMember(DomainError):
    """Someone reads or writes in a chat without being a member at that time."""

    def __init__(self, chat_id: UUID, *, user_id: UUID) -> None:
        self.chat_id = chat_id
        self.user_id = user_id
        super().__init__(f"user {user_id} is not a member of chat {chat_id} at that time")


class WrongChat(DomainError):
    """A message, a reply's original or what was read last lies in another chat."""

    def __init__(self, message_id: UUID, *, chat_id: UUID, expected: UUID) -> None:
        self.message_id = message_id
        self.chat_id = chat_id
        self.expected = expected
        super().__init__(f"message {message_id} is in chat {chat_id}, not in {expected}")


class ReplyNotPossible(DomainError):
    """A message replies to one that is not there to be replied to; ``reason`` says why."""

    def __init__(self, message_id: UUID, *, reply_to_id: UUID | None, reason: str) -> None:
        self.message_id = message_id
        self.reply_to_id = reply_to_id
        self.reason = reason
        super().__init__(f"message {message_id} cannot reply to {reply_to_id}: {reason}")


class MessageChangeRefused(DomainError):
    """A message may not be edited or deleted so; ``reason`` says why."""

    def __init__(self, message_id: UUID, *, reason: str) -> None:
        self.message_id = message_id
        self.reason = reason
        super().__init__(f"message {message_id} cannot be changed: {reason}")


class InvitationRefused(DomainError):
    """A user may not bring another into a chat, or not so; ``reason`` says why."""

    def __init__(self, chat_id: UUID, *, user_id: UUID, reason: str) -> None:
        self.chat_id = chat_id
        self.user_id = user_id
        self.reason = reason
        super().__init__(f"user {user_id} may not invite into chat {chat_id}: {reason}")
