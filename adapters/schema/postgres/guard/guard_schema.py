"""Define the guard's schema: the tables of owners and their objects, approvals, and a log.

PostgreSQL names what a command has dropped only when it is gone, its owner with it, and a renamed object only by its
new name (chapter 40, Event Triggers). So every object that a side owns is registered by its OID and name; a command
that creates or renames one keeps the register up to date.
"""

from typing import Final

from attrs import frozen

GUARD_SCHEMA: Final = "strongroom_guard"
RETIRED_SETTING: Final = "strongroom.guard_approval"
"""The setting that earlier versions took as an approval: a session or a connection URL could set it permanently."""


@frozen
class GuardColumn:
    """A column of a table of the guard; ``default`` is spelled as PostgreSQL prints it."""

    name: str
    type: str
    nullable: bool = False
    default: str | None = None
    identity: bool = False

    @property
    def sql(self) -> str:
        """The column in CREATE TABLE."""
        words = [self.name, self.type]
        if self.identity:
            words.append("GENERATED ALWAYS AS IDENTITY")
        if self.default is not None:
            words.append(f"DEFAULT {self.default}")
        return " ".join(words) + " NOT NULL" * (not self.nullable)


@frozen
class GuardTable:
    """A table of the guard; if ``recomputable``, an installation can rebuild it without losing data."""

    name: str
    columns: tuple[GuardColumn, ...]
    key: tuple[str, ...]
    recomputable: bool = True

    @property
    def qualified(self) -> str:
        """The table's name with its schema."""
        return f"{GUARD_SCHEMA}.{self.name}"

    @property
    def create_sql(self) -> str:
        """The statement that creates the table."""
        columns = ", ".join(column.sql for column in self.columns)
        key = f"CONSTRAINT {self.name}_pkey PRIMARY KEY ({', '.join(self.key)})"
        return f"CREATE TABLE {self.qualified} ({columns}, {key})"

    @property
    def sequences(self) -> tuple[str, ...]:
        """The sequences of the table's identity columns."""
        return tuple(f"{self.name}_{column.name}_seq" for column in self.columns if column.identity)

    @property
    def parts(self) -> frozenset[str]:
        """The objects that are part of the table, as ``pg_identify_object`` names them, without its toast table."""
        return frozenset(
            {
                f"type {self.qualified}",
                f"table constraint {self.name}_pkey on {self.qualified}",
                *(f"sequence {GUARD_SCHEMA}.{name}" for name in self.sequences),
                *(f"default value for {self.qualified}.{one.name}" for one in self.columns if one.default is not None),
            }
        )


_TIME: Final = "timestamp with time zone"
TABLES: Final = {
    table.name: table
    for table in (
        GuardTable("side_role", (GuardColumn("role", "name"), GuardColumn("side", "text")), key=("role",)),
        # An empty kind matches any kind; globs for schema and name are stored as regular expressions.
        GuardTable(
            "declared",
            (
                GuardColumn("kind", "text"),
                GuardColumn("name_spaces", "text[]"),
                GuardColumn("schema", "text"),
                GuardColumn("name", "text"),
                GuardColumn("is_glob", "boolean"),
                GuardColumn("side", "text"),
            ),
            key=("kind", "schema", "name", "is_glob", "side"),
        ),
        GuardTable(
            "owned",
            (
                GuardColumn("class_id", "oid"),
                GuardColumn("object_id", "oid"),
                GuardColumn("schema", "text"),
                GuardColumn("name", "text"),
                GuardColumn("side", "text"),
            ),
            key=("class_id", "object_id"),
        ),
        # An approval holds in the transaction of this identifier that began at this time: a restored dump brings
        # identifiers that its server has yet to give.
        GuardTable(
            "approval",
            (GuardColumn("transaction", "xid8"), GuardColumn("began", _TIME), GuardColumn("reason", "text")),
            key=("transaction", "began"),
        ),
        # The log holds no text of statements: that may carry passwords.
        GuardTable(
            "ddl_log",
            (
                GuardColumn("id", "bigint", identity=True),
                GuardColumn("at", _TIME, default="clock_timestamp()"),
                GuardColumn("login", "name"),
                GuardColumn("role", "name"),
                GuardColumn("application", "text"),
                GuardColumn("client", "inet", nullable=True),
                GuardColumn("command", "text"),
                GuardColumn("object_type", "text", nullable=True),
                GuardColumn("object", "text", nullable=True),
                GuardColumn("side", "text", nullable=True),
                GuardColumn("approval", "text", nullable=True),
            ),
            key=("id",),
            recomputable=False,
        ),
    )
}
