"""Former names of public functions and methods are understood for one release, with a warning."""

import pytest

from strongroom import MemoryStorage
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.ports.criteria import among, in_
from strongroom.ports.repository import RENAMED

REPOSITORIES = [table.repository for table in PLATFORM.entities]


def test_among_warns_and_makes_the_same_filter():
    """``among`` is ``in_``, and says so."""
    with pytest.warns(DeprecationWarning, match="in_"):
        assert among("id") == in_("id")


@pytest.mark.parametrize(("former", "now"), RENAMED.items())
def test_a_renamed_method_warns_and_is_the_new_one(former, now):
    """A repository's method answers to its former name, with a DeprecationWarning."""
    storage = MemoryStorage()
    having = [one for one in (getattr(storage, name) for name in REPOSITORIES) if hasattr(type(one), now)]
    assert having
    for repository in having:
        with pytest.warns(DeprecationWarning, match=now):
            assert getattr(repository, former) == getattr(repository, now)


def test_another_name_is_an_attribute_error():
    """A name that no method ever had raises AttributeError without a warning."""
    with pytest.raises(AttributeError, match="'unheard_of'"):
        MemoryStorage().users.unheard_of  # noqa: B018 - reading the attribute is the test
