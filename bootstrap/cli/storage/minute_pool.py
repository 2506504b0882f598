"""The pool that minute series are of, as it is written on the command line."""

import typer

from strongroom.adapters.sources import KNOWN_CHAINS, POLYGON_USDC_WETH, MinutePool, TokenFact
from strongroom.domain.values.address import parse_evm_address


def parse_pool(chain_id: int, token0: str | None, token1: str | None, quote: int) -> MinutePool:
    """Return the pool of two tokens; without tokens USDC/WETH on Polygon. Raises BadParameter."""
    if token0 is None and token1 is None:
        if chain_id != POLYGON_USDC_WETH.chain.chain.id or quote != 0:
            message = "give --token0 and --token1, too: without them the pool is USDC/WETH on Polygon"
            raise typer.BadParameter(message)
        return POLYGON_USDC_WETH
    if token0 is None or token1 is None:
        message = "give both --token0 and --token1, or neither"
        raise typer.BadParameter(message)
    if chain_id not in KNOWN_CHAINS:
        message = f"chain {chain_id} is none of {', '.join(map(str, KNOWN_CHAINS))}"
        raise typer.BadParameter(message)
    return MinutePool(
        chain=KNOWN_CHAINS[chain_id], token0=_token(token0), token1=_token(token1), quote_is_token1=quote == 1
    )


def _token(text: str) -> TokenFact:
    address, symbol, decimals = [*text.split(":"), "", ""][:3]
    if not symbol or not decimals.isascii() or not decimals.isdigit() or len(decimals) > 3 or int(decimals) > 255:
        message = f"{text[:100]!r} is not ADDRESS:SYMBOL:DECIMALS"
        raise typer.BadParameter(message)
    try:
        return TokenFact(address=parse_evm_address(address), symbol=symbol, name=symbol, decimals=int(decimals))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
