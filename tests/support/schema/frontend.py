"""A frontend in small: a process of Prisma's own client, asked by lines of JSON."""

import json
import subprocess
from typing import Any


class PrismaError(Exception):
    """What Prisma's client raised: its code, and what it says beside."""

    def __init__(self, said: dict[str, Any]) -> None:
        self.code = said["code"]
        self.meta = said["meta"]
        super().__init__(said["message"])


class Client:
    """Prisma's client in a process of its own."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def find(self, model: str, where: dict[str, Any]) -> dict[str, Any] | None:
        """Return the first row of a model that matches. Raises PrismaError."""
        found: dict[str, Any] | None = self._ask(model=model, find=where)
        return found

    def create(self, model: str, data: dict[str, Any]) -> dict[str, Any]:
        """Create a row and return it. Raises PrismaError."""
        made: dict[str, Any] = self._ask(model=model, create=data)
        return made

    def update(self, model: str, where: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
        """Change the row of a model that a unique key names, and return it. Raises PrismaError."""
        changed: dict[str, Any] = self._ask(model=model, update={"where": where, "data": data})
        return changed

    def _ask(self, **request: Any) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        said = json.loads(self._process.stdout.readline())
        if "error" in said:
            raise PrismaError(said["error"])
        return said["answer"]
