"""Imports coins of a chain from a list of tokens."""

from collections.abc import Iterable

from ..storage import Storage
from .import_batches import BatchWriter
from .import_chain_facts import ImportedChain, TokenFact
from .import_coins import CoinDirectory, add_chain
from .import_report import FactWithOrigin, ImportCounter, ImportReport, Rejections


async def import_tokens(
    storage: Storage,
    facts: Iterable[FactWithOrigin[TokenFact]],
    imported: ImportedChain,
    *,
    rejections: Rejections,
    tally: ImportCounter,
) -> ImportReport:
    """Add the coins that storage does not know and complete placeholders, in one transaction.

    What storage knows of a coin is never overwritten. Raises ImportRefused for the first bad line, unless such are
    skipped.
    """
    async with storage.transaction() as transaction:
        writer = BatchWriter(transaction, tally, rejections)
        await add_chain(transaction, writer, imported)
        await CoinDirectory(transaction, writer, imported.chain.id).fill(facts)
    return tally.report(rejections)
