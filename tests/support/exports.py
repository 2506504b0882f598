"""Small exports as ethereum-etl writes them, made by hand, and files of them in either format."""

import csv
import json
from pathlib import Path
from typing import Any, Final

from strongroom.adapters.sources.uniswap_logs import TRANSFER_TOPIC, V2_SWAP_TOPIC, V3_SWAP_TOPIC

POOL: Final = "0x" + "90" * 20
ALICE: Final = "0x" + "a1" * 20
BOB: Final = "0x" + "b0" * 20
DAI: Final = "0x" + "d1" * 20
WETH: Final = "0x" + "e1" * 20
CAT: Final = "0x" + "c7" * 20
TIMESTAMP: Final = 1683029999


def hash_of(number: int) -> str:
    """Return a 32-byte hash."""
    return f"0x{number:064x}"


def block(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a block."""
    fields = {"number": number, "hash": hash_of(1000 + number), "parent_hash": hash_of(999 + number)}
    return {**fields, "timestamp": TIMESTAMP + 12 * number, **changes}


def transaction(index: int = 0, **changes: Any) -> dict[str, Any]:
    """Return a transaction of the first block, from Alice to Bob, with its receipt."""
    fields: dict[str, Any] = {
        "hash": hash_of(100 + index),
        "nonce": index,
        "block_hash": hash_of(1001),
        "block_number": 1,
        "transaction_index": index,
        "from_address": ALICE,
        "to_address": BOB,
        "value": 5,
        "gas": 21000,
        "gas_price": 7,
        "input": "0x01ff",
        "block_timestamp": TIMESTAMP + 12,
        "transaction_type": 2,
        "receipt_gas_used": 21000,
        "receipt_contract_address": None,
        "receipt_status": 1,
        "receipt_effective_gas_price": 6,
    }
    return {**fields, **changes}


def transfer(log_index: int, token: str, sender: str, receiver: str, value: int, **changes: Any) -> dict[str, Any]:
    """Return a transfer in the first transaction, as the CSV export writes it: without its block's hash and time."""
    fields = {"token_address": token, "from_address": sender, "to_address": receiver, "value": value}
    return {**fields, "transaction_hash": hash_of(100), "log_index": log_index, "block_number": 1, **changes}


def log(log_index: int, address: str, topics: list[str], data: str = "0x", **changes: Any) -> dict[str, Any]:
    """Return a log of the first transaction."""
    fields = {"log_index": log_index, "transaction_hash": hash_of(100), "transaction_index": 0, "block_number": 1}
    return {**fields, "block_hash": hash_of(1001), "address": address, "data": data, "topics": topics, **changes}


def word(number: int) -> str:
    """Return a 256-bit word, two's complement, without 0x."""
    return f"{number % 2**256:064x}"


def transfer_log(told: dict[str, Any], *, is_nft: bool = False) -> dict[str, Any]:
    """Return the log of a transfer."""
    ends = ["0x" + told[end][2:].rjust(64, "0") for end in ("from_address", "to_address")]
    value = "0x" + word(told["value"])
    topics, data = ([*ends, value], "0x") if is_nft else (ends, value)
    changes = {"transaction_hash": told["transaction_hash"]}
    return log(told["log_index"], told["token_address"], [TRANSFER_TOPIC, *topics], data, **changes)


def v2_swap(log_index: int, amounts: tuple[int, int, int, int], pool: str = POOL) -> dict[str, Any]:
    """Return a Swap log of a v2 pair: amount0In, amount1In, amount0Out, amount1Out."""
    return log(log_index, pool, [V2_SWAP_TOPIC, hash_of(7), hash_of(8)], "0x" + "".join(map(word, amounts)))


def v3_swap(log_index: int, amount0: int, amount1: int, pool: str = POOL) -> dict[str, Any]:
    """Return a Swap log of a v3 pool: what went in is positive, what came out negative."""
    words = (amount0, amount1, 2**96, 10**18, -5)
    return log(log_index, pool, [V3_SWAP_TOPIC, hash_of(7), hash_of(8)], "0x" + "".join(map(word, words)))


def small_export() -> dict[str, list[dict[str, Any]]]:
    """Return an export of one block.

    It has a plain payment, a failed transaction, a created contract, a v2 swap, a v3 swap, one whose coins nothing
    tells, a mint, a burn, a transfer to oneself, an empty one and one of ERC-721.
    """
    zero = "0x" + "0" * 40
    transfers = [
        transfer(0, DAI, ALICE, POOL, 1000),
        transfer(1, WETH, POOL, BOB, 3),
        transfer(3, WETH, zero, ALICE, 2**255),
        transfer(4, WETH, ALICE, zero, 11),
        transfer(5, DAI, BOB, BOB, 12),
        transfer(6, DAI, ALICE, BOB, 0),
        transfer(7, CAT, ALICE, BOB, 4711),
        transfer(8, WETH, BOB, POOL, 40),
        transfer(9, DAI, POOL, BOB, 8000),
    ]
    logs = [transfer_log(told, is_nft=told["token_address"] == CAT) for told in transfers]
    swaps = [v2_swap(2, (1000, 0, 0, 3)), v3_swap(10, -8000, 40), v3_swap(11, 77, -88)]
    return {
        "blocks": [block()],
        "transactions": [
            transaction(0),
            transaction(1, receipt_status=0, value=900),
            transaction(2, to_address=None, receipt_contract_address=BOB, value=9),
        ],
        "token_transfers": transfers,
        "logs": sorted(logs + swaps, key=lambda told: told["log_index"]),
        "tokens": [{"address": DAI, "symbol": "DAI", "name": 'Dai,\n"Stablecoin"', "decimals": 18}],
    }


def write_export(folder: Path, export: dict[str, list[dict[str, Any]]], ending: str) -> Path:
    """Write an export's files (``json``, ``jsonl`` or ``csv``) into a folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, rows in export.items():
        write_rows(folder / f"{kind}.{ending}", rows)
    return folder


def write_rows(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Write rows as JSON Lines or, where the path ends so, as CSV; return the path."""
    with path.open("w", encoding="utf-8", newline="") as file:
        if path.suffix != ".csv":
            file.writelines(json.dumps(row) + "\n" for row in rows)
            return path
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return path


def _cell(value: Any) -> Any:
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        return str(value)  # as ethereum-etl's own exporter writes withdrawals
    return ",".join(value) if isinstance(value, list) else value
