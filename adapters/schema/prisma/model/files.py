"""Reads a schema from its file, or from all the files of its folder."""

from pathlib import Path

from strongroom.adapters.regular_files import read_regular_text
from strongroom.domain.errors import StrongroomError

from .reader import read_schema
from .schema import PrismaSchema


class PrismaFilesError(StrongroomError):
    """There is no schema at ``path``, or its text cannot be read; ``reason`` says which, and what to do."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: {reason}")


def read_schema_files(path: Path) -> PrismaSchema:
    """Return the schema at a path: of one file, or of all files named *.prisma in a folder and those under it.

    Raises PrismaFilesError where there is none, or one that is not UTF-8, and PrismaSchemaError as ``read_schema``.
    """
    files = [path] if path.is_file() else schema_files(path)
    if not files:
        raise PrismaFilesError(path, "there is no schema. Name a file, or a folder that holds *.prisma files.")
    return read_schema({str(file): _text(file) for file in files})


def schema_files(folder: Path) -> list[Path]:
    """Return the files of a schema in a folder and those under it, but for installed packages'; none for no folder."""
    found = sorted(folder.rglob("*.prisma")) if folder.is_dir() else []
    return [file for file in found if "node_modules" not in file.relative_to(folder).parts]


def _text(file: Path) -> str:
    try:
        return read_regular_text(file, "utf-8-sig")
    except UnicodeDecodeError as failure:
        raise PrismaFilesError(file, f"byte {failure.start} is not UTF-8. Save the file as UTF-8.") from None
    except OSError as failure:
        raise PrismaFilesError(file, f"{failure.strerror}. Make it readable.") from None


def find_prisma_schema(folder: Path) -> Path:
    """Return where the schema.prisma of a migrations folder lies: in it, beside it, or the folder itself."""
    for candidate in (
        folder / "schema.prisma",
        folder / "schema",
        folder.parent / "schema.prisma",
        folder.parent / "schema",
    ):
        if candidate.exists():
            return candidate
    return folder
