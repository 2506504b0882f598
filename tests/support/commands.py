"""Running the command line: in this process, and as a user does."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Protocol

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


def in_process_of_its_own(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a command as a user does, its output piped."""
    program = [str(Path(sys.executable).parent / "strongroom"), *arguments]
    return subprocess.run(
        program, capture_output=True, text=True, check=False, env={**os.environ, **environment}, timeout=60
    )
