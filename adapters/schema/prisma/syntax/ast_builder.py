"""Makes syntax of what the grammar found."""

import re
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from typing import Any, TypeVar

from lark import Token, Transformer

from strongroom.adapters.schema.prisma.syntax.errors import Position, PrismaSchemaError, SchemaProblem

from .nodes import (
    Argument,
    Arity,
    Attribute,
    AttributeLine,
    Blank,
    Block,
    BlockKind,
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

T = TypeVar("T")
FILE: ContextVar[str] = ContextVar("file")
ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
ESCAPED = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
MARKERS = {(): Arity.REQUIRED, ("?",): Arity.OPTIONAL, ("[]",): Arity.LIST}


class AstBuilder(Transformer[Token, Document]):
    """Turns the grammar's rules into syntax as they are found, each with its place in the file that ``FILE`` names."""

    def start(self, children: list[tuple[Block, int] | Comment]) -> Document:
        ends = [child[1] if isinstance(child, tuple) else _last_line(child) for child in children]
        items = [child[0] if isinstance(child, tuple) else child for child in children]
        return Document(tuple(_with_blank_lines(items, ends)), FILE.get())

    def model(self, children: list[Any]) -> tuple[Block, int]:
        keyword, name, *lines, end = children
        beside = (
            lines.pop(0) if lines and isinstance(lines[0], Comment) and lines[0].position.line == name.line else None
        )
        written = tuple(_with_blank_lines(lines, [_last_line(line) for line in lines]))
        return Block(BlockKind(keyword), self._plain(name), written, beside, position=self._at(keyword)), end.line

    enum = model
    config = model

    def field(self, children: list[Any]) -> FieldLine:
        name, *rest = children
        type_ = _first_of_type(rest, TypeReference)
        if type_ is None:
            raise self._wrong(name, f"The field {name} has no type.", "Write one after its name, as in: id Int @id")
        return FieldLine(
            self._plain(name),
            type_,
            _all_of_type(rest, Attribute),
            _first_of_type(rest, Comment),
            position=self._at(name),
        )

    def enum_value(self, children: list[Any]) -> ValueLine:
        name, *rest = children
        return ValueLine(
            self._plain(name), _all_of_type(rest, Attribute), _first_of_type(rest, Comment), position=self._at(name)
        )

    def setting(self, children: list[Any]) -> SettingLine:
        name, value, *rest = children
        return SettingLine(self._plain(name), value, _first_of_type(rest, Comment), position=self._at(name))

    def attribute(self, children: list[Any]) -> Attribute:
        sign, *rest = children
        return Attribute(sign.lstrip("@ \t"), _first_of_type(rest, tuple), position=self._at(sign))

    def block_attribute(self, children: list[Any]) -> AttributeLine:
        return AttributeLine(
            self.attribute(children), _first_of_type(children, Comment), position=self._at(children[0])
        )

    def arguments(self, children: list[Argument]) -> tuple[Argument, ...]:
        return tuple(children)

    def named_argument(self, children: list[Any]) -> Argument:
        name, value = children
        return Argument(self._plain(name), value, position=self._at(name))

    def positional_argument(self, children: list[Any]) -> Argument:
        (value,) = children
        return Argument(None, value, position=value.position)

    def field_type(self, children: list[Any]) -> TypeReference:
        base, *markers = children
        arity = MARKERS.get(tuple(markers))
        if arity is None:
            raise self._wrong(
                markers[-1], "A list cannot be optional.", "Write [] alone: an empty list stands for none."
            )
        if isinstance(base, Text):
            return TypeReference(base.value, arity, unsupported=True, position=base.position)
        return TypeReference(self._plain(base), arity, position=self._at(base))

    def unsupported(self, children: list[Any]) -> Text:
        word, text = children
        return Text(text.value, text.written, position=self._at(word))

    def call(self, children: list[Any]) -> Call:
        path, arguments = children
        return Call(str(path), arguments, position=self._at(path))

    def array(self, children: list[Any]) -> List:
        bracket, *items = children
        return List(tuple(items), position=self._at(bracket))

    def condition(self, children: list[Any]) -> Object:
        brace, *entries, _ = children
        return Object(tuple(entries), position=self._at(brace))

    def entry(self, children: list[Any]) -> tuple[str, Expression]:
        name, value = children
        return self._plain(name), value

    def number(self, children: list[Token]) -> Number:
        return Number(str(children[0]), position=self._at(children[0]))

    def string(self, children: list[Token]) -> Text:
        return Text(self._unescaped(children[0]), str(children[0][1:-1]), position=self._at(children[0]))

    def constant(self, children: list[Token]) -> Constant:
        return Constant(str(children[0]), position=self._at(children[0]))

    def comment(self, children: list[Token]) -> Comment:
        return Comment(str(children[0]), position=self._at(children[0]))

    def _at(self, token: Token) -> Position:
        return Position(FILE.get(), token.line or 0, token.column or 0)

    def _plain(self, token: Token) -> str:
        if "." in token:
            raise self._wrong(token, f"{token} is not a name: it holds a dot.", "Use letters, digits and underscores.")
        return str(token)

    def _unescaped(self, token: Token) -> str:
        def resolve(match: re.Match[str]) -> str:
            if match[1]:
                return chr(int(match[1], 16))
            if match[2] not in ESCAPED:
                raise self._wrong(token, f"{match[0]} is no escape sequence.", "A backslash itself is written twice.")
            return ESCAPED[match[2]]

        text = ESCAPE.sub(resolve, token[1:-1])
        if "\x00" in text:
            raise self._wrong(token, "The character U+0000 is escaped.", "PostgreSQL holds no text with it; remove it.")
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            raise self._wrong(
                token, "Half a character is escaped.", "Escape both halves, or write it as it is."
            ) from None

    def _wrong(self, token: Token, message: str, remedy: str) -> PrismaSchemaError:
        return PrismaSchemaError([SchemaProblem(self._at(token), message, remedy)])


def _with_blank_lines(items: Sequence[Any], ends: Sequence[int]) -> Iterator[Any]:
    """Yield what stands there with a blank line where some are; a block has one after it unless its line goes on."""
    for number, item in enumerate(items):
        gap = item.position.line - ends[number - 1] if number else 0
        if gap > 1 or (gap and isinstance(items[number - 1], Block)):
            yield Blank()
        yield item


def _last_line(line: Line) -> int:
    """Return the line that something ends on; only comments go on over several."""
    comment = line if isinstance(line, Comment) else getattr(line, "comment", None)
    return line.position.line + (comment.text.count("\n") if comment else 0)


def _all_of_type(parts: Sequence[Any], kind: type[T]) -> tuple[T, ...]:
    return tuple(part for part in parts if isinstance(part, kind))


def _first_of_type(parts: Sequence[Any], kind: type[T]) -> T | None:
    return next((part for part in parts if isinstance(part, kind)), None)
