"""List the PostgreSQL features that Prisma knows: native types by scalar, index types and their operator classes."""

from attrs import frozen

from .schema import NativeType

ALGORITHMS = ("BTree", "Hash", "Gist", "Gin", "SpGist", "Brin")
BLOOM, MIN_MAX, MULTI = ("Bloom", "bloom"), ("MinMax", "minmax"), ("MinMaxMulti", "minmax_multi")
BRIN_CLASSES = {
    "Bit": (MIN_MAX,),
    "VarBit": (MIN_MAX,),
    "Bpchar": (BLOOM, MIN_MAX),
    "Bytea": (BLOOM, MIN_MAX),
    "Text": (BLOOM, MIN_MAX),
    "Inet": (("Inclusion", "inclusion"), BLOOM, MIN_MAX, MULTI),
}
BRIN_NUMBERS = (
    *("Date", "Float4", "Float8", "Int2", "Int4", "Int8", "Numeric", "Oid"),
    *("Timestamp", "TimestampTz", "Time", "TimeTz", "Uuid"),
)


@frozen
class OperatorClass:
    """An operator class: PostgreSQL's name for it, and the index types that take it."""

    postgres: str
    algorithms: tuple[str, ...]


OPERATOR_CLASSES = {
    "InetOps": OperatorClass("inet_ops", ("Gist", "SpGist")),
    "JsonbOps": OperatorClass("jsonb_ops", ("Gin",)),
    "JsonbPathOps": OperatorClass("jsonb_path_ops", ("Gin",)),
    "ArrayOps": OperatorClass("array_ops", ("Gin",)),
    "TextOps": OperatorClass("text_ops", ("SpGist",)),
    **{
        f"{type_}{kind}Ops": OperatorClass(f"{type_.lower()}_{postgres}_ops", ("Brin",))
        for type_, kinds in [*BRIN_CLASSES.items(), *((type_, (BLOOM, MIN_MAX, MULTI)) for type_ in BRIN_NUMBERS)]
        for kind, postgres in kinds
    },
}


@frozen
class NativeTypeRule:
    """A native type: the scalar it serves, how many arguments within which limits it takes, and PostgreSQL's name.

    The name has {} where the arguments stand.
    """

    scalar: str
    postgres: str
    arguments: tuple[int, ...] = (0,)
    least: int = 0
    most: int = 10485760


LENGTH = (0, 1)
NATIVE_KINDS = {
    "SmallInt": NativeTypeRule("Int", "smallint"),
    "Integer": NativeTypeRule("Int", "integer"),
    "Oid": NativeTypeRule("Int", "oid"),
    "BigInt": NativeTypeRule("BigInt", "bigint"),
    "Decimal": NativeTypeRule("Decimal", "numeric{}", (0, 2), most=1000),
    "Money": NativeTypeRule("Decimal", "money"),
    "Real": NativeTypeRule("Float", "real"),
    "DoublePrecision": NativeTypeRule("Float", "double precision"),
    "VarChar": NativeTypeRule("String", "character varying{}", LENGTH, least=1),
    "Char": NativeTypeRule("String", "character{}", LENGTH, least=1),
    "Text": NativeTypeRule("String", "text"),
    "Citext": NativeTypeRule("String", "citext"),
    "Uuid": NativeTypeRule("String", "uuid"),
    "Xml": NativeTypeRule("String", "xml"),
    "Inet": NativeTypeRule("String", "inet"),
    "Bit": NativeTypeRule("String", "bit{}", LENGTH, least=1),
    "VarBit": NativeTypeRule("String", "bit varying{}", LENGTH, least=1),
    "ByteA": NativeTypeRule("Bytes", "bytea"),
    "Boolean": NativeTypeRule("Boolean", "boolean"),
    "Json": NativeTypeRule("Json", "json"),
    "JsonB": NativeTypeRule("Json", "jsonb"),
    "Date": NativeTypeRule("DateTime", "date"),
    "Timestamp": NativeTypeRule("DateTime", "timestamp{} without time zone", LENGTH, most=6),
    "Timestamptz": NativeTypeRule("DateTime", "timestamp{} with time zone", LENGTH, most=6),
    "Time": NativeTypeRule("DateTime", "time{} without time zone", LENGTH, most=6),
    "Timetz": NativeTypeRule("DateTime", "time{} with time zone", LENGTH, most=6),
}
DEFAULTS = {
    "String": NativeType(name="Text"),
    "Boolean": NativeType(name="Boolean"),
    "Int": NativeType(name="Integer"),
    "BigInt": NativeType(name="BigInt"),
    "Float": NativeType(name="DoublePrecision"),
    "Decimal": NativeType(name="Decimal", arguments=(65, 30)),
    "DateTime": NativeType(name="Timestamp", arguments=(3,)),
    "Json": NativeType(name="JsonB"),
    "Bytes": NativeType(name="ByteA"),
}


def native_type_error(scalar: str, native: NativeType) -> tuple[str, str] | None:
    """Return what is wrong with a native type on a scalar, and what to do; None where it fits."""
    kind = NATIVE_KINDS.get(native.name)
    if kind is None:
        return (
            f"PostgreSQL has no native type {native.name} in Prisma.",
            f"Known are {', '.join(sorted(NATIVE_KINDS))}.",
        )
    if kind.scalar != scalar:
        return f"@db.{native.name} serves {kind.scalar}, not {scalar}.", f"Declare the field as {kind.scalar}."
    if len(native.arguments) not in kind.arguments:
        counts = " or ".join(map(str, kind.arguments))
        return f"@db.{native.name} takes {counts} arguments.", f"It has {len(native.arguments)}."
    if any(not kind.least <= argument <= kind.most for argument in native.arguments):
        return f"@db.{native.name} takes arguments from {kind.least} to {kind.most}.", "Choose one within."
    if native.name == "Decimal" and native.arguments and not 0 <= native.arguments[1] <= native.arguments[0] != 0:
        return "The scale of @db.Decimal exceeds its precision.", "The first argument is the precision, from 1 to 1000."
    return None
