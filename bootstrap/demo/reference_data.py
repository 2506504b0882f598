"""Define the sample platform's reference data: real chains, coins, protocols and pools, at their real addresses."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from attrs import frozen

from strongroom.adapters.sources import KNOWN_CHAINS
from strongroom.domain.positions.pool import Pool, PoolKind
from strongroom.domain.positions.pool_token import PoolToken
from strongroom.domain.pricing.coin import Coin, CoinStandard
from strongroom.domain.pricing.coin_data import CoinData
from strongroom.domain.protocols.chain import SOLANA_MAINNET, Chain
from strongroom.domain.protocols.protocol import Protocol
from strongroom.domain.values.address import ZERO_ADDRESS, ChainFamily

ETHEREUM: Final = 1
DAYS: Final = 90
END: Final = datetime(2026, 10, 31, tzinfo=UTC)
"""The time up to which the sample goes; it starts 90 days earlier."""

CHAINS: Final = (
    *(known.chain for known in KNOWN_CHAINS.values()),
    Chain(
        id=SOLANA_MAINNET,
        family=ChainFamily.SOLANA,
        name="Solana",
        native_symbol="SOL",
        explorer_url="https://solscan.io",
        finality_depth=32,
    ),
)


def sample_id(*words: object) -> UUID:
    """Return the identity that something of the sample always has."""
    return uuid5(NAMESPACE_URL, ":".join(("strongroom", "sample", *map(str, words))))


def _coin(  # noqa: PLR0913 - one row of a table
    symbol: str, name: str, address: str, decimals: int, coingecko_id: str, *, stable: bool = False
) -> Coin:
    return Coin(
        id=sample_id("coin", symbol),
        chain_id=ETHEREUM,
        address=address,
        standard=CoinStandard.NATIVE if address == ZERO_ADDRESS else CoinStandard.ERC20,
        symbol=symbol,
        name=name,
        decimals=decimals,
        coingecko_id=coingecko_id,
        is_stable=stable,
        is_verified=True,
    )


COINS: Final = {
    coin.symbol: coin
    for coin in (
        _coin("ETH", "Ether", ZERO_ADDRESS, 18, "ethereum"),
        _coin("WETH", "Wrapped Ether", "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", 18, "weth"),
        _coin("WBTC", "Wrapped BTC", "0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599", 8, "wrapped-bitcoin"),
        _coin("UNI", "Uniswap", "0x1f9840a85d5aF5bf1D1762F925BDADdC4201F984", 18, "uniswap"),
        _coin("USDC", "USD Coin", "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", 6, "usd-coin", stable=True),
        _coin("USDT", "Tether USD", "0xdAC17F958D2ee523a2206206994597C13D831ec7", 6, "tether", stable=True),
        _coin("DAI", "Dai Stablecoin", "0x6B175474E89094C44Da98b954EedeAC495271d0F", 18, "dai", stable=True),
    )
}

COIN_DATA: Final = tuple(
    CoinData(
        coin_id=coin.id,
        links={"coingecko": f"https://www.coingecko.com/en/coins/{coin.coingecko_id}"},
        updated_at=END,
    )
    for coin in COINS.values()
)

PROTOCOLS: Final = {
    slug: Protocol(id=sample_id("protocol", slug), slug=slug, name=name, category=category, website=website)
    for slug, name, category, website in (
        ("uniswap-v2", "Uniswap v2", "dex", "https://uniswap.org"),
        ("uniswap-v3", "Uniswap v3", "dex", "https://uniswap.org"),
        ("yearn", "Yearn", "yield", "https://yearn.fi"),
        ("morpho", "Morpho", "lending", "https://morpho.org"),
        ("aave-v3", "Aave v3", "lending", "https://aave.com"),
    )
}


@frozen(kw_only=True)
class SamplePool:
    """A pool of the sample: its coins, the decimals of its shares, and what a whole share held when the sample starts.

    ``yearly`` is what its holders earn, a fraction a year; ``first_worth`` is in whole coins of the pool's only
    coin, or, for two coins, a factor of the geometric mean of their prices.
    """

    pool: Pool
    coins: tuple[Coin, ...]
    share_decimals: int
    yearly: Decimal
    first_worth: Decimal

    @property
    def tokens(self) -> tuple[PoolToken, ...]:
        """The coins as the pool's tokens, in equal parts."""
        weight = Decimal(1) / len(self.coins)
        return tuple(
            PoolToken(pool_id=self.pool.id, position=place, coin_id=coin.id, weight=weight)
            for place, coin in enumerate(self.coins)
        )


