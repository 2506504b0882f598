"""A file of a project that is a device or a pipe, as a link in a pull request can make it, is refused, not read."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from strongroom.adapters.postgres.migrator.errors import MigrationFileInvalid
from strongroom.adapters.postgres.migrator.files import MigrationFolders, Side, load_migrations
from strongroom.adapters.regular_files import read_regular_file
from strongroom.adapters.schema.contract_file import read_contract
from strongroom.adapters.schema.contract_file.problems import ContractInvalid
from strongroom.adapters.schema.postgres.replay import ReplayFailed, read_migration_folder
from strongroom.adapters.schema.prisma.model.reader import PrismaFilesError, read_schema_files
from strongroom.adapters.schema.project import BaselineInvalid, read_baseline

READERS: dict[str, tuple[str, Callable[[Path], object], type[Exception]]] = {
    "the contract": ("strongroom.toml", read_contract, ContractInvalid),
    "a migration": ("0001_x.sql", lambda folder: load_migrations(MigrationFolders(folder)), MigrationFileInvalid),
    "a replayed migration": ("0001_x.sql", lambda folder: read_migration_folder(folder, Side.BACKEND), ReplayFailed),
    "a schema.prisma": ("x.prisma", read_schema_files, PrismaFilesError),
    "the baseline": ("baseline.json", lambda folder: read_baseline(folder / "baseline.json"), BaselineInvalid),
}


@pytest.mark.parametrize(("name", "reader", "refusal"), READERS.values(), ids=READERS)
@pytest.mark.parametrize("kind", ["endless", "pipe"])
def test_no_device_is_read(
    tmp_path: Path, kind: str, name: str, reader: Callable[[Path], object], refusal: type[Exception]
) -> None:
    """A link to a device would be read without an end, and a pipe would be waited for."""
    if kind == "pipe":
        os.mkfifo(tmp_path / name)
    else:
        (tmp_path / name).symlink_to("/dev/zero")
    with pytest.raises(refusal, match="no regular file"):
        reader(tmp_path)


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    """One byte more than the limit is refused, and a folder is no file."""
    (tmp_path / "file").write_bytes(b"12345")
    assert read_regular_file(tmp_path / "file", 5) == b"12345"
    with pytest.raises(OSError, match="more than 4 bytes"):
        read_regular_file(tmp_path / "file", 4)
    with pytest.raises(IsADirectoryError):
        read_regular_file(tmp_path)
