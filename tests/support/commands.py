"""Running the command line: in this process, and as a user does."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO, Any, Protocol

from typer.testing import CliRunner

from strongroom.bootstrap.cli.app import app


class Result(Protocol):
    """What a command that ran in this process left."""

    exit_code: int
    output: str
    stdout: str
    stderr: str


def invoke(cli: CliRunner, *arguments: str) -> Result:
    """Run a command in this process."""
    return cli.invoke(app, arguments)


def answer(cli: CliRunner, *arguments: str, code: int = 0) -> Any:
    """Run a command for machines and return its document."""
    result = invoke(cli, *arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def program() -> str:
    """Return the path of the command line's program."""
    return str(Path(sys.executable).parent / "strongroom")


def in_process_of_its_own(
    *arguments: str, stdout: IO[str] | int = subprocess.PIPE, **environment: str
) -> "subprocess.CompletedProcess[str]":
    """Run a command as a user does, its output piped unless it is led elsewhere."""
    return subprocess.run(
        [program(), *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        env={**os.environ, **environment},
        timeout=60,
    )
