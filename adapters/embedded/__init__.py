"""PostgreSQL 16 from a wheel: a server of one's own, with nothing to install, no account and no container."""

from .server import EmbeddedServer, EmbeddedUnavailable, default_folder, start_embedded, stop_abandoned

__all__ = ["EmbeddedServer", "EmbeddedUnavailable", "default_folder", "start_embedded", "stop_abandoned"]