def _pool(  # noqa: PLR0913 - one row of a table
    key: str,
    protocol: str,
    kind: PoolKind,
    address: str,
    name: str,
    coins: tuple[str, ...],
    *,
    share_decimals: int,
    yearly: str,
    tvl_usd: int,
    first_worth: str = "1",
) -> SamplePool:
    pool = Pool(
        id=sample_id("pool", key),
        chain_id=ETHEREUM,
        protocol_id=PROTOCOLS[protocol].id,
        address=address,
        name=name,
        kind=kind,
        apy=Decimal(yearly),
        apy_base=Decimal(yearly),
        tvl_usd=Decimal(tvl_usd),
        created_at=END,
        updated_at=END,
    )
    return SamplePool(
        pool=pool,
        coins=tuple(COINS[symbol] for symbol in coins),
        share_decimals=share_decimals,
        yearly=Decimal(yearly),
        first_worth=Decimal(first_worth),
    )


# fmt: off
POOLS: Final = {
    "v2-usdc-weth": _pool(
        "v2-usdc-weth", "uniswap-v2", PoolKind.UNISWAP_V2, "0xB4e16d0168e52d35CaCD2c6185b44281Ec28C9Dc",
        "USDC/WETH", ("USDC", "WETH"), share_decimals=18, yearly="0.061", tvl_usd=38_000_000, first_worth="2000000",
    ),
    "v2-weth-usdt": _pool(
        "v2-weth-usdt", "uniswap-v2", PoolKind.UNISWAP_V2, "0x0d4a11d5EEaaC28EC3F61d100daF4d40471f1852",
        "WETH/USDT", ("WETH", "USDT"), share_decimals=18, yearly="0.074", tvl_usd=46_000_000, first_worth="2000000",
    ),
    "v3-usdc-weth": _pool(
        "v3-usdc-weth", "uniswap-v3", PoolKind.UNISWAP_V3, "0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640",
        "USDC/WETH 0.05%", ("USDC", "WETH"), share_decimals=12, yearly="0.187", tvl_usd=91_000_000, first_worth="31",
    ),
    "v3-wbtc-weth": _pool(
        "v3-wbtc-weth", "uniswap-v3", PoolKind.UNISWAP_V3, "0xCBCdF9626bC03E24f779434178A73a0B4bad62eD",
        "WBTC/WETH 0.3%", ("WBTC", "WETH"), share_decimals=12, yearly="0.093", tvl_usd=120_000_000, first_worth="17",
    ),
    "v3-dai-usdc": _pool(
        "v3-dai-usdc", "uniswap-v3", PoolKind.UNISWAP_V3, "0x5777d92f208679DB4b9778590Fa3CAB3aC9e2168",
        "DAI/USDC 0.01%", ("DAI", "USDC"), share_decimals=12, yearly="0.024", tvl_usd=33_000_000, first_worth="2000",
    ),
    "yearn-usdc": _pool(
        "yearn-usdc", "yearn", PoolKind.YEARN, "0xa354F35829Ae975e850e23e9615b11Da1B3dC4DE",
        "yvUSDC", ("USDC",), share_decimals=6, yearly="0.052", tvl_usd=21_000_000, first_worth="1.0891",
    ),
    "yearn-dai": _pool(
        "yearn-dai", "yearn", PoolKind.YEARN, "0xdA816459F1AB5631232FE5e97a05BBBb94970c95",
        "yvDAI", ("DAI",), share_decimals=18, yearly="0.047", tvl_usd=14_000_000, first_worth="1.1042",
    ),
    "morpho-usdc": _pool(
        "morpho-usdc", "morpho", PoolKind.MORPHO, "0xBEEF01735c132Ada46AA9aA4c54623cAA92A64CB",
        "Steakhouse USDC", ("USDC",), share_decimals=18, yearly="0.068", tvl_usd=260_000_000, first_worth="1.0973",
    ),
    "aave-weth": _pool(
        "aave-weth", "aave-v3", PoolKind.LENDING, "0x4d5F47FA6A74757f35C14fD3a6Ef8E3C9BC514E8",
        "aEthWETH", ("WETH",), share_decimals=18, yearly="0.019", tvl_usd=7_900_000_000, first_worth="1.0456",
    ),
    "aave-usdc": _pool(
        "aave-usdc", "aave-v3", PoolKind.LENDING, "0x98C23E9d8f34FEFb1B7BD6a91B7FF122F4e16F5c",
        "aEthUSDC", ("USDC",), share_decimals=6, yearly="0.041", tvl_usd=5_100_000_000, first_worth="1.1317",
    ),
}
# fmt: on
