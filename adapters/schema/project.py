"""A project that shares a database: its contract, where its files lie, and the findings that it accepts."""

import json
from pathlib import Path
from typing import Final

from attrs import frozen

from strongroom.adapters.json_text import read_json
from strongroom.adapters.regular_files import read_regular_file
from strongroom.adapters.schema.contract_file import CONTRACT_FILE, read_contract
from strongroom.domain.errors import StrongroomError
from strongroom.domain.schema.contract import Contract

BASELINE_FILE: Final = "strongroom.baseline.json"


class BaselineInvalid(StrongroomError):
    """The file of accepted findings cannot be read, or is none."""


@frozen
class Project:
    """A contract, the folder that its paths are relative to, and the file that it stands in."""

    contract: Contract
    folder: Path
    file: Path

    @property
    def baseline_file(self) -> Path:
        """Where accepted findings are kept."""
        return self.folder / BASELINE_FILE


def open_project(path: Path) -> Project:
    """Open the project of a contract file, or of a folder that holds one. Raises ContractInvalid."""
    folder = path if path.is_dir() else path.parent
    file = path / CONTRACT_FILE if path.is_dir() else path
    return Project(read_contract(file), folder.resolve(), file)


def read_baseline(file: Path) -> dict[str, str]:
    """Return accepted findings by their key, each with its reason; none without a file. Raises BaselineInvalid."""
    try:
        found = read_json(read_regular_file(file).decode())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        message = f"{file} cannot be read as JSON ({error}): restore it, or accept the findings anew"
        raise BaselineInvalid(message) from None
    if not isinstance(found, dict) or not all(isinstance(reason, str) and reason.strip() for reason in found.values()):
        message = f"{file}: an object of findings, each with the reason why it is accepted, is expected"
        raise BaselineInvalid(message)
    return dict(found)


def write_baseline(file: Path, accepted: dict[str, str]) -> None:
    """Keep accepted findings, sorted, so that a change of them reads well in a review."""
    file.write_text(json.dumps(accepted, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
