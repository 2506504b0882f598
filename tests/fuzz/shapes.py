"""Hostile shapes of texts, by parser: each takes a size in characters, and the parser has to be done in linear time."""

from collections.abc import Callable
from typing import Final

Shape = Callable[[int], str]
HEAD: Final = "model a {\n  id Int @id\n"


def repeated(unit: str, before: str = "", after: str = "") -> Shape:
    """Return the shape that repeats a unit."""
    return lambda size: before + unit * (size // len(unit)) + after


def numbered(unit: str, before: str = "", after: str = "") -> Shape:
    """Return the shape that repeats a unit with a number in it."""
    return lambda size: before + "".join(unit.format(number) for number in range(size // (len(unit) + 2))) + after


def nested(opening: str, closing: str, before: str = "", after: str = "") -> Shape:
    """Return the shape that opens brackets, and closes them."""

    def shape(size: int) -> str:
        count = size // (len(opening) + len(closing) or 1)
        return before + opening * count + closing * count + after

    return shape


SHAPES: Final[dict[str, dict[str, Shape]]] = {
    "sql": {
        "dollar quotes that nothing closes": numbered("$a{}$ "),
        "short statements": repeated("a;"),
        "escape strings": repeated("e'\\'"),
        "continued strings": repeated("E''\n'\\'\n"),
        "comments that nothing closes": repeated("/*"),
        "comments within comments": nested("/*", "*/"),
        "doubled quotes": repeated("''", "'"),
        "parentheses": repeated("("),
        "operators": repeated("+-"),
        "operators and comments": repeated("+/**/"),
        "words": repeated("begin atomic "),
        "bodies": repeated("create function f() begin atomic case "),
        "one long word": repeated("x"),
        "lines": repeated("\n", after="x"),
    },
    "migration": {
        "headers": numbered("-- requires: pg/{}\n"),
        "blanks in a header": repeated(" ", "-- requires:", "\x0bx\n"),
        "commas": repeated(",", "-- requires: "),
        "statements": repeated("select 1;\n"),
    },
    "foreign_history": {"types": repeated("ALTER TYPE "), "extensions": repeated("CREATE EXTENSION ")},
    "prisma": {
        "brackets": nested("[", "]", HEAD + " a Int[] @default(", ")\n}"),
        "calls": nested("f(", ")", HEAD + " a Int @default(", ")\n}"),
        "braces": repeated("{", "model a "),
        "a comment": repeated("x", "//"),
        "comments": repeated("//\n", HEAD, "}"),
        "comments that nothing closes": repeated("/*"),
        "a string": repeated("x", HEAD + ' a Int @map("', '")\n}'),
        "a string of escapes": repeated('\\"', HEAD + ' a Int @map("'),
        "a number": repeated("9", HEAD + " a Int @default(", ")\n}"),
        "a native number": repeated("9", HEAD + " a Decimal @db.Decimal(", ", 1)\n}"),
        "numbers": repeated("1,", HEAD + " a Int[] @default([", "1])\n}"),
        "models": numbered("model m{} {{\n  id Int @id\n}}\n"),
        "fields": numbered("  f{} Int\n", HEAD, "}"),
        "relations": numbered("  r{} b[]\n", HEAD, "}\nmodel b {\n  id Int @id\n}"),
        "fields of one name": repeated("  f Int\n", HEAD, "}"),
        "an enumeration": numbered("  v{}\n", "enum e {\n", "}"),
        "a path": repeated("a.", "model "),
        "blank lines": repeated("\n"),
    },
    "contract": {
        "brackets": nested("[", "]", "x = "),
        "tables in tables": nested("{a=", "}", "x = "),
        "a dotted key": repeated("a.", after="a = 1"),
        "dotted keys": repeated("a." * 90 + "a = 1\n"),
        "a number": repeated("9", "x = "),
        "unknown keys": numbered("k{} = 1\n"),
        "sides": numbered("[sides.s{}]\n"),
        "a header that nothing closes": repeated(" ", "["),
        "patterns": numbered('"t{}_*",', '[sides.a]\nrole = "a"\n[owners.a]\ntables = [', "]"),
        "stars": repeated("*a", '[sides.a]\nrole = "a"\n[owners.a]\ntables = ["', '"]'),
        "escapes": repeated('\\"', 'x = "['),
        "changes": repeated("[[changes]]\n"),
    },
    "json_entities": {
        "brackets": repeated("["),
        "lists": repeated("[],", "[", "1]"),
        "objects": nested('{"a":', "}", after="\n"),
        "a number": repeated("9", '{"id": ', "}"),
        "an exponent": lambda _: '{"id": 1e99999999999999999999}',
        "a string": repeated("x", '{"id": "', '"}'),
        "escapes": repeated("\\\\", '{"id": "' + "[" * 200, '"}'),
        "keys": numbered('"k{}":1,', "{", '"a":1}'),
        "lines": repeated("{}\n"),
    },
    "csv_entities": {
        "unknown columns": numbered("c{},", after="x\n"),
        "one column, repeated": repeated("id,", after="id\n"),
        "a quote that nothing closes": repeated("x\n", 'coin_id,links\n1,"'),
        "quotes": repeated('"', "coin_id,links\n"),
        "a number": repeated("9", "coin_id,market_cap_usd\n"),
        "brackets": repeated("[", 'coin_id,links\n1,"'),
        "escapes": repeated("\\\\", "coin_id,description\n1,"),
        "empty rows": repeated(",\n", "coin_id,links\n"),
    },
    "ethereum_etl": {
        "topics": repeated("a,", "topics,log_index\n1,"),
        "a number": repeated("9", '{"log_index": ', "}"),
        "brackets": repeated("[", '{"topics": '),
    },
    "prices": {"coins": numbered("c{},", "at,", "x\n2026-01-01"), "prices": repeated("1e9,", "at,a\n2026-01-01,")},
    "documents": {
        "brackets": repeated("[", '{"tokens": '),
        "tokens": repeated('{"chainId":1},', '{"tokens":['),
        "coins": numbered('"ethereum:{}":1,', '{"coins":{', '"a":1}}'),
        "numbers": repeated("9", '{"data":[{"apy":'),
    },
    "minutes": {
        "ticks": repeated("9", "timestamp,closeTick\n2026-01-01,"),
        "rows": repeated("2026-01-01,1\n", "timestamp,closeTick\n"),
    },
    "log_data": {"zeros": repeated("0", "0x"), "letters": repeated("f", "0x")},
    "manifest": {"brackets": repeated("["), "files": repeated('{"file":"a"},', '{"format":"csv","files":[')},
    "baseline": {"brackets": repeated("["), "findings": numbered('"f{}":"r",', "{", '"a":"r"}')},
    "address": {
        "a user": repeated("a", "postgresql://", "@h/d"),
        "at signs": repeated("@", "postgresql://u:", "h/d"),
        "parameters": numbered("a{}=1&", "postgresql://h/d?"),
        "hosts": repeated("h,", "postgresql://", "/d"),
        "percent signs": repeated("%", "postgresql://u:", "@h/d"),
        "schemes": repeated("a://"),
    },
    "variables": {"digits": repeated("9"), "letters": repeated("a")},
    "safe_text": {
        "schemes": repeated("a://"),
        "letters": repeated("a"),
        "an open address": repeated("a", "x://u:"),
        "passwords": repeated("password="),
        "blanks": repeated(" ", "password"),
        "parameters": repeated("?a", "x://h/"),
        "addresses": repeated("x://u:p@h "),
    },
    "same_default": {
        "pairs of quotes": repeated('""', "'a'::", "!"),
        "casts": repeated("::a", "'a'", "!"),
        "casts of a list": repeated("::a", "ARRAY[]", "!"),
        "elements": repeated("'a'::text,", "ARRAY[", "!"),
        "blanks in a cast": repeated("a ", "ARRAY['b'::", "!]"),
        "doubled quotes": repeated("''", "'"),
        "written elements": repeated('"\\\\",', "'{", "'"),
        "digits": repeated("9"),
        "brackets": repeated("[", "'", "'"),
    },
    "minute_pool": {"digits": repeated("9", "0x" + "1" * 40 + ":A:"), "colons": repeated(":")},
}
"""What a reader of another project took minutes, gigabytes or an untyped error for, or could have."""

SMALLER: Final = {
    **dict.fromkeys((("prisma", shape) for shape in SHAPES["prisma"] if shape != "relations"), 10_000),
    ("csv_entities", "empty rows"): 10_000,
    ("json_entities", "lines"): 10_000,
    ("contract", "patterns"): 20_000,
    ("minutes", "rows"): 20_000,
}
"""The sizes of shapes that have work to do for every few characters."""
