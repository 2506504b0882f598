"""Make an adapter's repository classes: of each table its port, over what the adapter does for every table."""

from importlib import import_module
from types import FunctionType
from typing import Any, Final, cast

from strongroom.ports.errors import ModelInvalid

from .model import Model
from .table import Table


def make_repositories(model: Model, adapter: str, base: type[Any], read_only: type[Any]) -> dict[str, type[Any]]:
    """Return the repository class of every table, by its attribute of the storage.

    ``adapter`` is the field of a table that names a class of the adapter's own (memory or postgres), for what a port
    does not write out; ``base``, or ``read_only`` for a view, does all else. Raises ModelInvalid.
    """
    return {
        table.repository: _make_repository(table, adapter, read_only if table.materialized else base)
        for table in model.entities
    }


def _make_repository(table: Table, adapter: str, base: type[Any]) -> type[Any]:
    port = cast("type[Any]", table.port)
    path: str | None = getattr(table, adapter)
    own = _load(table, path) if path else None
    if own is None:
        missing = [name for name, member in vars(port).items() if _is_stub(member)]
        if missing:
            message = (
                f"{port.__name__}.{missing[0]} has no body: write it by the methods that every repository has, or name "
                f'the class that does it with declare(…, {adapter}="module:Class")'
            )
            raise ModelInvalid(message)
    if own is not None and getattr(own, "table", None) is table:
        return own
    name = f"{adapter.capitalize()}{port.__name__}"
    return cast("type[Any]", type(name, (own,) if own is not None else (base, port), {"table": table}))


def _load(table: Table, path: str) -> type[Any]:
    module, _, name = path.partition(":")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        message = f"{table.label}: the repository's class {path} cannot be imported: {error}"
        raise ModelInvalid(message) from error
    return cast("type[Any]", found)


async def _awaited() -> None: ...


async def _awaited_documented() -> None:
    """Do nothing."""


def _plain() -> None: ...


def _plain_documented() -> None:
    """Do nothing."""


_STUBS: Final = frozenset(one.__code__.co_code for one in (_awaited, _awaited_documented, _plain, _plain_documented))
"""The bytecode of a method without a body, with a docstring and without."""


def _is_stub(member: Any) -> bool:
    """Say whether a member of a port is a method without a body, which would return None whatever is asked."""
    return isinstance(member, FunctionType) and member.__code__.co_code in _STUBS
