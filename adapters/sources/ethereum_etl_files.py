"""Finds the files of an ethereum-etl export, by their names."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from attrs import frozen

from strongroom.ports.use_cases.import_report import ImportRefused

REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "tokens": ("address",),
    "blocks": ("number", "hash", "parent_hash", "timestamp"),
    "receipts": ("transaction_hash", "gas_used"),
    "transactions": ("hash", "block_number", "block_hash", "transaction_index", "from_address", "value", "nonce"),
    "logs": ("log_index", "transaction_hash", "address", "data", "topics"),
    "token_transfers": ("token_address", "from_address", "to_address", "value", "transaction_hash", "log_index"),
}
"""The kinds of files that are read, and the columns that their CSV must have."""
STORED: Final = frozenset({"tokens", "blocks", "transactions", "token_transfers"})
"""The kinds of which something is stored; the others only help to read these."""
_NAME: Final = re.compile(rf"({'|'.join(REQUIRED)})(_[0-9]+_[0-9]+)?\.(json|jsonl|csv)(\.gz)?")
_KNOWN: Final = f"{', '.join(REQUIRED)}, each .json, .jsonl or .csv, also with .gz"


@frozen
class ExportFiles:
    """The files of an export, by kind."""

    paths: dict[str, tuple[Path, ...]]

    def of(self, kind: str) -> tuple[Path, ...]:
        """Return the files of a kind, by name."""
        return self.paths.get(kind, ())

    @property
    def all_paths(self) -> tuple[Path, ...]:
        """All files."""
        return tuple(path for paths in self.paths.values() for path in paths)


def find_export(given: Sequence[Path]) -> ExportFiles:
    """Return the files of an export: those that are given, and those with known names in the folders that are given.

    ``blocks.json`` is known, and so is ``blocks_00000000_00099999.csv`` in the folders that ``export_all`` makes.
    Raises ImportRefused for a path that does not exist, a file with an unknown name, a folder without any known file, a
    file that is there in two formats, transfers without logs, and files of which nothing can be stored without others.
    """
    found: dict[str, list[Path]] = {}
    for path in given:
        for file in _files(path):
            kind = _NAME.fullmatch(file.name)
            if kind is None:
                raise ImportRefused(
                    "the name does not tell what the file holds",
                    file=str(file),
                    advice=f"name it as ethereum-etl does: {_KNOWN}",
                )
            if file not in found.setdefault(kind[1], []):
                found[kind[1]].append(file)
    for paths in found.values():
        _refuse_repeated(paths)
    files = ExportFiles({kind: tuple(sorted(paths)) for kind, paths in found.items()})
    if found and not STORED & found.keys():
        reason = f"{' and '.join(sorted(found))} alone tell nothing that is stored"
        raise ImportRefused(
            reason,
            file=str(next(iter(files.all_paths))),
            advice="give the transactions of the same blocks, too, and the token transfers with the logs",
        )
    if files.of("token_transfers") and not files.of("logs"):
        raise ImportRefused(
            "the transfers' logs are missing: without them a token's id cannot be told from an amount",
            file=str(files.of("token_transfers")[0]),
            advice="give the logs of the same blocks, too (logs.json or logs.csv)",
        )
    return files


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        inside = sorted(file for file in path.rglob("*") if file.is_file() and _NAME.fullmatch(file.name))
        if not inside:
            raise ImportRefused("the folder has no file of ethereum-etl", file=str(path), advice=f"it takes: {_KNOWN}")
        return inside
    if not path.exists():
        raise ImportRefused("there is no such file or folder", file=str(path), advice="check the path")
    return [path]


def _refuse_repeated(paths: Sequence[Path]) -> None:
    stems: dict[Path, Path] = {}
    for path in paths:
        twin = stems.setdefault(path.with_name(path.name.partition(".")[0]), path)
        if twin != path:
            advice = f"keep one of the two: {twin.name} holds the same in another format"
            raise ImportRefused("the file is there twice", file=str(path), advice=advice)
