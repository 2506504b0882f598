"""The imports as whole jobs: files in, a report out, everything of a run in one transaction."""

from collections.abc import Sequence
from pathlib import Path

from strongroom.domain.protocols.chain import Chain
from strongroom.ports.errors import NotFound
from strongroom.ports.storage import Storage
from strongroom.ports.use_cases.import_chain_data import import_chain_data
from strongroom.ports.use_cases.import_chain_facts import ImportedChain, NativeCoin
from strongroom.ports.use_cases.import_report import ImportRefused, ImportReport, Tally

from .chains import ETHEREUM, KNOWN_CHAINS
from .ethereum_etl import EthereumEtlExport
from .ethereum_etl_files import find_export
from .lines import OnProgress, Reader, silent
from .rejects import rejections_to
from .scratch import Scratch


async def import_ethereum_etl(
    storage: Storage,
    paths: Sequence[Path],
    *,
    chain_id: int = ETHEREUM.chain.id,
    rejects: Path | None = None,
    on_progress: OnProgress = silent,
) -> ImportReport:
    """Import exports of ethereum-etl: folders or files of blocks, transactions, receipts, transfers, logs and tokens.

    They become block headers, coins, transactions, balance changes and swaps of the chain. With ``rejects`` bad lines
    are written there and left out. Raises ImportRefused (nothing is kept) and what storage raises.
    """
    files = find_export(paths)
    imported = await _chain(storage, chain_id)
    tally = Tally()
    with rejections_to(rejects) as rejections, Scratch() as scratch:
        reader = Reader(rejections, on_progress)
        export = EthereumEtlExport(chain_id, files, reader, scratch, tally.notes)
        return await import_chain_data(storage, export, imported, rejections=rejections, tally=tally)


async def _chain(storage: Storage, chain_id: int) -> ImportedChain:
    known = KNOWN_CHAINS.get(chain_id)
    if known:
        return known
    try:
        chain: Chain = await storage.chains.get(chain_id)
    except NotFound:
        raise ImportRefused(
            f"no chain {chain_id} is known",
            file="--chain",
            advice=f"add it first (import jsonl chain FILE), or use one of {', '.join(map(str, KNOWN_CHAINS))}",
        ) from None
    return ImportedChain(chain, NativeCoin(chain.native_symbol))
