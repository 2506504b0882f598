"""What a change of a column is made from: the column, what depends on it, and what the change leaves."""

from attrs import frozen

from .catalog import Catalog


@frozen(kw_only=True)
class Dependent:
    """An index or constraint of a column: its name, that of its counterpart in the period, and the one in the end.

    ``definition`` is the counterpart's as PostgreSQL writes it, ``index`` the one that a unique constraint stands on.
    """

    kind: str
    name: str
    step: str
    final_name: str
    definition: str = ""
    index: str | None = None
    validated: bool = True


@frozen
class DependentView:
    """A view that shows a column, by its definition once it shows the new one."""

    schema: str
    name: str
    definition: str


@frozen(kw_only=True)
class ColumnState:
    """A column as it is, or as the change leaves it."""

    type: str
    nullable: bool
    default: str | None
    comment: str | None
    collation: str | None


@frozen(kw_only=True)
class ChangeContext:
    """What a change of a column is made from.

    ``column`` is today's, ``goal`` what the change leaves (None: nothing), and ``catalog`` what the schemas hold
    then. ``fires`` are the triggers that every row fires on its way, ``mentions`` the functions that name the column.
    """

    column: ColumnState
    target_state: ColumnState | None
    catalog: Catalog
    partitioned: bool
    dependents: tuple[Dependent, ...]
    views: tuple[DependentView, ...]
    grants: tuple[tuple[str, str, bool], ...]
    triggers_fired: tuple[str, ...]
    mentions: tuple[str, ...]
