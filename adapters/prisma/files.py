"""Reads a schema from its file, or from all the files of its folder."""

from pathlib import Path

from strongroom.domain.errors import StrongroomError

from .reading import read_schema
from .schema import PrismaSchema


class PrismaFilesError(StrongroomError):
    """There is no schema at a path, or its text cannot be read."""


def read_schema_files(path: Path) -> PrismaSchema:
    """Return the schema at a path: of one file, or of all files named *.prisma in a folder and those under it.

    Raises PrismaFilesError where there is none, or one that is not UTF-8, and PrismaSchemaError as ``read_schema``.
    """
    files = [path] if path.is_file() else sorted(path.rglob("*.prisma")) if path.is_dir() else []
    files = [file for file in files if "node_modules" not in file.parts]
    if not files:
        raise PrismaFilesError(f"{path}: there is no schema. Name a file, or a folder that holds *.prisma files.")
    return read_schema({str(file): _text(file) for file in files})


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as failure:
        raise PrismaFilesError(f"{file}: byte {failure.start} is not UTF-8. Save the file as UTF-8.") from None
    except OSError as failure:
        raise PrismaFilesError(f"{file}: {failure.strerror}. Make it readable.") from None
