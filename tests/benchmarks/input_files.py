"""The files that the imports read, written once: prices, entities, and an export in the form of ethereum-etl."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from .platform_world import START, coin_id

PRICES: Final = 100_000
COINS: Final = 50
BLOCKS: Final = 500
TRANSACTIONS: Final = 40
"""In each block; every transaction moves a token once."""
TOKENS: Final = 20
FIRST_BLOCK: Final = 17_000_000
GENESIS: Final = datetime(2026, 5, 1, tzinfo=UTC)
_TRANSFER: Final = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"


def write_files(folder: Path) -> None:
    """Write the files that are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    prices = list(_prices())
    writers: dict[str, Callable[[], Iterable[str]]] = {
        "prices.jsonl": lambda: (json.dumps(_named(price)) for price in prices),
        "prices.csv": lambda: ("coin,at,price_usd,source", *(",".join(_named(price).values()) for price in prices)),
        "entities.jsonl": lambda: (json.dumps(price) for price in prices),
        "entities.csv": lambda: (
            "coin_id,at,source,price_usd,confidence",
            *(",".join((*list(price.values())[:-1], "")) for price in prices),
        ),
        "etl/blocks.json": lambda: map(json.dumps, _blocks()),
        "etl/tokens.json": lambda: map(json.dumps, _tokens()),
        "etl/transactions.json": lambda: map(json.dumps, _transactions()),
        "etl/logs.json": lambda: map(json.dumps, _logs()),
        "etl/token_transfers.json": lambda: map(json.dumps, _transfers()),
    }
    for name, lines in writers.items():
        path = folder / name
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_text("\n".join(lines()) + "\n", encoding="utf-8")


def _prices() -> Iterator[dict[str, Any]]:
    for number in range(PRICES):
        at = START + timedelta(hours=number // COINS)
        yield {
            "coin_id": str(coin_id(number % COINS)),
            "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "source": "chainlink",
            "price_usd": f"{2500 + number % 997}.123456789012345678",
            "confidence": None,
        }


def _named(price: dict[str, Any]) -> dict[str, str]:
    """Return a price as files of prices say it: the coin by its address."""
    number = int(price["coin_id"][-12:], 16)
    return {
        "coin": f"0x{number + 1:040x}",
        "at": price["at"],
        "price_usd": price["price_usd"],
        "source": price["source"],
    }


def _hash(kind: str, *numbers: int) -> str:
    return "0x" + sha256(f"{kind}{numbers}".encode()).hexdigest()


def _address(kind: str, number: int) -> str:
    return _hash(kind, number)[:42]


def _seconds(block: int) -> int:
    return int((GENESIS + timedelta(seconds=12 * block)).timestamp())


def _blocks() -> Iterator[dict[str, Any]]:
    for block in range(BLOCKS):
        yield {
            "type": "block",
            "number": FIRST_BLOCK + block,
            "hash": _hash("block", block),
            "parent_hash": _hash("block", block - 1),
            "timestamp": _seconds(block),
        }


def _tokens() -> Iterator[dict[str, Any]]:
    for token in range(TOKENS):
        yield {"address": _address("token", token), "symbol": f"T{token}", "name": f"Token {token}", "decimals": 18}


def _every() -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Yield the block and the number of each transaction, and what its rows say of the block."""
    for block in range(BLOCKS):
        for number in range(TRANSACTIONS):
            yield (
                block,
                number,
                {
                    "block_number": FIRST_BLOCK + block,
                    "block_hash": _hash("block", block),
                    "block_timestamp": _seconds(block),
                },
            )


def _transactions() -> Iterator[dict[str, Any]]:
    for block, number, of_block in _every():
        yield {
            "type": "transaction",
            "hash": _hash("transaction", block, number),
            "nonce": block,
            "transaction_index": number,
            "from_address": _address("sender", number),
            "to_address": _address("token", number % TOKENS),
            "value": 10**15 + number,
            "gas": 90_000,
            "gas_price": 20_000_000_000,
            "input": "0xa9059cbb" + "0" * 128,
            "transaction_type": 2,
            "receipt_gas_used": 60_000,
            "receipt_contract_address": None,
            "receipt_status": 1,
            "receipt_effective_gas_price": 20_000_000_000,
            **of_block,
        }


def _logs() -> Iterator[dict[str, Any]]:
    for block, number, of_block in _every():
        ends = [_address("sender", number), _address("receiver", block)]
        yield {
            "type": "log",
            "log_index": number,
            "transaction_hash": _hash("transaction", block, number),
            "transaction_index": number,
            "address": _address("token", number % TOKENS),
            "data": f"0x{10**18 + block:064x}",
            "topics": [_TRANSFER, *("0x" + "0" * 24 + end[2:] for end in ends)],
            **of_block,
        }


def _transfers() -> Iterator[dict[str, Any]]:
    for block, number, of_block in _every():
        yield {
            "type": "token_transfer",
            "token_address": _address("token", number % TOKENS),
            "from_address": _address("sender", number),
            "to_address": _address("receiver", block),
            "value": 10**18 + block,
            "transaction_hash": _hash("transaction", block, number),
            "log_index": number,
            **of_block,
        }
