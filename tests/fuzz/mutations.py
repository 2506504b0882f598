"""Random changes of texts, the same for the same seed."""

import random
from collections.abc import Sequence
from typing import Final

LONGEST: Final = 20_000
ODD: Final = ("\0", "\ufeff", "\u2028", "\xa0", "é", "\U0001f600", "\r\n", "\t", " ", "-", "0", "9", "_", "%")


def mutated(text: str, words: Sequence[str], luck: random.Random) -> str:
    """Return a text with a few random changes: pieces removed, doubled, moved or repeated, and words put in."""
    for _ in range(luck.randint(1, 6)):
        at, other = (luck.randint(0, len(text)) for _ in range(2))
        start, end = min(at, other), min(max(at, other), min(at, other) + luck.choice((1, 5, 50, 500)))
        word = luck.choice(words if luck.random() < 0.8 else ODD)
        match luck.randrange(7):
            case 0:
                text = text[:start] + text[end:]
            case 1:
                text = text[:end] + text[start:]
            case 2:
                text = text[:start] + word + text[start:]
            case 3:
                text = text[:start] + word * luck.choice((2, 3, 10, 100)) + text[end:]
            case 4:
                text = text[:start] + text[start:end] * luck.choice((2, 10, 50)) + text[end:]
            case 5:
                text = text[:at] + text[start:end] + text[at:]
            case _:
                text = text[:start] + luck.choice(words) + text[start:end] + word + text[end:]
        text = text[:LONGEST]
    return text


def made_of(words: Sequence[str], luck: random.Random) -> str:
    """Return a text that is made of words alone."""
    return "".join(luck.choice(words) for _ in range(luck.choice((1, 3, 10, 30, 100))))[:LONGEST]
