"""Prisma's own engines, asked through a process of Node.js."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

HEAD = """generator client {
  provider        = "prisma-client"
  previewFeatures = ["views", "partialIndexes", "postgresqlExtensions"]
}

datasource db {
  provider = "postgresql"
}

"""


def connection_of(url: str) -> dict[str, Any]:
    """Return a database's address as Prisma's adapter takes it: in its parts."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    return {
        "host": parts.hostname or query["host"][0],
        "port": parts.port or int(query.get("port", ["5432"])[0]),
        "user": parts.username,
        "password": parts.password or "none",
        "database": parts.path.lstrip("/"),
    }


class PrismaRefused(Exception):
    """Prisma refuses a schema; the text is Prisma's."""


class PrismaEngine:
    """A process that answers requests, one per line."""

    def __init__(self, script: Path) -> None:
        self._process = subprocess.Popen(
            ["node", str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.communicate()

    def ask(self, **request: object) -> Any:
        """Return the answer; raises PrismaRefused where there is an error instead."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise PrismaRefused(answer["error"])
        return answer["answer"]

    def dmmf(self, texts: Mapping[str, str]) -> dict[str, Any]:
        """Return Prisma's model of some files."""
        return self.ask(operation="dmmf", files=list(texts.items()))

    def formatted(self, text: str) -> str:
        """Return a file as Prisma formats it."""
        ((_, shown),) = self.ask(operation="format", files=[["schema.prisma", text]])
        return shown
