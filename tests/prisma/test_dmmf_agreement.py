"""Our reading of a schema is Prisma's own, field by field."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from support.prisma import PrismaEngine
from support.prisma_dmmf import described, simplified

from strongroom.adapters.prisma.reading import read_schema

SCHEMAS = Path(__file__).parent / "schemas"


def texts(path: Path) -> Mapping[str, str]:
    files = sorted(path.rglob("*.prisma")) if path.is_dir() else [path]
    return {str(file.relative_to(SCHEMAS)): file.read_text(encoding="utf-8") for file in files}


@pytest.mark.parametrize("name", sorted(path.name for path in SCHEMAS.iterdir()))
def test_a_schema_says_the_same_to_us_and_to_prisma(prisma: PrismaEngine, name: str) -> None:
    """Models, fields, keys, relations, enums, defaults, native types and comments are those of Prisma's DMMF."""
    files = texts(SCHEMAS / name)
    ours = read_schema(files)
    assert described(ours) == simplified(prisma.dmmf(files), ours)
