"""The tables of the works as Tortoise's models write them; a model's key is one field: a part of it here."""

from tortoise import fields
from tortoise.models import Model

from strongroom.domain.positions.position import PositionStatus
from strongroom.domain.positions.position_valuation import ValuationSource
from strongroom.domain.pricing.price import PriceSource


class Position(Model):
    """A position."""

    id = fields.UUIDField(primary_key=True)
    user_id = fields.UUIDField()
    safe_id = fields.UUIDField(null=True)
    wallet_id = fields.UUIDField(null=True)
    pool_id = fields.UUIDField()
    status = fields.CharEnumField(PositionStatus)
    shares = fields.DecimalField(78, 0)
    cost_basis_usd = fields.DecimalField(38, 18)
    realised_pnl_usd = fields.DecimalField(38, 18)
    value_usd = fields.DecimalField(38, 18)
    valued_at = fields.DatetimeField(null=True)
    opened_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    version = fields.IntField()

    class Meta:
        """Where the rows are."""

        table = "nmt_position"


class Valuation(Model):
    """A valuation of a position."""

    position_id = fields.UUIDField(primary_key=True)
    at = fields.DatetimeField()
    value_usd = fields.DecimalField(38, 18)
    shares = fields.DecimalField(78, 0)
    price_per_share = fields.DecimalField(38, 18, null=True)
    source = fields.CharEnumField(ValuationSource)

    class Meta:
        """Where the rows are."""

        table = "nmt_position_valuation"


class Price(Model):
    """A price of a coin."""

    coin_id = fields.UUIDField(primary_key=True)
    at = fields.DatetimeField()
    source = fields.CharEnumField(PriceSource)
    price_usd = fields.DecimalField(38, 18)
    confidence = fields.DecimalField(24, 12, null=True)

    class Meta:
        """Where the rows are."""

        table = "price"
