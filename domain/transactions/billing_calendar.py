"""The periods of plans on the calendar: so many days of 24 hours, or so many months from an anchor.

A plan by the month or the year is anchored, as Stripe's billing cycle anchor is
(https://docs.stripe.com/billing/subscriptions/billing-cycle): each period ends on the anchor's day of the month and
time of day in the customer's time zone. A month without that day ends it on its last day, and later months come back to
the anchor's: 31 January, 29 February, 31 March. Where the clocks leave a time out, it is as much later; of a time that
comes twice the first counts.
"""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ..errors import InvalidValue
from ..values.field_types import MAX_TIMESTAMP
from ..values.instants import utc_times
from .subscription_plan import SubscriptionPlan

MONTHS_A_YEAR: Final = 12


def zone_of(name: str) -> ZoneInfo:
    """Return the IANA time zone of a name, such as Europe/Berlin. Raises InvalidValue for an unknown one."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        reason = f"{name[:100]!r} is no time zone of the IANA database, such as Europe/Berlin"
        raise InvalidValue("Subscription", field="time_zone", reason=reason) from None


@utc_times
def period_end(
    plan: SubscriptionPlan, start: datetime, *, anchor_at: datetime | None = None, time_zone: str = "UTC"
) -> datetime:
    """Return when a period of a plan ends that starts at a time; without an anchor the start is one.

    One that starts between two of the anchor's days ends as if it had started on the first of them. Raises InvalidValue
    beyond the calendar, and for an unknown time zone.
    """
    if plan.period_months is None:
        return _shifted(start, plan.period_days)
    anchor = anchor_at or start
    months = _months_until(anchor, start, time_zone)
    return _anchored(anchor, months + plan.period_months, time_zone)


@utc_times
def period_start(
    plan: SubscriptionPlan, end: datetime, *, anchor_at: datetime | None = None, time_zone: str = "UTC"
) -> datetime:
    """Return when a period of a plan starts that ends at a time; without an anchor the end is one.

    Raises InvalidValue beyond the calendar, and for an unknown time zone.
    """
    if plan.period_months is None:
        return _shifted(end, -plan.period_days)
    anchor = anchor_at or end
    months = _months_until(anchor, end, time_zone)
    if _anchored(anchor, months, time_zone) < end:
        months += 1
    return _anchored(anchor, months - plan.period_months, time_zone)


@utc_times
def is_boundary(at: datetime, *, anchor_at: datetime | None, time_zone: str) -> bool:
    """Say whether a time is the anchor, or so many months before or after it."""
    return anchor_at is not None and _anchored(anchor_at, _months_until(anchor_at, at, time_zone), time_zone) == at


def _shifted(at: datetime, days: int) -> datetime:
    if days > (MAX_TIMESTAMP - at).days:
        reason = f"{days} days after {at.isoformat()} is beyond the calendar"
        raise InvalidValue("Subscription", field="current_period_end", reason=reason)
    try:
        return at + timedelta(days=days)
    except OverflowError:
        reason = f"{-days} days before {at.isoformat()} is beyond the calendar"
        raise InvalidValue("Subscription", field="current_period_end", reason=reason) from None


def _anchored(anchor: datetime, months: int, time_zone: str) -> datetime:
    """Return the time so many months after the anchor, in UTC."""
    local = anchor.astimezone(zone_of(time_zone))
    year, month = divmod(local.year * MONTHS_A_YEAR + local.month - 1 + months, MONTHS_A_YEAR)
    try:
        day = min(local.day, monthrange(year, month + 1)[1])
        return local.replace(year=year, month=month + 1, day=day, fold=0).astimezone(UTC)
    except (ValueError, OverflowError):
        reason = f"{months} months after {anchor.isoformat()} is beyond the calendar"
        raise InvalidValue("Subscription", field="current_period_end", reason=reason) from None


def _months_until(anchor: datetime, at: datetime, time_zone: str) -> int:
    """Return how many whole months lie between the anchor and a time."""
    zone = zone_of(time_zone)
    first, last = anchor.astimezone(zone), at.astimezone(zone)
    months = (last.year - first.year) * MONTHS_A_YEAR + last.month - first.month
    return months if _anchored(anchor, months, time_zone) <= at else months - 1
