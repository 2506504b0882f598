"""Random changes of the text of a schema.prisma that leave it valid, each with what a check has to say of it."""

import random
import re
from collections.abc import Callable, Iterator
from typing import Final

from attrs import frozen

from strongroom.domain.schema.comparison import Aspect

MODEL: Final = re.compile(r"^model (\w+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
ENUM: Final = re.compile(r"^enum (\w+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
SCALAR: Final = re.compile(
    r"^  (\w+) +(String|Int|BigInt|Boolean|DateTime|Decimal|Json|Bytes)(\??)( .*)?$", re.MULTILINE
)


@frozen
class TextMutation:
    """A changed text, the table or type that it is about, and the aspect that must be named."""

    text: str
    target: str
    aspect: Aspect
    what: str


def prisma_mutations(text: str, *, seed: int, count: int) -> Iterator[TextMutation]:
    """Yield so many random mutations; the same for the same seed."""
    luck = random.Random(seed)
    for number in range(count):
        mutation = None
        while mutation is None:
            mutation = _MAKERS[number % len(_MAKERS)](text, luck)
        yield mutation


def _table(block: str) -> str:
    found = re.search(r'@@map\("(.*?)"\)', block)
    assert found
    return found[1]


def _field(text: str, luck: random.Random) -> tuple[re.Match[str], re.Match[str]] | None:
    """Return a model, and one of its fields that nothing else in it uses."""
    model = luck.choice([*MODEL.finditer(text)])
    fields = [
        field
        for field in SCALAR.finditer(model[2])
        if len(re.findall(rf"\b{field[1]}\b", model[2])) == 1 and "@id" not in field[0] and "@unique" not in field[0]
    ]
    return (model, luck.choice(fields)) if fields else None


def _replaced(text: str, model: re.Match[str], field: re.Match[str], line: str) -> str:
    start = model.start(2) + field.start()
    return text[:start] + line + text[start + len(field[0]) :]


def _of_field(
    text: str, luck: random.Random, aspect: Aspect, change: Callable[[re.Match[str]], str | None]
) -> TextMutation | None:
    found = _field(text, luck)
    if found is None:
        return None
    model, field = found
    line = change(field)
    if line is None:
        return None
    return TextMutation(_replaced(text, model, field, line), _table(model[2]), aspect, f"{field[0].strip()} -> {line}")


def _drop_field(text: str, luck: random.Random) -> TextMutation | None:
    return _of_field(text, luck, Aspect.COLUMN_EXTRA, lambda _: "")


def _add_field(text: str, luck: random.Random) -> TextMutation | None:
    return _of_field(text, luck, Aspect.COLUMN_MISSING, lambda field: f"{field[0]}\n  extra_field Int?")


def _rename_field(text: str, luck: random.Random) -> TextMutation | None:
    return _of_field(text, luck, Aspect.COLUMN_RENAMED, lambda field: field[0].replace(field[1], field[1] + "_new", 1))


def _retype_field(text: str, luck: random.Random) -> TextMutation | None:
    def change(field: re.Match[str]) -> str | None:
        return f"  {field[1]} {'Float' if field[2] != 'Float' else 'Int'}{field[3]}"

    return _of_field(text, luck, Aspect.TYPE, change)


def _change_optional(text: str, luck: random.Random) -> TextMutation | None:
    def change(field: re.Match[str]) -> str | None:
        return f"  {field[1]} {field[2]}{'' if field[3] else '?'}{field[4] or ''}"

    return _of_field(text, luck, Aspect.NULLABILITY, change)


def _change_default(text: str, luck: random.Random) -> TextMutation | None:
    def change(field: re.Match[str]) -> str | None:
        rest = field[4] or ""
        if "@default" in rest:
            return f"  {field[1]} {field[2]}{field[3]}{re.sub(r'@default[(][^)]*[)]+', '', rest)}"
        return f"  {field[1]} {field[2]}{field[3]} @default(7){rest}" if field[2] == "Int" else None

    return _of_field(text, luck, Aspect.DEFAULT, change)


def _attribute(text: str, luck: random.Random, pattern: str, aspect: Aspect) -> TextMutation | None:
    model = luck.choice([*MODEL.finditer(text)])
    lines = [*re.finditer(pattern, model[2], re.MULTILINE)]
    if not lines:
        return None
    line = luck.choice(lines)
    changed = _replaced(text, model, line, "")
    return TextMutation(changed, _table(model[2]), aspect, f"without {line[0].strip()}")


def _drop_index(text: str, luck: random.Random) -> TextMutation | None:
    return _attribute(text, luck, r"^  @@index\(.*\)$", Aspect.INDEX_EXTRA)


def _drop_unique(text: str, luck: random.Random) -> TextMutation | None:
    model = luck.choice([*MODEL.finditer(text)])
    lines = [
        line
        for line in re.finditer(r"^  @@unique\(\[(.*)\].*\)$", model[2], re.MULTILINE)
        if f"references: [{line[1]}]" not in text
    ]
    if not lines:
        return None
    line = luck.choice(lines)
    return TextMutation(_replaced(text, model, line, ""), _table(model[2]), Aspect.UNIQUE_EXTRA, f"without {line[0]}")


def _change_action(text: str, luck: random.Random) -> TextMutation | None:
    model = luck.choice([*MODEL.finditer(text)])
    lines = [*re.finditer(r"^  .*@relation\(.*onDelete: (Cascade|Restrict)\b.*$", model[2], re.MULTILINE)]
    if not lines:
        return None
    line = luck.choice(lines)
    changed = _replaced(text, model, line, line[0].replace(f"onDelete: {line[1]}", "onDelete: NoAction"))
    return TextMutation(changed, _table(model[2]), Aspect.FOREIGN_KEY, f"NoAction in {line[0].strip()}")


def _add_model(text: str, luck: random.Random) -> TextMutation:
    name = f"extra_{luck.randrange(1000)}"
    block = f'\nmodel Extra {{\n  id Int @id\n\n  @@map("{name}")\n}}\n'
    return TextMutation(text + block, name, Aspect.MISSING, f"a model of {name}")


def _values(text: str, luck: random.Random, change: Callable[[list[str]], list[str]], aspect: Aspect) -> TextMutation:
    enum = luck.choice(
        [found for found in ENUM.finditer(text) if "@default" not in text or len(found[2].split("\n")) > 4]
    )
    lines = [line for line in enum[2].split("\n") if line.strip()]
    values, rest = [line for line in lines if "@@" not in line], [line for line in lines if "@@" in line]
    body = "\n".join([*change(values), *rest]) + "\n"
    changed = text[: enum.start(2)] + body + text[enum.end(2) :]
    return TextMutation(changed, _table(enum[2]), aspect, f"values of {enum[1]}")


def _add_value(text: str, luck: random.Random) -> TextMutation:
    return _values(text, luck, lambda values: [*values, "  extra"], Aspect.LABEL_MISSING)


def _drop_value(text: str, luck: random.Random) -> TextMutation | None:
    mutation = _values(text, luck, lambda values: values[:-1], Aspect.LABEL_EXTRA)
    return mutation if "@default(" + _last_value(text, mutation) + ")" not in text else None


def _last_value(text: str, mutation: TextMutation) -> str:
    enum = next(found for found in ENUM.finditer(text) if _table(found[2]) == mutation.target)
    return [line.strip() for line in enum[2].split("\n") if line.strip() and "@@" not in line][-1]


def _reorder_values(text: str, luck: random.Random) -> TextMutation:
    return _values(text, luck, lambda values: values[::-1], Aspect.LABEL_ORDER)


_MAKERS: Final[tuple[Callable[[str, random.Random], TextMutation | None], ...]] = (
    _drop_field,
    _add_field,
    _rename_field,
    _retype_field,
    _change_optional,
    _change_default,
    _drop_index,
    _drop_unique,
    _change_action,
    _add_model,
    _add_value,
    _drop_value,
    _reorder_values,
)
