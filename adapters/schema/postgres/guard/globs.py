"""Globs of a contract as regular expressions of PostgreSQL."""

from typing import Final

_NOTHING: Final = "(?!.*)"


def glob_regex(glob: str) -> str:
    """Return the regular expression of PostgreSQL that matches what ``fnmatch.fnmatchcase`` matches with a glob.

    Compare with the operator ``~`` under the collation "C", where a range is one of code points.
    """
    parts: list[str] = []
    at = 0
    while at < len(glob):
        character = glob[at]
        at += 1
        if character == "*":
            parts.append(".*")
        elif character == "?":
            parts.append(".")
        elif character == "[" and (end := _end_of_set(glob, at)) is not None:
            parts.append(_set(glob[at:end]))
            at = end + 1
        else:
            parts.append(_escaped(character))
    return f"^{''.join(parts)}$"


def _end_of_set(glob: str, start: int) -> int | None:
    """Return where the bracket closes that was opened before ``start``, or None: the bracket is then a character."""
    after = start + glob.startswith("!", start)
    after += glob.startswith("]", after)
    end = glob.find("]", after)
    return None if end < 0 else end


def _set(members: str) -> str:
    negated = members.startswith("!")
    rest = members[1:] if negated else members
    parts: list[str] = []
    at = 0
    while at < len(rest):
        if rest[at + 1 : at + 2] == "-" and at + 2 < len(rest):
            first, last = rest[at], rest[at + 2]
            parts += [f"{_escaped(first)}-{_escaped(last)}"] if first <= last else []
            at += 3
        else:
            parts.append(_escaped(rest[at]))
            at += 1
    if not parts:
        return "." if negated else _NOTHING
    return f"[{'^' if negated else ''}{''.join(parts)}]"


def _escaped(character: str) -> str:
    """Return a character that means itself, inside brackets as well."""
    if character.isascii() and character.isalnum():
        return character
    return f"\\U{ord(character):08x}"
