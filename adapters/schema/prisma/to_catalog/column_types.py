"""The types of columns as PostgreSQL's format_type writes them with an empty search path."""

from collections.abc import Mapping

from attrs import frozen

from strongroom.adapters.schema.prisma.model.native_types import DEFAULTS, NATIVE_KINDS
from strongroom.adapters.schema.prisma.model.schema import Configuration, Enum, Field, FieldKind, NativeType
from strongroom.adapters.schema.prisma.quoting import quote_if_needed, truncate_identifier
from strongroom.adapters.schema.prisma.syntax.nodes import Arity, Call, List, Text

WITHOUT_LENGTH_ONE = {"Char", "Bit"}
OF_LITERALS = {"character": "bpchar", "bit": '"bit"'}


@frozen
class ColumnType:
    """The type of one value: its name, its modifiers as in (10,2), and what stands after them."""

    name: str
    modifiers: str = ""
    rest: str = ""

    def __str__(self) -> str:
        return f"{self.name}{self.modifiers}{self.rest}"

    @property
    def bare(self) -> str:
        """The type without modifiers, as PostgreSQL writes it after a literal."""
        return OF_LITERALS.get(self.name, self.name) + self.rest


def enum_type(enum: Enum, schema: str) -> str:
    """Return the qualified name of an enum's type, ``schema`` standing where it names none."""
    return f"{quote_if_needed(enum.schema or schema)}.{quote_if_needed(truncate_identifier(enum.type))}"


def column_type(field: Field, enums: Mapping[str, Enum], datasource: Configuration, schema: str) -> ColumnType:
    """Return the type of a field's values; an unsupported one stays as it is written."""
    if field.kind is FieldKind.UNSUPPORTED:
        return ColumnType(field.type)
    if field.kind is FieldKind.ENUM:
        return ColumnType(enum_type(enums[field.type], schema))
    native = field.native or DEFAULTS[field.type]
    if native.name == "Citext":
        return ColumnType(f"{quote_if_needed(_extension_schema(datasource, 'citext') or schema)}.citext")
    return native_type(native)


def native_type(native: NativeType) -> ColumnType:
    """Return a native type."""
    name, placed, rest = NATIVE_KINDS[native.name].postgres.partition("{}")
    arguments = native.arguments or ((1,) if native.name in WITHOUT_LENGTH_ONE else ())
    return ColumnType(name, f"({','.join(map(str, arguments))})" if placed and arguments else "", rest)


def column_type_sql(field: Field, type_: ColumnType) -> str:
    """Return the type of a field's column, lists included; six digits of a second are what a time has by itself."""
    single = str(type_).replace("(6)", "") if type_.name in {"timestamp", "time"} else str(type_)
    return f"{single}[]" if field.arity is Arity.LIST else single


def _extension_schema(datasource: Configuration, name: str) -> str | None:
    listed = datasource.setting("extensions")
    for item in listed.items if isinstance(listed, List) else ():
        if isinstance(item, Call):
            mapped, schema = item.argument("map"), item.argument("schema")
            known = mapped.value if isinstance(mapped, Text) else item.name
            if known == name and isinstance(schema, Text):
                return schema.value
    return None
