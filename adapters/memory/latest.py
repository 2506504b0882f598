"""The newest row of each of many parents at or before a time: for tables that keep a history."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from strongroom.adapters.mapping.table import Table
from strongroom.ports.criteria import Criteria

from .repository import plan_of
from .session import Session


async def latest_by_parent(
    session: Session, table: Table, until: Criteria, parents: Sequence[UUID], at: datetime
) -> dict[UUID, Any]:
    """Return the newest row of each parent by the parent; those without are left out. Raises InvalidValue.

    ``until`` finds the rows of a parent up to a time, the newest first; the table's key is (parent, time).
    """
    parent, time = (table.column(name) for name in table.key)
    wanted = {table.checked_value(parent, each) for each in parents}
    moment = table.checked_value(time, at)
    view = await session.view(
        table, lambda: lambda row: getattr(row, parent.name) in wanted and getattr(row, time.name) <= moment
    )
    plan = plan_of(table, until)
    newest = {each: next(iter(plan.rows(view, [each, moment])), None) for each in wanted}
    return {each: row for each, row in newest.items() if row is not None}
