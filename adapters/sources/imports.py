"""The imports as whole jobs: files in, a report out, everything of a run in one transaction."""

from collections.abc import Sequence
from pathlib import Path

from strongroom.domain.pricing.price import PriceSource
from strongroom.domain.protocols.chain import Chain
from strongroom.ports.errors import NotFound
from strongroom.ports.storage import Storage
from strongroom.ports.use_cases.import_chain_data import import_chain_data
from strongroom.ports.use_cases.import_chain_facts import ImportedChain, NativeCoin
from strongroom.ports.use_cases.import_prices import CoinsOfPrices
from strongroom.ports.use_cases.import_prices import import_prices as import_price_facts
from strongroom.ports.use_cases.import_report import ImportCounter, ImportRefused, ImportReport
from strongroom.ports.use_cases.import_tokens import import_tokens
from strongroom.ports.use_cases.import_yields import import_yields

from .chains import ETHEREUM, KNOWN_CHAINS
from .ethereum_etl import EthereumEtlExport
from .ethereum_etl_files import find_export
from .json_documents import defillama_prices, defillama_yields, token_list
from .lines import LineReader, OnProgress, ignore_progress
from .price_files import price_facts
from .rejects import rejections_to
from .temporary_store import TemporaryStore
from .uniswap_minutes import POLYGON_USDC_WETH, MinutePool, minute_files, minute_prices


async def import_ethereum_etl(
    storage: Storage,
    paths: Sequence[Path],
    *,
    chain_id: int = ETHEREUM.chain.id,
    rejects: Path | None = None,
    on_progress: OnProgress = ignore_progress,
) -> ImportReport:
    """Import exports of ethereum-etl: folders or files of blocks, transactions, receipts, transfers, logs and tokens.

    They become block headers, coins, transactions, balance changes and swaps of the chain. With ``rejects`` bad lines
    are written there and left out. Raises ImportRefused (nothing is kept) and what storage raises.
    """
    files = find_export(paths)
    imported = await _chain(storage, chain_id)
    tally = ImportCounter()
    with rejections_to(rejects, files.all_paths) as rejections, TemporaryStore() as scratch:
        reader = LineReader(rejections, on_progress, tally.notes)
        export = EthereumEtlExport(chain_id, files, reader, scratch, tally.notes)
        return await import_chain_data(storage, export, imported, rejections=rejections, tally=tally)


async def import_uniswap_v3_minutes(
    storage: Storage,
    paths: Sequence[Path],
    *,
    pool: MinutePool = POLYGON_USDC_WETH,
    rejects: Path | None = None,
    on_progress: OnProgress = ignore_progress,
) -> ImportReport:
    """Import minute series of a Uniswap v3 pool (files, or folders of ``*.minute.csv``) as prices of uniswap_twap.

    The pool's chain and coins are added where storage does not know them. The closing tick gives the price in the quote
    coin, which counts as one USD. With ``rejects`` bad lines are written there and left out. Raises ImportRefused
    (nothing is kept) and what storage raises.
    """
    files = minute_files(paths, pool)
    tally = ImportCounter()
    coins = CoinsOfPrices(chain=pool.chain, tokens=(pool.token0, pool.token1))
    with rejections_to(rejects, files) as rejections:
        facts = minute_prices(files, pool, LineReader(rejections, on_progress, tally.notes), tally)
        return await import_price_facts(storage, facts, coins, rejections=rejections, tally=tally)


async def import_prices(  # noqa: PLR0913 - the options of the import, by name
    storage: Storage,
    path: Path,
    *,
    source: PriceSource = PriceSource.MANUAL,
    chain_id: int | None = None,
    rejects: Path | None = None,
    on_progress: OnProgress = ignore_progress,
) -> ImportReport:
    """Import a file of prices, wide or long (see ``price_files``); ``source`` is that of prices that name none.

    Addresses are of the chain (Ethereum without one), symbols of the chain, or of any without one. With
    ``rejects`` bad lines are written there and left out. Raises ImportRefused (nothing is kept) and what storage
    raises.
    """
    chain = await _chain(storage, ETHEREUM.chain.id if chain_id is None else chain_id)
    tally = ImportCounter()
    coins = CoinsOfPrices(chain=chain, symbols_on_chain=chain_id is not None)
    with rejections_to(rejects, [path]) as rejections:
        facts = price_facts(path, source, LineReader(rejections, on_progress, tally.notes), tally)
        return await import_price_facts(storage, facts, coins, rejections=rejections, tally=tally)


async def import_token_list(
    storage: Storage,
    path: Path,
    *,
    chain_id: int = ETHEREUM.chain.id,
    rejects: Path | None = None,
    on_progress: OnProgress = ignore_progress,
) -> ImportReport:
    """Import the coins of a chain from a token list (https://tokenlists.org): new ones, and placeholders.

    With ``rejects`` bad tokens are written there and left out. Raises ImportRefused and what storage raises.
    """
    imported = await _chain(storage, chain_id)
    tally = ImportCounter()
    with rejections_to(rejects, [path]) as rejections:
        facts = token_list(path, chain_id, LineReader(rejections, on_progress), tally)
        return await import_tokens(storage, facts, imported, rejections=rejections, tally=tally)


async def import_defillama_prices(
    storage: Storage,
    path: Path,
    *,
    chain_id: int = ETHEREUM.chain.id,
    rejects: Path | None = None,
    on_progress: OnProgress = ignore_progress,
) -> ImportReport:
    """Import the prices of a chain's coins from an answer of coins.llama.fi: current, historical or chart.

    With ``rejects`` bad prices are written there and left out. Raises ImportRefused and what storage raises.
    """
    imported = await _chain(storage, chain_id)
    tally = ImportCounter()
    with rejections_to(rejects, [path]) as rejections:
        facts = defillama_prices(path, chain_id, LineReader(rejections, on_progress), tally)
        coins = CoinsOfPrices(chain=imported)
        return await import_price_facts(storage, facts, coins, rejections=rejections, tally=tally)


async def import_defillama_yields(  # noqa: PLR0913 - the options of the import, by name
    storage: Storage,
    path: Path,
    *,
    pool_address: str,
    chain_id: int = ETHEREUM.chain.id,
    rejects: Path | None = None,
    on_progress: OnProgress = ignore_progress,
) -> ImportReport:
    """Import the yields of a pool that storage knows from an answer of yields.llama.fi/chart.

    With ``rejects`` bad points are written there and left out. Raises ImportRefused and what storage raises.
    """
    tally = ImportCounter()
    with rejections_to(rejects, [path]) as rejections:
        facts = defillama_yields(path, LineReader(rejections, on_progress))
        return await import_yields(
            storage, facts, chain_id=chain_id, pool_address=pool_address, rejections=rejections, tally=tally
        )


async def _chain(storage: Storage, chain_id: int) -> ImportedChain:
    known = KNOWN_CHAINS.get(chain_id)
    if known:
        return known
    try:
        chain: Chain = await storage.chains.get(chain_id)
    except NotFound:
        raise ImportRefused(
            "the chain is not known",
            file=f"chain {chain_id}",
            advice=f"add it first (import jsonl chain FILE), or use one of {', '.join(map(str, KNOWN_CHAINS))}",
        ) from None
    return ImportedChain(chain, NativeCoin(chain.native_symbol))
