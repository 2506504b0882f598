"""``strongroom import``: counted, idempotent, and clear about bad lines."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.commands import answer, invoke
from typer.testing import CliRunner

BLOCK: dict[str, Any] = {
    "type": "block",
    "number": 17173049,
    "hash": "0x" + "1a" * 32,
    "parent_hash": "0x" + "1b" * 32,
    "nonce": "0x0000000000000000",
    "sha3_uncles": "0x" + "1c" * 32,
    "logs_bloom": "0x00",
    "transactions_root": "0x" + "1d" * 32,
    "state_root": "0x" + "1e" * 32,
    "receipts_root": "0x" + "1f" * 32,
    "miner": "0x" + "2a" * 20,
    "difficulty": 0,
    "total_difficulty": 0,
    "size": 1000,
    "extra_data": "0x",
    "gas_limit": 30000000,
    "gas_used": 21000,
    "timestamp": 1683000000,
    "transaction_count": 0,
    "base_fee_per_gas": 1000000000,
}


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A folder with an export of one block."""
    (tmp_path / "blocks.json").write_text(json.dumps(BLOCK) + "\n")
    return tmp_path


def test_the_same_files_twice_change_nothing(cli: CliRunner, database: str, export: Path) -> None:
    """The second run says so, to machines and to people."""
    arguments = ("import", "ethereum-etl", str(export), "--database", database)
    first = answer(cli, *arguments)
    assert first["entities"]["BlockHeader"] == {"inserted": 1, "updated": 0, "unchanged": 0}
    second = answer(cli, *arguments)
    assert (second["inserted"], second["updated"], second["unchanged"]) == (0, 0, first["inserted"])
    assert "nothing was changed" in invoke(cli, *arguments).output


def test_a_bad_line_is_named_and_nothing_is_kept(cli: CliRunner, database: str, export: Path) -> None:
    """File, line, field and reason, in one line."""
    bad = {**BLOCK, "number": BLOCK["number"] + 1, "hash": "0x12"}
    (export / "blocks.json").write_text(json.dumps(BLOCK) + "\n" + json.dumps(bad) + "\n")
    result = invoke(cli, "import", "ethereum-etl", str(export), "--database", database)
    assert result.exit_code == 2
    [line] = result.stderr.strip().splitlines()
    for said in ("blocks.json", "line 2", "hash", "0x12"):
        assert said in line
    assert answer(cli, "status", "--database", database)["tables"]["block_header"]["rows"] == 0


def test_skip_bad_leaves_out_bad_lines(cli: CliRunner, database: str, export: Path, tmp_path: Path) -> None:
    """The good ones are kept, the others written to a file; the exit code says that there were some."""
    (export / "blocks.json").write_text("no JSON\n" + json.dumps(BLOCK) + "\n")
    rejects = tmp_path / "rejects.jsonl"
    arguments = ("import", "ethereum-etl", str(export), "--database", database, "--skip-bad", str(rejects))
    document = answer(cli, *arguments, code=1)
    assert (document["rejected"], document["entities"]["BlockHeader"]["inserted"]) == (1, 1)
    [reject] = [json.loads(line) for line in rejects.read_text().splitlines()]
    assert reject["line"] == 1
    assert str(rejects) in invoke(cli, *arguments).output.replace("\n", "")


@pytest.mark.parametrize("content", [b"\x00\x01\x02", b"\xff\xfe", b"[1, 2]\n", b'{"type": "block"}\n', b"{\n"])
def test_malformed_files_are_bad_input(cli: CliRunner, tmp_path: Path, content: bytes) -> None:
    """Binary, not UTF-8, not an object, without its fields: one line each, no traceback."""
    (tmp_path / "blocks.json").write_bytes(content)
    result = invoke(cli, "import", "ethereum-etl", str(tmp_path), "--database", "memory:")
    assert result.exit_code == 2, result.output
    assert len(result.stderr.strip().splitlines()) == 1
    assert "blocks.json" in result.stderr


def test_a_file_that_is_not_there_is_bad_input(cli: CliRunner, tmp_path: Path) -> None:
    """Its name is said."""
    result = invoke(cli, "import", "ethereum-etl", str(tmp_path / "missing"), "--database", "memory:")
    assert result.exit_code == 2
    assert "missing" in result.stderr


USDC, WETH = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"
COIN = {"chain_id": 1, "address": USDC, "standard": "erc20", "symbol": "USDC", "name": "USD Coin", "decimals": 6}
CHAIN = {"id": 1, "family": "evm", "name": "Ethereum", "native_symbol": "ETH", "finality_depth": 64}


