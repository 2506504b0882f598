"""Code that is generated shows its lines in tracebacks."""

import traceback

import pytest

from strongroom.adapters.mapping.hydration import compile_hydrator
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.postgres.encoding import compile_encoder
from strongroom.domain.pricing.price import Price


def test_a_traceback_shows_the_line_of_a_hydrator() -> None:
    """A row that cannot be unpacked is shown with the generated line that unpacks it."""
    with pytest.raises(ValueError, match="not enough values") as caught:
        compile_hydrator(Price)([])
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert last.filename == "<strongroom hydrator of Price>"
    assert last.line.endswith(" = row")


def test_a_traceback_shows_the_line_of_an_encoder() -> None:
    """An entity that is none is refused at a line of the encoder of its table."""
    with pytest.raises(Exception, match=r".") as caught:
        compile_encoder(PLATFORM.tables[0])(object())
    frames = traceback.extract_tb(caught.value.__traceback__)
    [frame] = [one for one in frames if one.filename.startswith("<strongroom encoder of ")]
    assert frame.line == "check(e)"
