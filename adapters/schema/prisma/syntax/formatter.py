"""Prints the syntax of a schema as Prisma's own formatter does: columns aligned, attributes in one order."""

import json
from collections.abc import Iterable, Iterator, Sequence

from .nodes import (
    Argument,
    Attribute,
    AttributeLine,
    Blank,
    Block,
    Call,
    Comment,
    Constant,
    Document,
    Expression,
    FieldLine,
    Line,
    List,
    Number,
    Object,
    SettingLine,
    Text,
    TypeReference,
    ValueLine,
)

INDENT = "  "
ORDER = ("id", "unique", "default", "updatedAt", "index", "fulltext", "map", "relation", "ignore")
Row = tuple[tuple[str, ...], str]


def format_document(document: Document) -> str:
    """Return the text of a document, a line feed at its end."""
    lines: list[str] = []
    for item in document.items:
        if isinstance(item, Block):
            lines += _block(item)
        elif isinstance(item, Comment):
            lines += _align_rows(_comment(item))
        else:
            lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def format_expression(expression: Expression) -> str:
    """Return an expression as it is written; a string keeps the escapes that it was read with."""
    match expression:
        case Text(value=value, written=written):
            return f'"{written}"' if written is not None else json.dumps(value, ensure_ascii=False)
        case Number(text=text):
            return text
        case Constant(name=name):
            return name
        case Call(name=name, arguments=arguments):
            return f"{name}({_arguments(arguments)})"
        case List(items=items):
            return f"[{', '.join(map(format_expression, items))}]"
        case Object(entries=entries):
            return f"{{ {', '.join(f'{name}: {format_expression(value)}' for name, value in entries)} }}"


def _block(block: Block) -> Iterator[str]:
    """Yield the lines of a block: its attributes come last, after an empty line, each with the comments before it."""
    yield f"{block.kind.value} {block.name} {{"
    attributes: list[tuple[list[Comment], AttributeLine]] = []
    rows: list[Row] = []
    for gap, comments, line in _parts(block.lines):
        if isinstance(line, AttributeLine):
            attributes.append((comments, line))
            continue
        if gap:
            yield from _align_rows(rows, INDENT)
            rows = [((), "")]
        rows += [row for comment in comments for row in _comment(comment)]
        rows += [_row(line)] if line else []
    yield from _align_rows(rows, INDENT)
    rows = [((), "")] if attributes else []
    for comments, line in sorted(attributes, key=lambda pair: _attribute_order(pair[1].attribute)):
        rows += [row for comment in comments for row in _comment(comment)] + [_row(line)]
    yield from _align_rows(rows, INDENT)
    yield "}"


def _parts(lines: Sequence[Line]) -> Iterator[tuple[bool, list[Comment], Line | None]]:
    """Yield each line with the comments right before it, and whether an empty line precedes both.

    Comments that an empty line cuts off from what follows, or that end the block, come alone, without a line.
    """
    gap, comments, begun = False, list[Comment](), False
    for line in lines:
        if isinstance(line, Blank):
            if comments:
                yield gap, comments, None
                comments, begun = [], True
            gap = begun
        elif isinstance(line, Comment):
            comments.append(line)
        else:
            yield gap, comments, line
            gap, comments, begun = False, [], True
    if comments:
        yield gap, comments, None


def _row(line: Line) -> Row:
    match line:
        case FieldLine(name=name, type=type_, attributes=attributes, comment=comment):
            shown = " ".join(map(_attribute, sorted(attributes, key=_attribute_order)))
            return (name, _type(type_), shown), _trailing_comment(comment)
        case ValueLine(name=name, attributes=attributes, comment=comment):
            return (name, "".join(map(_attribute, attributes))), _trailing_comment(comment)
        case SettingLine(name=name, value=value, comment=comment):
            return (name, f"= {format_expression(value)}"), _trailing_comment(comment)
        case AttributeLine(attribute=attribute, comment=comment):
            return (f"@{_attribute(attribute)}",), _trailing_comment(comment)
    raise TypeError(line)


def _comment(comment: Comment) -> list[Row]:
    if not comment.text.startswith("/*"):
        return [((), comment.text)]
    return [((), text) for text in ("/**", *(f" * {line}" for line in comment.starred), " */")]


def _align_rows(rows: Iterable[Row], indent: str = "") -> Iterator[str]:
    """Yield the rows as lines, each column as wide as its widest cell, what stands beside it one space after."""
    kept = [(_trim_cells(cells), beside) for cells, beside in rows]
    widths = [0] * max((len(cells) for cells, _ in kept), default=0)
    for cells, _ in kept:
        for column, cell in enumerate(cells):
            widths[column] = max(widths[column], len(cell.encode()))
    for cells, beside in kept:
        padded = [cell + " " * (widths[column] - len(cell.encode()) + 1) for column, cell in enumerate(cells[:-1])]
        text = "".join([*padded, *cells[-1:]])
        line = f"{text} {beside}" if text and beside else text or beside
        yield indent + line if line else ""


def _trim_cells(cells: Sequence[str]) -> Sequence[str]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells


def _type(type_: TypeReference) -> str:
    name = f"Unsupported({json.dumps(type_.name, ensure_ascii=False)})" if type_.unsupported else type_.name
    return name + type_.arity.value


def _attribute(attribute: Attribute) -> str:
    shown = "" if attribute.arguments is None else f"({_arguments(attribute.arguments)})"
    return f"@{attribute.name}{shown}"


def _arguments(arguments: Iterable[Argument]) -> str:
    return ", ".join(
        f"{argument.name}: {format_expression(argument.value)}" if argument.name else format_expression(argument.value)
        for argument in arguments
    )


def _trailing_comment(comment: Comment | None) -> str:
    return comment.text if comment else ""


def _attribute_order(attribute: Attribute) -> int:
    return ORDER.index(attribute.name) if attribute.name in ORDER else len(ORDER)
