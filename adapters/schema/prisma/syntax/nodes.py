"""Model the text of a schema.prisma, line by line, with comments, blank lines and positions."""

from enum import Enum
from typing import TypeAlias

from attrs import field, frozen

from strongroom.adapters.schema.prisma.syntax.errors import Position

NOWHERE = Position("", 0, 0)


class Arity(Enum):
    """How many values a field holds."""

    REQUIRED = ""
    OPTIONAL = "?"
    LIST = "[]"


@frozen
class Text:
    """A string between quotes, its escapes resolved; ``written`` is what stands between them, where it was read."""

    value: str
    written: str | None = field(default=None, eq=False, repr=False)
    position: Position = field(default=NOWHERE, eq=False, repr=False, kw_only=True)


@frozen
class Number:
    """A number as it is written, so that 1.50 stays 1.50."""

    text: str
    position: Position = field(default=NOWHERE, eq=False, repr=False, kw_only=True)


@frozen
class Constant:
    """A word, with dots where it is a path: the name of a field, true, false, an enum's value, Cascade."""

    name: str
    position: Position = field(default=NOWHERE, eq=False, repr=False, kw_only=True)


@frozen
class Call:
    """A function with its arguments: now(), dbgenerated("x"), title(sort: Desc)."""

    name: str
    arguments: tuple["Argument", ...] = ()
    position: Position = field(default=NOWHERE, eq=False, repr=False, kw_only=True)

    def argument(self, name: str) -> "Expression | None":
        """Return the value given by that name, or None."""
        return next((argument.value for argument in self.arguments if argument.name == name), None)


@frozen
class List:
    """Expressions between square brackets."""

    items: tuple["Expression", ...] = ()
    position: Position = field(default=NOWHERE, eq=False, repr=False, kw_only=True)


@frozen
class Object:
    """Names and expressions between braces, as the condition of a partial index is written."""

    entries: tuple[tuple[str, "Expression"], ...] = ()
    position: Position = field(default=NOWHERE, eq=False, repr=False, kw_only=True)


Expression: TypeAlias = Text | Number | Constant | Call | List | Object


@frozen
class Argument:
    """An argument of an attribute or a function; one without a name stands by its place."""

    name: str | None
    value: Expression
    position: Position = field(default=NOWHERE, eq=False, repr=False, kw_only=True)


@frozen
class Attribute:
    """An attribute of a field or, with two at signs, of a block; arguments are None where no parenthesis stands."""

    name: str
    arguments: tuple[Argument, ...] | None = None
    position: Position = field(default=NOWHERE, eq=False, repr=False, kw_only=True)


@frozen
class TypeReference:
    """The type of a field: a name, or what Prisma leaves to the database within Unsupported("…")."""

    name: str
    arity: Arity = Arity.REQUIRED
    unsupported: bool = False
    position: Position = field(default=NOWHERE, eq=False, repr=False, kw_only=True)


@frozen
class Comment:
    """A comment: from two or three slashes to the end of the line, or between a slash and a star on both sides."""

    text: str
    position: Position = field(default=NOWHERE, eq=False, repr=False, kw_only=True)

    @property
    def documents(self) -> bool:
        """Whether it belongs to what follows it, or to what stands before it on its line: two slashes never do."""
        return self.text.startswith(("///", "/*"))

    @property
    def content(self) -> str:
        """The text of the comment, without its delimiters, leading stars and empty lines."""
        if self.text.startswith("/*"):
            return "\n".join(self.starred)
        return self.text[3 if self.documents else 2 :].lstrip()

    @property
    def starred(self) -> list[str]:
        """The lines between slash and star on both sides that say something, without their own stars."""
        lines = [line.strip() for line in self.text[2:-2].splitlines()]
        said = [line[1:].lstrip() if line.startswith("*") else line for line in lines]
        return [line for line in said if line]


@frozen
class Blank:
    """An empty line."""

    position: Position = field(default=NOWHERE, eq=False, repr=False, kw_only=True)


@frozen
class FieldLine:
    """A line that declares a field of a model, a view or a type."""

    name: str
    type: TypeReference
    attributes: tuple[Attribute, ...] = ()
    comment: Comment | None = None
    position: Position = field(default=NOWHERE, eq=False, repr=False, kw_only=True)


@frozen
class ValueLine:
    """A line that declares a value of an enum."""

    name: str
    attributes: tuple[Attribute, ...] = ()
    comment: Comment | None = None
    position: Position = field(default=NOWHERE, eq=False, repr=False, kw_only=True)


@frozen
class AttributeLine:
    """A line that holds an attribute of its block."""

    attribute: Attribute
    comment: Comment | None = None
    position: Position = field(default=NOWHERE, eq=False, repr=False, kw_only=True)


@frozen
class SettingLine:
    """A line of a generator or a datasource: a name and its value."""

    name: str
    value: Expression
    comment: Comment | None = None
    position: Position = field(default=NOWHERE, eq=False, repr=False, kw_only=True)


Line: TypeAlias = FieldLine | ValueLine | AttributeLine | SettingLine | Comment | Blank


class BlockKind(Enum):
    """The word that a block begins with."""

    MODEL = "model"
    VIEW = "view"
    TYPE = "type"
    ENUM = "enum"
    DATASOURCE = "datasource"
    GENERATOR = "generator"


@frozen
class Block:
    """A block: its kind, its name and its lines; a comment may stand beside the opening brace."""

    kind: BlockKind
    name: str
    lines: tuple[Line, ...] = ()
    comment: Comment | None = None
    position: Position = field(default=NOWHERE, eq=False, repr=False, kw_only=True)


@frozen
class Document:
    """A file: its blocks with the comments and the empty lines between them."""

    items: tuple[Block | Comment | Blank, ...] = ()
    file: str = field(default="schema.prisma", eq=False)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks in the order of the file."""
        return tuple(item for item in self.items if isinstance(item, Block))
