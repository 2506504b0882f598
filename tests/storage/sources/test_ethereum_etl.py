"""Exports of ethereum-etl: what becomes of a small one made by hand, in both formats and over both adapters."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest
from support.exports import (
    ALICE,
    BOB,
    CAT,
    DAI,
    POOL,
    TIMESTAMP,
    WETH,
    block,
    hash_of,
    small_export,
    transaction,
    transfer,
    transfer_log,
    v2_swap,
    write_export,
    write_rows,
)

from strongroom.adapters.memory import MemoryStorage
from strongroom.adapters.sources import ImportRefused, ImportReport, import_ethereum_etl
from strongroom.domain.accounts.user import User, UserStatus
from strongroom.domain.accounts.wallet import Wallet
from strongroom.domain.pricing.coin import Coin, CoinStandard
from strongroom.domain.transactions.balance_change import BalanceChangeKind, BalanceSource
from strongroom.domain.transactions.eth_transaction import TxStatus
from strongroom.domain.values.address import ZERO_ADDRESS, ChainFamily
from strongroom.ports.clock import FixedClock, SequentialIds
from strongroom.ports.results import BulkResult
from strongroom.testing.factory import START_TIME

FORMATS = pytest.mark.parametrize("ending", ["json", "jsonl", "csv"])


@pytest.fixture
def storage() -> MemoryStorage:
    """An empty storage."""
    return MemoryStorage()


def counts(report: ImportReport) -> dict[str, int]:
    """Return how many rows of each class were inserted."""
    return {name: result.inserted for name, result in report.entities.items()}


async def contents(storage: Any) -> list[Any]:
    """Return everything that an import of a chain writes."""
    names = ("chains", "coins", "block_headers", "eth_transactions", "balance_changes", "swaps")
    return [await getattr(storage, name).find() for name in names]


@FORMATS
async def test_a_small_export_is_imported_whole(storage: MemoryStorage, tmp_path: Path, ending: str) -> None:
    """Every kind of row comes out as it should, and a second run changes nothing and says so."""
    folder = write_export(tmp_path / "export", small_export(), ending)
    report = await import_ethereum_etl(storage, [folder])
    expected = {"Chain": 1, "Coin": 3, "BlockHeader": 1, "EthTransaction": 3, "BalanceChange": 2 * 8 + 3, "Swap": 2}
    assert counts(report) == expected
    assert report.total == BulkResult(inserted=sum(expected.values()))
    assert set(report.notes) == {
        "1 transactions failed",
        "1 transactions created a contract",
        "2 transactions moved native value",
        "9 token transfers were read",
        "1 token transfers move nothing",
        "1 token transfers go to themselves",
        "1 token transfers are mints",
        "1 token transfers are burns",
        "1 token transfers are of ERC-721: their values are ids and no amounts",
        "1 swaps left out: no transfers tell their coins",
        "1 swaps in pools of Uniswap v2",
        "1 swaps in pools of Uniswap v3",
    }
    before = await contents(storage)
    again = await import_ethereum_etl(storage, [folder])
    assert again.total == BulkResult(unchanged=sum(expected.values()))
    assert again.notes == report.notes
    assert await contents(storage) == before


async def test_both_formats_give_equal_entities(tmp_path: Path) -> None:
    """JSON Lines and CSV of the same rows give the same entities, to the last field."""
    given = []
    for ending in ("json", "csv"):
        storage = MemoryStorage(clock=FixedClock(START_TIME), ids=SequentialIds())
        await import_ethereum_etl(storage, [write_export(tmp_path / ending, small_export(), ending)])
        given.append(await contents(storage))
    assert given[0] == given[1]


async def test_balances_add_up(storage: MemoryStorage, tmp_path: Path) -> None:
    """Both ends of every transfer are there, gas leaves every sender, and ids of ERC-721 are no amounts."""
    await import_ethereum_etl(storage, [write_export(tmp_path / "export", small_export(), "json")])
    coins = {coin.address: coin for coin in await storage.coins.find()}
    assert CAT not in coins
    assert not any((await storage.balance_changes.totals(1)).values())
    ether, weth, dai = (coins[address].id for address in (ZERO_ADDRESS, WETH, DAI))
    gas = 3 * 21000 * 6
    assert await storage.balance_changes.balances(ALICE) == {ether: -14 - gas, weth: 2**255 - 11, dai: -1000}
    assert await storage.balance_changes.balances(BOB) == {ether: 14, weth: 3 - 40, dai: 8000}
    kinds = [(change.source, change.kind) for change in await storage.balance_changes.find_by_address(ZERO_ADDRESS)]
    assert sorted(kinds, key=str) == [
        (BalanceSource.LOG, BalanceChangeKind.BURN),
        (BalanceSource.LOG, BalanceChangeKind.MINT),
    ]


async def test_swaps_carry_coins_amounts_and_trader(storage: MemoryStorage, tmp_path: Path) -> None:
    """A swap's coins are told by the transfers at its pool, and its trader is the transaction's sender."""
    await import_ethereum_etl(storage, [write_export(tmp_path / "export", small_export(), "json")])
    coins = {coin.address: coin.id for coin in await storage.coins.find()}
    first = await storage.swaps.find_by_log(1, hash_of(100), 2)
    second = await storage.swaps.find_by_log(1, hash_of(100), 10)
    assert first is not None
    assert second is not None
    assert (first.coin_in_id, first.amount_in, first.coin_out_id, first.amount_out) == (
        coins[DAI],
        1000,
        coins[WETH],
        3,
    )
    assert (second.coin_in_id, second.amount_in) == (coins[WETH], 40)
    assert (second.coin_out_id, second.amount_out) == (coins[DAI], 8000)
    assert first.trader_address == ALICE
    assert (first.at.timestamp(), first.block_hash) == (TIMESTAMP + 12, hash_of(1001))


async def test_stored_details_of_a_swap_are_kept(storage: MemoryStorage, tmp_path: Path) -> None:
    """A swap gets the user whose wallet traded, and a value that was added later stays when the file comes again."""
    folder = write_export(tmp_path / "export", small_export(), "json")
    now, users = storage.users.now(), storage.users
    user = await users.add(
        User(id=users.next_id(), base_currency="USD", status=UserStatus.ACTIVE, created_at=now, updated_at=now)
    )
    await storage.wallets.add(
        Wallet(
            id=users.next_id(),
            user_id=user.id,
            family=ChainFamily.EVM,
            address=ALICE,
            is_primary=True,
            connected_at=now,
        )
    )
    await import_ethereum_etl(storage, [folder])
    (swap, _) = await storage.swaps.find_by_user(user.id)
    valued = await storage.swaps.update(attrs.evolve(swap, value_usd=Decimal("1.5")))
    assert (await import_ethereum_etl(storage, [folder])).total.updated == 0
    assert await storage.swaps.get(swap.id) == valued


async def test_transactions_are_read_with_their_receipts(storage: MemoryStorage, tmp_path: Path) -> None:
    """Status, gas, price, input and a created contract are those of the file, whose receipts may stand apart."""
    export = small_export()
    receipts = []
    for row in export["transactions"]:
        values = {name: row.pop(f"receipt_{name}") for name in ("gas_used", "contract_address", "status")}
        receipts.append({"transaction_hash": row["hash"], **values, "effective_gas_price": 6})
        del row["receipt_effective_gas_price"]
    folder = write_export(tmp_path / "export", {**export, "receipts": receipts}, "csv")
    await import_ethereum_etl(storage, [folder])
    paid, failed, created = await storage.eth_transactions.find_by_block(1, 1)
    assert (paid.status, paid.input, paid.gas_used, paid.effective_gas_price) == (TxStatus.SUCCESS, b"\1\xff", 21000, 6)
    assert failed.status is TxStatus.REVERTED
    assert (created.to_address, created.contract_address) == (None, BOB)


async def test_transactions_before_byzantium_do_not_tell_their_success(storage: MemoryStorage, tmp_path: Path) -> None:
    """Without a status the value is not counted, which is noted; the gas price is the one offered."""
    early = transaction(0, receipt_status=None, receipt_effective_gas_price=None, transaction_type=None)
    report = await import_ethereum_etl(storage, [write_export(tmp_path / "x", {"transactions": [early]}, "csv")])
    assert counts(report)["BalanceChange"] == 1
    assert report.notes == ("1 transactions do not tell whether they succeeded: their value is not counted",)
    (stored,) = await storage.eth_transactions.find()
    assert (stored.status, stored.effective_gas_price, stored.type) == (None, 7, 0)


async def test_tokens_fill_placeholders_and_overwrite_nothing_else(storage: MemoryStorage, tmp_path: Path) -> None:
    """An unknown coin is a placeholder until a file of tokens says what it is; a known coin stays as it is."""
    export = small_export()
    (token,) = export.pop("tokens")
    folder = write_export(tmp_path / "export", export, "json")
    await import_ethereum_etl(storage, [folder])
    dai = await storage.coins.find_by_address(1, DAI)
    assert dai is not None
    assert (dai.symbol, dai.name, dai.decimals, dai.is_verified) == ("", "", 0, False)
    assert dai.standard is CoinStandard.ERC20
    tokens = write_rows(tmp_path / "tokens.csv", [token])
    report = await import_ethereum_etl(storage, [tokens])
    assert report.entities["Coin"] == BulkResult(updated=1, unchanged=1)
    filled = await storage.coins.get(dai.id)
    assert (filled.symbol, filled.name, filled.decimals) == ("DAI", 'Dai,\n"Stablecoin"', 18)
    write_rows(tokens, [{**token, "symbol": "FAKE", "decimals": 3}])
    assert (await import_ethereum_etl(storage, [tokens])).total.updated == 0
    assert await storage.coins.get(dai.id) == filled


async def test_the_native_coin_is_added_once(storage: MemoryStorage, tmp_path: Path) -> None:
    """The chain and its native coin are added where they are missing, and left as they are where they are not."""
    folder = write_export(tmp_path / "export", {"blocks": [block()]}, "json")
    await import_ethereum_etl(storage, [folder])
    ether = await storage.coins.find_by_address(1, ZERO_ADDRESS)
    assert ether is not None
    assert (ether.symbol, ether.name, ether.decimals, ether.standard) == ("ETH", "Ether", 18, CoinStandard.NATIVE)
    renamed: Coin = await storage.coins.update(attrs.evolve(ether, name="Ethereum's Ether"))
    await import_ethereum_etl(storage, [folder])
    assert await storage.coins.get(ether.id) == renamed


async def test_files_may_come_one_after_the_other(storage: MemoryStorage, tmp_path: Path) -> None:
    """Transfers and swaps take times and senders from blocks and transactions that were imported before."""
    folder = write_export(tmp_path / "export", small_export(), "csv")
    await import_ethereum_etl(storage, [folder / "blocks.csv", folder / "transactions.csv"])
    report = await import_ethereum_etl(storage, [folder / "logs.csv", folder / "token_transfers.csv"])
    assert counts(report) == {"Chain": 0, "Coin": 2, "BalanceChange": 12, "Swap": 2}
    (change, *_) = await storage.balance_changes.find_by_address(POOL)
    assert change.at.timestamp() == TIMESTAMP + 12


async def test_a_swap_without_its_transaction_is_noted(storage: MemoryStorage, tmp_path: Path) -> None:
    """A swap whose transaction nobody knows has no trader: it is left out and counted."""
    export = {name: rows for name, rows in small_export().items() if name != "transactions"}
    report = await import_ethereum_etl(storage, [write_export(tmp_path / "export", export, "json")])
    assert "2 swaps left out: their transactions are not known" in report.notes
    assert await storage.swaps.count() == 0


async def test_another_block_of_the_same_number_is_refused(storage: MemoryStorage, tmp_path: Path) -> None:
    """A reorganised chain is not mixed with what is stored."""
    await import_ethereum_etl(storage, [write_export(tmp_path / "one", {"blocks": [block()]}, "json")])
    other = write_export(tmp_path / "two", {"blocks": [block(2), block(hash=hash_of(5))]}, "json")
    with pytest.raises(ImportRefused, match="reorganised") as caught:
        await import_ethereum_etl(storage, [other])
    assert (caught.value.line, caught.value.field) == (2, "hash")
    assert await storage.block_headers.count() == 1


@pytest.mark.parametrize(
    ("kind", "changes", "field"),
    [
        ("blocks", {"number": -1}, "number"),
        ("blocks", {"timestamp": "yesterday"}, "timestamp"),
        ("blocks", {"hash": None}, "hash"),
        ("transactions", {"value": 2**256}, "value"),
        ("transactions", {"input": "0x1"}, "input"),
        ("transactions", {"from_address": "0xAB" + "ab" * 19}, "from_address"),
        ("transactions", {"receipt_status": 2}, "receipt_status"),
        ("transactions", {"receipt_gas_used": None}, "receipt_gas_used"),
        ("token_transfers", {"value": -5}, "value"),
        ("token_transfers", {"log_index": 99}, "log_index"),
        ("token_transfers", {"block_number": 12}, "block_number"),
        ("logs", {"topics": 5}, "topics"),
        ("logs", {"address": "0x12"}, "address"),
        ("tokens", {"decimals": 256}, "decimals"),
    ],
)
async def test_a_bad_value_is_named_and_nothing_is_kept(
    storage: MemoryStorage, tmp_path: Path, kind: str, changes: dict[str, Any], field: str
) -> None:
    """File, line, field and reason are told; with rejects the line alone is left out, and told there."""
    export = small_export()
    export[kind].append({**export[kind][-1], **changes})
    folder = write_export(tmp_path / "export", export, "json")
    with pytest.raises(ImportRefused) as caught:
        await import_ethereum_etl(storage, [folder])
    error = caught.value
    place = (str(folder / f"{kind}.json"), len(export[kind]), field)
    assert (error.file, error.line, error.field) == place
    assert f"line {error.line}, field {field}: {error.reason}; {error.advice}" in str(error)
    assert not any(await contents(storage))
    report = await import_ethereum_etl(storage, [folder], rejects=tmp_path / "rejects.jsonl")
    (reject,) = map(json.loads, (tmp_path / "rejects.jsonl").read_text().splitlines())
    assert (reject["file"], reject["line"], reject["field"]) == place
    assert reject["reason"] == error.reason
    assert report.rejected == 1
    assert counts(report)["EthTransaction"] == 3


async def test_a_transaction_that_storage_refuses_changes_no_balance(storage: MemoryStorage, tmp_path: Path) -> None:
    """Of two transactions at one place in a block the second is refused by its line, with what it would have done."""
    rows = [transaction(index) for index in range(20)]
    rows[12]["transaction_index"] = 11
    folder = write_export(tmp_path / "export", {"transactions": rows}, "json")
    with pytest.raises(ImportRefused, match="eth_transaction_chain_id_block_number_transaction_index_key") as caught:
        await import_ethereum_etl(storage, [folder])
    assert caught.value.line == 13
    report = await import_ethereum_etl(storage, [folder], rejects=tmp_path / "rejects.jsonl")
    assert counts(report) == {"Chain": 1, "Coin": 1, "EthTransaction": 19, "BalanceChange": 19 * 3}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "no file of ethereum-etl"),
        ({"readme.txt": "hello"}, "no file of ethereum-etl"),
        ({"receipts.json": "{}\n", "logs.json": "{}\n"}, "logs and receipts alone tell nothing"),
        ({"blocks.csv": "number;hash\n"}, "header"),
        ({"blocks.csv": "number,hash,parent_hash,timestamp,hash\n"}, "repeats 'hash'"),
        ({"token_transfers.json": "{}\n"}, "logs are missing"),
        ({"blocks.csv": "number\n", "blocks.json": "{}"}, "twice"),
        ({"blocks.json.gz": "", "blocks.json": "{}"}, "twice"),
    ],
)
async def test_folders_without_an_export_are_refused(
    storage: MemoryStorage, tmp_path: Path, files: dict[str, str], reason: str
) -> None:
    """A folder without known files, a wrong header and a missing companion are told as such."""
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(ImportRefused, match=reason) as caught:
        await import_ethereum_etl(storage, [tmp_path], rejects=tmp_path / "rejects")
    assert caught.value.advice


async def test_unknown_paths_and_chains_are_refused(storage: MemoryStorage, tmp_path: Path) -> None:
    """A path that does not exist, a file whose name says nothing, and a chain that nobody knows."""
    unknown = write_rows(tmp_path / "things.json", [{}])
    for path in (unknown, tmp_path / "absent"):
        with pytest.raises(ImportRefused):
            await import_ethereum_etl(storage, [path])
    folder = write_export(tmp_path / "export", {"blocks": [block()]}, "json")
    with pytest.raises(ImportRefused, match="chain 5: the chain is not known"):
        await import_ethereum_etl(storage, [folder], chain_id=5)


async def test_folders_of_export_all_are_read(storage: MemoryStorage, tmp_path: Path) -> None:
    """Partitioned exports, a folder for each range of blocks, are read in the order of their names."""
    for number in (1, 2):
        folder = tmp_path / "blocks" / f"start_block=0000000{number}" / "end_block=00000009"
        folder.mkdir(parents=True)
        write_rows(folder / f"blocks_0000000{number}_00000009.csv", [block(number)])
    assert counts(await import_ethereum_etl(storage, [tmp_path]))["BlockHeader"] == 2


async def test_a_token_that_takes_a_fee_is_told_by_its_pool(storage: MemoryStorage, tmp_path: Path) -> None:
    """One coin told exactly, the other is the only other one that left the pool, whatever its transfer says."""
    transfers = [transfer(0, DAI, ALICE, POOL, 1000), transfer(1, WETH, POOL, BOB, 95)]
    export = {
        "blocks": [block()],
        "transactions": [transaction()],
        "token_transfers": transfers,
        "logs": [*map(transfer_log, transfers), v2_swap(2, (1000, 0, 0, 100))],
    }
    await import_ethereum_etl(storage, [write_export(tmp_path / "export", export, "json")])
    (swap,) = await storage.swaps.find()
    assert (swap.amount_in, swap.amount_out) == (1000, 100)
