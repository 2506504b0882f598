"""The platform's entities, by name: the one place in the tests that counts them."""

from strongroom.adapters.mapping.platform import PLATFORM

SEED = """
    ApyHistory BalanceChange BlockHeader Chain Chat ChatMember Coin CoinData EthTransaction Goal
    IndexerCheckpoint Message MorphoVault Pool PoolToken PortfolioSnapshot Position PositionFlow
    PositionValuation Price Protocol SafeAccount SafeConfirmation SafeDelegate SafeDiscount SafeModule
    SafeModulePermission SafeOwner SafeTransaction SolBalanceChange SolTransaction Subscription SubscriptionPlan
    SubscriptionTransaction Swap TokenDailyValue UniswapV2Pair UniswapV3Pool UniswapV3Position User UserAddress
    Wallet YearnVault
"""


def test_the_platform_has_the_entities_of_the_seed():
    """Each entity is there, and no other; whoever adds one adds its name."""
    assert sorted(table.label for table in PLATFORM.entities) == SEED.split()
