"""What may stand after where in an index: raw SQL, or fields and the values that they have or have not."""

from collections.abc import Mapping

from strongroom.adapters.schema.prisma.expressions import REMEDY, complaint
from strongroom.adapters.schema.prisma.syntax.nodes import Call, Constant, Expression, Number, Object, Text

from .arguments import ProblemList
from .schema import Field


def check_condition(where: Expression, model: str, fields: Mapping[str, Field], problems: ProblemList) -> None:
    """Take note of what is wrong with the condition of a partial index."""
    match where:
        case Call(name="raw", arguments=(argument,)) if (
            isinstance(argument.value, Text) and argument.value.value.strip()
        ):
            if wrong := complaint(argument.value.value):
                problems.add(where.position, f"The SQL of raw() {wrong}.", REMEDY)
        case Object(entries=entries) if entries:
            for name, value in entries:
                if name not in fields:
                    problems.add(where.position, f"{model} has no field {name}.", f"It has {', '.join(fields)}.")
                _check_value(name, value, problems)
        case _:
            problems.add(
                where.position, "This is no condition of an index.", 'Write raw("…"), or { field: value } with values.'
            )


def _check_value(name: str, value: Expression, problems: ProblemList) -> None:
    match value:
        case Object(entries=(("not", inner),)) if _is_value(inner):
            return
        case _ if _is_value(value):
            return
    problems.add(
        value.position,
        f"{name} is compared with what is no value.",
        'Write a literal, null, or { not: … }, or raw("…").',
    )


def _is_value(value: Expression) -> bool:
    return isinstance(value, Text | Number) or (isinstance(value, Constant) and value.name in {"true", "false", "null"})
