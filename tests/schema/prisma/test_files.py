"""A schema is one file, or all files of a folder."""

from pathlib import Path

import pytest
from support.schema.prisma_engine import HEAD

from strongroom.adapters.schema.prisma.model.reader import PrismaFilesError, read_schema_files
from strongroom.adapters.schema.prisma.syntax.errors import PrismaSchemaError

A = "model A {\n  id Int @id\n  b B[]\n}\n"
B = "model B {\n  id Int @id\n  a A[]\n}\n"


def test_a_folder_is_one_schema(tmp_path: Path) -> None:
    """Models of one file relate to those of another, in folders under the folder too; packages are left out."""
    (tmp_path / "base.prisma").write_text(HEAD)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a.prisma").write_text(A)
    (tmp_path / "b.prisma").write_text(B)
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "other.prisma").write_text("nonsense")
    assert [pair.table for pair in read_schema_files(tmp_path).many_to_many] == ["_AToB"]


def test_a_problem_names_its_file(tmp_path: Path) -> None:
    """What is wrong in one of many files is found there."""
    (tmp_path / "base.prisma").write_text(HEAD)
    broken = tmp_path / "broken.prisma"
    broken.write_text(A)
    with pytest.raises(PrismaSchemaError) as refused:
        read_schema_files(tmp_path)
    assert str(refused.value).startswith(f"{broken}:3:5: There is no type B.")


def test_a_byte_order_mark_and_line_feeds_of_others_are_no_matter(tmp_path: Path) -> None:
    """A file that another system wrote reads the same."""
    plain, foreign = tmp_path / "plain.prisma", tmp_path / "foreign.prisma"
    plain.write_text(HEAD + A + B)
    foreign.write_bytes(b"\xef\xbb\xbf" + (HEAD + A + B).replace("\n", "\r\n").encode())
    assert read_schema_files(plain) == read_schema_files(foreign)


@pytest.mark.parametrize("name", ["absent.prisma", "."])
def test_a_missing_schema_is_reported(tmp_path: Path, name: str) -> None:
    """A path without a schema is refused by its name."""
    with pytest.raises(PrismaFilesError, match="there is no schema"):
        read_schema_files(tmp_path / name)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are named by their place."""
    (tmp_path / "schema.prisma").write_bytes(b"model A\xff {")
    with pytest.raises(PrismaFilesError, match="byte 7 is not UTF-8"):
        read_schema_files(tmp_path)
