"""The tables of the works as SQLAlchemy's declarative mapping writes them."""

from datetime import datetime
from decimal import Decimal
from enum import Enum as PythonEnum
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Enum, Numeric
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from strongroom.domain.positions.position import PositionStatus
from strongroom.domain.positions.position_valuation import ValuationSource
from strongroom.domain.pricing.price import PriceSource


def enum_of(kind: type[PythonEnum], name: str) -> "Enum[Any]":
    """Return the type of an enumeration of the database."""
    return Enum(kind, name=name, values_callable=lambda kind: [member.value for member in kind], create_type=False)


TIME = DateTime(timezone=True)
MONEY = Numeric(38, 18)
AMOUNT = Numeric(78, 0)


class Base(DeclarativeBase):
    """What the mapped classes have in common."""


class Position(Base):
    """A position, whose version is checked by every update."""

    __tablename__ = "nmt_position"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    safe_id: Mapped[UUID | None]
    wallet_id: Mapped[UUID | None]
    pool_id: Mapped[UUID]
    status: Mapped[PositionStatus] = mapped_column(enum_of(PositionStatus, "position_status"))
    shares: Mapped[Decimal] = mapped_column(AMOUNT)
    cost_basis_usd: Mapped[Decimal] = mapped_column(MONEY)
    realised_pnl_usd: Mapped[Decimal] = mapped_column(MONEY)
    value_usd: Mapped[Decimal] = mapped_column(MONEY)
    valued_at: Mapped[datetime | None] = mapped_column(TIME)
    opened_at: Mapped[datetime] = mapped_column(TIME)
    closed_at: Mapped[datetime | None] = mapped_column(TIME)
    created_at: Mapped[datetime] = mapped_column(TIME)
    updated_at: Mapped[datetime] = mapped_column(TIME)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it so


class Valuation(Base):
    """A valuation of a position."""

    __tablename__ = "nmt_position_valuation"

    position_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(TIME, primary_key=True)
    value_usd: Mapped[Decimal] = mapped_column(MONEY)
    shares: Mapped[Decimal] = mapped_column(AMOUNT)
    price_per_share: Mapped[Decimal | None] = mapped_column(MONEY)
    source: Mapped[ValuationSource] = mapped_column(enum_of(ValuationSource, "valuation_source"))


class Price(Base):
    """A price of a coin."""

    __tablename__ = "price"

    coin_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(TIME, primary_key=True)
    source: Mapped[PriceSource] = mapped_column(enum_of(PriceSource, "price_source"), primary_key=True)
    price_usd: Mapped[Decimal] = mapped_column(MONEY)
    confidence: Mapped[Decimal | None] = mapped_column(Numeric(24, 12))
