"""The index types and the operator classes that Prisma has words for, and what PostgreSQL calls them."""

from attrs import frozen

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
