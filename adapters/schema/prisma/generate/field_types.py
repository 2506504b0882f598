"""The types of columns as fields of a schema.prisma have them: a scalar and its native type, or none of both."""

import json
import re
from typing import Final

from attrs import frozen

_SCALAR_TYPES: Final = {
    "text": ("String", ""),
    "boolean": ("Boolean", ""),
    "integer": ("Int", ""),
    "bigint": ("BigInt", ""),
    "smallint": ("Int", "@db.SmallInt"),
    "uuid": ("String", "@db.Uuid"),
    "jsonb": ("Json", ""),
    "json": ("Json", "@db.Json"),
    "bytea": ("Bytes", ""),
    "date": ("DateTime", "@db.Date"),
    "real": ("Float", "@db.Real"),
    "double precision": ("Float", ""),
    "numeric": ("Decimal", "@db.Decimal"),
    "character varying": ("String", "@db.VarChar"),
    "bit varying": ("String", "@db.VarBit"),
    "timestamp with time zone": ("DateTime", "@db.Timestamptz(6)"),
    "timestamp without time zone": ("DateTime", "@db.Timestamp(6)"),
    "time with time zone": ("DateTime", "@db.Timetz(6)"),
    "time without time zone": ("DateTime", "@db.Time(6)"),
    "xml": ("String", "@db.Xml"),
    "inet": ("String", "@db.Inet"),
    "oid": ("Int", "@db.Oid"),
    "money": ("Decimal", "@db.Money"),
}
_WITH_LENGTH: Final = (
    (re.compile(r"numeric\((\d+),(\d+)\)"), "Decimal", r"@db.Decimal(\1, \2)"),
    (re.compile(r"character varying\((\d+)\)"), "String", r"@db.VarChar(\1)"),
    (re.compile(r"character\((\d+)\)"), "String", r"@db.Char(\1)"),
    (re.compile(r"bit varying\((\d+)\)"), "String", r"@db.VarBit(\1)"),
    (re.compile(r"bit\((\d+)\)"), "String", r"@db.Bit(\1)"),
    (re.compile(r"timestamp\((\d)\) with time zone"), "DateTime", r"@db.Timestamptz(\1)"),
    (re.compile(r"timestamp\((\d)\) without time zone"), "DateTime", r"@db.Timestamp(\1)"),
    (re.compile(r"time\((\d)\) with time zone"), "DateTime", r"@db.Timetz(\1)"),
    (re.compile(r"time\((\d)\) without time zone"), "DateTime", r"@db.Time(\1)"),
)


@frozen
class PrismaType:
    """The type of a field, lists included, and the attribute that names its native type, or nothing."""

    name: str
    native: str = ""

    @property
    def is_list(self) -> bool:
        """Whether it is a list, which Prisma has no optional ones of."""
        return self.name.endswith("[]")

    @property
    def is_supported(self) -> bool:
        """Whether Prisma's client has a value for it."""
        return not self.name.startswith("Unsupported(")


def prisma_type(kind: str) -> PrismaType:
    """Return the field type for a column type other than an enum; ``Unsupported`` if Prisma lacks the type."""
    single, lists = kind.removesuffix("[]"), "[]" * kind.endswith("[]")
    if single in _SCALAR_TYPES:
        scalar, native = _SCALAR_TYPES[single]
        return PrismaType(scalar + lists, native)
    for pattern, scalar, native in _WITH_LENGTH:
        if found := pattern.fullmatch(single):
            return PrismaType(scalar + lists, found.expand(native))
    return PrismaType(f"Unsupported({json.dumps(kind, ensure_ascii=False)})")
