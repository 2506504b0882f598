"""Valid entities of any table, made from its declaration alone: no two share a value of a unique key."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, Final

import attrs
import base58

from strongroom.adapters.mapping.columns import Column
from strongroom.adapters.mapping.model import Model
from strongroom.adapters.mapping.table import Table
from strongroom.domain.errors import InvalidValue
from strongroom.domain.transactions.subscription_transaction import SubscriptionTransaction
from strongroom.domain.values.field_types import (
    AnyAddress,
    Base58,
    Boolean,
    Bytes,
    Date,
    EnumMember,
    FieldType,
    FixedPoint,
    Hex,
    Integer,
    JsonObject,
    Timestamp,
    Uuid,
)

from .model_under_test import model_under_test
from .values import numbered_uuid

START_TIME: Final = datetime(2026, 2, 1, 8, tzinfo=UTC)
ATTEMPTS: Final = 500


def _fresh_text(_kind: Any, number: int) -> str:
    return f"text-{number}"


def _fresh_number(kind: Integer, number: int) -> int:
    least = max(kind.low, 1)
    return least + number % (kind.high - least + 1)


_FRESH_VALUES: Final[dict[type, Callable[[Any, int], Any]]] = {
    Hex: lambda kind, number: f"0x{number:0{2 * kind.size}x}",
    AnyAddress: lambda _, number: f"0x{number:040x}",
    Base58: lambda kind, number: base58.b58encode(number.to_bytes(kind.size, "big")).decode(),
    Integer: _fresh_number,
    FixedPoint: lambda _, number: Decimal(number % 1000),
    Timestamp: lambda _, number: START_TIME + timedelta(minutes=number),
    Date: lambda _, number: START_TIME.date() + timedelta(days=number),
    Uuid: lambda _, number: numbered_uuid(number, realm=77),
    EnumMember: lambda kind, number: list(kind.enum)[number % len(kind.enum)],
    Boolean: lambda _, number: number % 2 == 0,
    Bytes: lambda _, number: number.to_bytes(8, "big"),
    JsonObject: lambda _, number: {"number": number},
}


def can_change(table: Table) -> bool:
    """Return whether a row can be changed: False if it is never updated, or has only key columns."""
    return not table.immutable and bool(_changeable_columns(table))


def _changeable_columns(table: Table) -> list[Column]:
    """Return the columns that can be changed alone: those of no key, or else those of no primary or foreign key."""
    fixed = {*table.key, *table.bookkeeping, *(name for key in table.foreign_keys for name in key.fields)}
    unique = {name for key in table.uniques for name in key.fields}
    free = [column for column in table.columns if column.name not in fixed]
    return [column for column in free if column.name not in unique] or free


class World:
    """Make entities, and store the rows that they refer to; numbers start again with each world.

    The tables are those of the model that is given, else the storage's, else those that the session tests.
    """

    def __init__(self, storage: Any, model: Model | None = None) -> None:
        self.storage = storage
        self.model: Model = model or getattr(storage, "model", None) or model_under_test()
        self._numbers = count(1)
        self._random = random.Random(20240201)

    def repository(self, entity: type | Table, of: Any = None) -> Any:
        """Return the repository of an entity class, in the storage or in a transaction."""
        table = entity if isinstance(entity, Table) else self.model.table_of(entity)
        return getattr(of or self.storage, table.repository)

    async def ready(self, entity: type | Table, **given: Any) -> Any:
        """Return an entity that can be added: what it refers to is stored, it is not."""
        table = entity if isinstance(entity, Table) else self.model.table_of(entity)
        shape = self._shape(table, given)
        parents: dict[str, Any] = {}
        for key in table.foreign_keys:
            known = {**given, **parents}
            values = [known.get(name, getattr(shape, name)) for name in key.fields]
            if None in values or all(name in known for name in key.fields):
                continue
            pairs = list(zip(key.fields, key.target_fields, strict=True))
            parent = await self.added(
                self.model.table_named(key.target), **{target: known[name] for name, target in pairs if name in known}
            )
            parents.update({name: getattr(parent, target) for name, target in pairs})
        return attrs.evolve(shape, **parents) if parents else shape

    async def added(self, entity: type | Table, **given: Any) -> Any:
        """Return a new entity as it is stored."""
        return await self.repository(entity).add(await self.ready(entity, **given))

    async def several(self, entity: type | Table, number: int, **given: Any) -> list[Any]:
        """Insert the given number of new entities and return them as stored."""
        return [await self.added(entity, **given) for _ in range(number)]

    def absent_key(self, entity: type | Table) -> Any:
        """Return a key that no row has."""
        table = entity if isinstance(entity, Table) else self.model.table_of(entity)
        return table.key_of(self._shape(table, {}))

    def fresh(self, kind: FieldType) -> Any:
        """Return a value of the kind that this world has not given yet, where the kind has enough of them."""
        make: Callable[[Any, int], Any] = _FRESH_VALUES.get(type(kind), _fresh_text)
        return make(kind, next(self._numbers))

    def _shape(self, table: Table, given: dict[str, Any]) -> Any:
        for attempt in range(ATTEMPTS):
            values = {column.name: self._value(column, plain=attempt == 0) for column in table.columns}
            if table.entity is SubscriptionTransaction:
                values["paid_usd"], values["discount_usd"] = values["list_price_usd"], Decimal(0)
            try:
                entity = table.entity(**{**values, **given})
            except InvalidValue:
                if attempt == ATTEMPTS - 1:
                    raise
                continue
            if all(check.holds(entity) is not False for check in table.checks):
                return entity
        message = f"no {table.label} was found that its own checks accept, with {given}"
        raise AssertionError(message)

    def _value(self, column: Column, *, plain: bool) -> Any:
        kind = column.kind
        if column.optional and (plain or self._random.random() < 0.5):
            return None
        if column.name == "version" and isinstance(kind, Integer):
            return 0
        if isinstance(kind, EnumMember | Boolean):
            options = list(kind.enum) if isinstance(kind, EnumMember) else [False, True]
            return options[0] if plain else self._random.choice(options)
        if isinstance(kind, Integer) and not plain and self._random.random() < 0.3 and not kind.validate(0):
            return 0
        return self.fresh(kind)

    def changed(self, entity: Any, **given: Any) -> Any:
        """Return an entity of the same key in which something else differs, and that its table's checks accept."""
        table = self.model.table_of(type(entity))
        for column in _changeable_columns(table):
            for _ in range(3):
                other = table.replaced(entity, **{column.name: self.fresh(column.kind), **given})
                differs = getattr(other, column.name) != getattr(entity, column.name)
                if differs and all(check.holds(other) is not False for check in table.checks):
                    return other
        message = f"nothing of {table.label} can be changed alone"
        raise AssertionError(message)
