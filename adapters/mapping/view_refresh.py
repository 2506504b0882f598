"""The table of the materialized views' refreshes: storage's own record, of no entity."""

from datetime import datetime

from attrs import frozen

from strongroom.domain.values.fields import checked

from .declaration import declare


@frozen(kw_only=True, field_transformer=checked)
class ViewRefresh:
    """When a materialized view was last made anew; writing it makes refreshes wait for one another."""

    view_name: str
    refreshed_at: datetime


VIEW_REFRESH = declare(
    ViewRefresh,
    "strongroom_view_refresh",
    key=("view_name",),
)
