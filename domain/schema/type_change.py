"""What another type of a column means to those who read it in the old one."""

import re
from typing import Final

_WITH_LENGTH: Final = re.compile(
    r"(?P<name>text|character varying|bit varying|numeric|timestamp|time|interval)"
    r"(?:\((?P<limit>\d+)(?:,-?\d+)?\))?(?P<rest>(?: with(?:out)? time zone)?(?:\[\])?)"
)


def is_wire_compatible(before: str, after: str) -> bool:
    """Say whether values of both types are written and read alike, so that only their length or fineness differs."""
    one, other = _WITH_LENGTH.fullmatch(before), _WITH_LENGTH.fullmatch(after)
    return one is not None and other is not None and _family(one) == _family(other)


def is_widening(before: str, after: str) -> bool:
    """Say whether a text of the old type fits the new one: nobody who reads or writes it can tell them apart."""
    one, other = _WITH_LENGTH.fullmatch(before), _WITH_LENGTH.fullmatch(after)
    if one is None or other is None or _family(one) != _family(other) or _family(one)[0] != "text":
        return False
    return other["limit"] is None or (one["limit"] is not None and int(one["limit"]) <= int(other["limit"]))


def _family(found: re.Match[str]) -> tuple[str, str]:
    name = "text" if found["name"] == "character varying" else found["name"]
    return name, found["rest"]
