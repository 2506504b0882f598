"""Chats, their members and their messages."""