def test_entities_and_prices_are_imported_from_files_of_ones_own(cli: CliRunner, database: str, tmp_path: Path) -> None:
    """A chain, a coin of it without an id, and prices of the coin by symbol; then all of it again."""
    (tmp_path / "chain.jsonl").write_text(json.dumps(CHAIN))
    (tmp_path / "coin.jsonl").write_text(json.dumps(COIN))
    (tmp_path / "prices.csv").write_text("at,USDC\n2026-01-01T00:00:00Z,0.9998\n2026-01-02T00:00:00Z,1.0001\n")
    counts = []
    for _ in range(2):
        for kind, *arguments in (
            ("jsonl", "Chain", str(tmp_path / "chain.jsonl")),
            ("jsonl", "coins", str(tmp_path / "coin.jsonl")),
            ("prices", str(tmp_path / "prices.csv"), "--chain", "1", "--source", "coingecko"),
        ):
            document = answer(cli, "import", kind, *arguments, "--database", database)
            counts.append((document["inserted"], document["updated"], document["unchanged"]))
    assert [count[:2] for count in counts[3:]] == [(0, 0)] * 3
    assert [inserted for inserted, _, _ in counts[:3]] == [1, 1, 2]


@pytest.mark.parametrize(
    ("entity", "row", "said"),
    [
        ("Coin", {**COIN, "address": USDC.replace("A0b8", "a0b8")}, ("address", "checksum")),
        ("Coin", {**COIN, "symbol": "US\0DC"}, ("symbol", "NUL")),
        ("Coin", {**COIN, "decimals": 256}, ("decimals", "256")),
        ("Chain", {**CHAIN, "family": "bitcoin"}, ("family", "bitcoin")),
    ],
)
def test_an_invalid_value_is_reported(
    cli: CliRunner, address: str, tmp_path: Path, entity: str, row: Any, said: Any
) -> None:
    """A wrong checksum, a NUL in a text, a number or a word that is none of its kind: with file, line and field."""
    if entity == "Coin":
        (tmp_path / "chain.jsonl").write_text(json.dumps(CHAIN))
        answer(cli, "import", "jsonl", "Chain", str(tmp_path / "chain.jsonl"), "--database", address)
    (tmp_path / "rows.jsonl").write_text(json.dumps(row))
    result = invoke(cli, "import", "jsonl", entity, str(tmp_path / "rows.jsonl"), "--database", address)
    assert result.exit_code == 2, result.output
    [line] = result.stderr.strip().splitlines()
    assert line.isprintable()
    for words in ("rows.jsonl", "line 1", *said):
        assert words in line


def test_minutes_of_another_pool_need_its_coins(cli: CliRunner, tmp_path: Path) -> None:
    """Both of them, each as ADDRESS:SYMBOL:DECIMALS with a correct checksum, on a chain that is known."""
    series = str(tmp_path / "day.minute.csv")
    for arguments in (
        ("--chain", "1"),
        ("--token0", f"{USDC}:USDC:6"),
        ("--token0", f"{USDC}:USDC:6", "--token1", f"{WETH}:WETH"),
        ("--token0", f"{USDC}:USDC:6", "--token1", f"{WETH}:WETH:256"),
        ("--token0", f"{USDC}:USDC:6", "--token1", f"{WETH.replace('C', 'c')}:WETH:18"),
        ("--token0", f"{USDC}:USDC:6", "--token1", f"{WETH}:WETH:18", "--chain", "4242"),
    ):
        result = invoke(cli, "import", "uniswap-v3-minutes", series, "--database", "memory:", *arguments)
        assert result.exit_code == 2
        assert "Invalid value" in result.stderr


def test_minutes_of_a_pool_become_prices(cli: CliRunner, database: str, tmp_path: Path) -> None:
    """A day of one minute of USDC/WETH on Ethereum: both coins and a price."""
    header = (
        "timestamp,netAmount0,netAmount1,closeTick,openTick,lowestTick,highestTick,inAmount0,inAmount1,currentLiquidity"
    )
    (tmp_path / "day.minute.csv").write_text(f"{header}\n2026-01-01 00:00:00,0,0,195000,195000,195000,195000,0,0,1\n")
    tokens = ("--chain", "1", "--token0", f"{USDC}:USDC:6", "--token1", f"{WETH}:WETH:18")
    arguments = ("import", "uniswap-v3-minutes", str(tmp_path), "--database", database, *tokens)
    assert answer(cli, *arguments)["entities"]["Price"]["inserted"] == 1
    assert answer(cli, *arguments)["inserted"] == 0


def test_known_balances_are_held_against_the_sums(cli: CliRunner, database: str, export: Path, tmp_path: Path) -> None:
    """A balance that differs is named, and the exit code is 1; where none does it is 0."""
    answer(cli, "import", "ethereum-etl", str(export), "--database", database)
    known = tmp_path / "known.jsonl"
    address = "0x" + "77" * 20
    known.write_text(json.dumps({"address": address, "amount": 7}) + "\n")
    found = answer(cli, "balances", "assert", str(known), "--database", database, code=1)
    assert found["compared"] == 1
    assert [(each["address"], each["expected"], each["found"]) for each in found["differences"]] == [
        (address, "7", "0")
    ]
    assert address in invoke(cli, "balances", "assert", str(known), "--database", database).output
    known.write_text(json.dumps({"address": address, "amount": 0}) + "\n")
    assert answer(cli, "balances", "assert", str(known), "--database", database)["differences"] == []
