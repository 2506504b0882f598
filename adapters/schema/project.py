"""A project that shares a database: its contract, where its files lie, and the findings that it accepts."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from strongroom.adapters.mapping.model import Model
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.postgres.migrator.files import Migration
from strongroom.adapters.regular_files import read_regular_file
from strongroom.adapters.schema.contract_file import CONTRACT_FILE, read_contract
from strongroom.adapters.schema.declarations import read_declarations
from strongroom.adapters.schema.histories import read_migrations
from strongroom.adapters.schema.postgres.ddl.fixes import fix_sql
from strongroom.adapters.schema.scratch import ScratchServer
from strongroom.domain.errors import StrongroomError
from strongroom.domain.schema.check import Declaration
from strongroom.domain.schema.contract import Contract
from strongroom.domain.values.json_text import read_json
from strongroom.ports.schema.world import Coordination

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


@frozen
class ProjectHistory:
    """Reads the migrations of a project's sides."""

    project: Project

    def read_migrations(self) -> list[Migration]:
        """Return them in the order in which they are applied. Raises ReplayFailed."""
        return read_migrations(self.project.contract, self.project.folder)


@frozen
class ProjectDeclarations:
    """Reads what a project's sides declare."""

    project: Project
    scratch: ScratchServer
    model: Model

    async def read_declarations(self) -> list[Declaration]:
        """Return the declarations of every side that has any. Raises as ``read_declarations`` does."""
        return await read_declarations(self.project.contract, self.project.folder, self.scratch, self.model)


@frozen
class BaselineFile:
    """Keeps accepted findings in a file of JSON, sorted, so that a change of them reads well in a review."""

    path: Path

    def read(self) -> dict[str, str]:
        """Return accepted findings by their key, each with its reason; none without a file. Raises BaselineInvalid."""
        return read_baseline(self.path)

    def write(self, accepted: Mapping[str, str]) -> None:
        """Replace all of them."""
        text = json.dumps(accepted, indent=2, sort_keys=True, ensure_ascii=False)
        self.path.write_text(text + "\n", encoding="utf-8")


def coordinate(project: Project, scratch: ScratchServer, model: Model = PLATFORM) -> Coordination[Migration]:
    """Return what the use cases need of a project, whose entities are a model's, and of a scratch server."""
    return Coordination(
        contract=project.contract,
        declared=ProjectDeclarations(project, scratch, model),
        history=ProjectHistory(project),
        scratch=scratch,
        accepted=BaselineFile(project.baseline_file),
        write_fix=fix_sql,
    )


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
