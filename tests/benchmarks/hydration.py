"""What it costs to make an entity of a row, beside what the driver alone costs: no server is needed.

Run: ``uv run python tests/benchmarks/hydration.py [--rows 10000]``. All ways start from the same rows as the text codec
gives them (numerics and enumerations as text), in interleaved rounds; printed are the medians in microseconds a row,
and of each round's ratio to the decoding that a caller of raw asyncpg pays for bare Records with Decimals.
"""

import argparse
import gc
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.table import Table as Printed

from strongroom.adapters.mapping.position import POSITION
from strongroom.adapters.mapping.position_valuation import POSITION_VALUATION
from strongroom.adapters.mapping.price import PRICE
from strongroom.adapters.mapping.table import Table
from strongroom.adapters.postgres.encoding import compile_stager
from strongroom.adapters.postgres.sql import table_statements
from strongroom.domain.values.field_types import EnumMember, FixedPoint, Integer, Timestamp

ROUNDS = 15
TIME = datetime(2026, 1, 1, tzinfo=UTC)
Way = Callable[[list[tuple[Any, ...]]], list[Any]]


def record(table: Table, number: int) -> tuple[Any, ...]:
    """Return a row as the driver gives it: closing times, and what else may be null and rarely is set, are null."""
    values: list[Any] = []
    for column in table.columns:
        match column.kind:
            case _ if column.optional and column.name not in {"wallet_id", "valued_at"}:
                values.append(None)
            case EnumMember(enum=enum):
                values.append(next(iter(enum)).value)
            case FixedPoint():
                values.append(f"{23456 + number}.789012345678901234"[: column.kind.places + 6])
            case Integer(bits=256):
                values.append(str(10**24 + number))
            case Integer():
                values.append(1)
            case Timestamp():
                values.append(TIME)
            case _:
                values.append(UUID(int=number))
    return tuple(values)


def ways(table: Table) -> dict[str, Way]:
    """Return the ways to make entities of a table's rows."""
    statements, entity, names = table_statements(table), table.entity, [column.name for column in table.columns]
    numerics = [index for index, column in enumerate(table.columns) if column.type.startswith("numeric")]
    converted: list[Callable[[Any], Any]] = []
    for column in table.columns:
        if isinstance(column.kind, EnumMember):
            converted.append(column.kind.enum)
        elif column.type.startswith("numeric"):
            converted.append(Decimal if isinstance(column.kind, FixedPoint) else int)
        else:
            converted.append(lambda value: value)

    def decimals_alone(rows: list[tuple[Any, ...]]) -> list[Any]:
        return [[None if row[index] is None else Decimal(row[index]) for index in numerics] for row in rows]

    def constructor(rows: list[tuple[Any, ...]]) -> list[Any]:
        return [
            entity(
                **{
                    name: None if value is None else convert(value)
                    for name, value, convert in zip(names, row, converted, strict=True)
                }
            )
            for row in rows
        ]

    return {
        "decoding numerics alone (raw Records)": decimals_alone,
        "generated, a batch at once": statements.hydrate_all,
        "generated, row by row": lambda rows: [statements.hydrate(row) for row in rows],
        "the class's own constructor": constructor,
    }


def encoded(table: Table) -> Callable[[list[Any]], list[Any]]:
    """Return the way back, as a bulk write takes it."""
    stage = compile_stager(table)
    return lambda entities: list(map(stage, entities))


def seconds(way: Callable[[Any], Any], rows: list[Any]) -> float:
    """Return how long a way takes for the rows, what it made being let go of."""
    begun = time.perf_counter()
    made = way(rows)
    took = time.perf_counter() - begun
    del made
    return took


def main() -> None:
    """Measure reading for three tables, and writing beside it, and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=10_000)
    count = arguments.parse_args().rows
    console = Console()
    for table in (POSITION, POSITION_VALUATION, PRICE):
        rows = [record(table, number) for number in range(count)]
        entities = table_statements(table).hydrate_all(rows)
        every = ways(table)
        gc.collect()
        gc.freeze()
        rounds = []
        for number in range(ROUNDS):
            order = list(every) if number % 2 else list(every)[::-1]
            rounds.append({name: seconds(every[name], rows) for name in order})
        printed = Printed("way", "µs a row", "x decoding", title=f"{table.label}, {len(table.columns)} columns")
        floor = next(iter(every))
        for name in every:
            took = statistics.median(times[name] for times in rounds) / count * 1e6
            ratio = statistics.median(times[name] / times[floor] for times in rounds)
            printed.add_row(name, f"{took:.2f}", f"{ratio:.1f}")
        writing = min(seconds(encoded(table), entities) for _ in range(ROUNDS))
        printed.add_row("the way back: checked, for COPY", f"{writing / count * 1e6:.2f}", "")
        console.print(printed)


if __name__ == "__main__":
    main()
