"""Every kind of DDL that one side may try on the other's objects, with an example of each side's."""

from attrs import frozen

from strongroom.domain.schema.contract import ObjectKind


@frozen
class Targets:
    """Objects of one side: what the attacks of the other aim at."""

    table: str
    column: str
    second: str
    index: str
    check: str
    key: str
    trigger: str
    triggered: str
    enum: str
    value: str
    function: str


TARGETS = {
    "backend": Targets(
        table="swaps",
        column="trader_address",
        second="at",
        index="swaps_trader_address_at_idx",
        check="swaps_amount_in_check",
        key="swaps_pool_id_fkey",
        trigger="nmt_position_flow_immutable",
        triggered="nmt_position_flow",
        enum="flow_kind",
        value="fee",
        function="refuse_update",
    ),
    "frontend": Targets(
        table="user_address",
        column="label",
        second="address",
        index="user_address_user_id_family_address_kind_key",
        check="user_address_address_check",
        key="user_address_user_id_fkey",
        trigger="messages_announce",
        triggered="messages",
        enum="goal_status",
        value="reached",
        function="announce_messages",
    ),
}

ATTACKS = {
    "drop table": "DROP TABLE {table}",
    "drop table cascade": "DROP TABLE {table} CASCADE",
    "truncate": "TRUNCATE {table}",
    "truncate cascade": "TRUNCATE {table} CASCADE",
    "rename table": "ALTER TABLE {table} RENAME TO moved",
    "move table": "CREATE SCHEMA elsewhere; ALTER TABLE {table} SET SCHEMA elsewhere",
    "rename column": "ALTER TABLE {table} RENAME COLUMN {column} TO moved",
    "drop column": "ALTER TABLE {table} DROP COLUMN {column}",
    "drop column cascade": "ALTER TABLE {table} DROP COLUMN {column} CASCADE",
    "add column": "ALTER TABLE {table} ADD COLUMN extra integer",
    "retype column": "ALTER TABLE {table} ALTER COLUMN {column} TYPE varchar(10)",
    "default": "ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT ''",
    "not null": "ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL",
    "storage": "ALTER TABLE {table} SET (fillfactor = 50)",
    "column statistics": "ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 5",
    "drop check": "ALTER TABLE {table} DROP CONSTRAINT {check}",
    "drop foreign key": "ALTER TABLE {table} DROP CONSTRAINT {key}",
    "rename constraint": "ALTER TABLE {table} RENAME CONSTRAINT {check} TO moved",
    "add check": "ALTER TABLE {table} ADD CONSTRAINT extra CHECK (false) NOT VALID",
    "row security": "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
    "policy": "CREATE POLICY extra ON {table} USING (false)",
    "rule": "CREATE RULE extra AS ON INSERT TO {table} DO INSTEAD NOTHING",
    "replica identity": "ALTER TABLE {table} REPLICA IDENTITY FULL",
    "disable trigger": "ALTER TABLE {triggered} DISABLE TRIGGER {trigger}",
    "drop trigger": "DROP TRIGGER {trigger} ON {triggered}",
    "rename trigger": "ALTER TRIGGER {trigger} ON {triggered} RENAME TO moved",
    "create trigger": (
        "CREATE TRIGGER extra BEFORE UPDATE ON {table} FOR EACH ROW\n"
        "EXECUTE FUNCTION suppress_redundant_updates_trigger()"
    ),
    "create index": "CREATE INDEX extra ON {table} ({column})",
    "drop index": "DROP INDEX {index}",
    "rename index": "ALTER INDEX {index} RENAME TO moved",
    "reindex": "REINDEX INDEX {index}",
    "statistics": "CREATE STATISTICS extra ON {column}, {second} FROM {table}",
    "comment on table": "COMMENT ON TABLE {table} IS 'ours'",
    "comment on column": "COMMENT ON COLUMN {table}.{column} IS 'ours'",
    "comment on constraint": "COMMENT ON CONSTRAINT {check} ON {table} IS 'ours'",
    "comment on type": "COMMENT ON TYPE {enum} IS 'ours'",
    "inherit": "CREATE TABLE extra () INHERITS ({table})",
    "add enum value": "ALTER TYPE {enum} ADD VALUE 'extra'",
    "rename enum value": "ALTER TYPE {enum} RENAME VALUE '{value}' TO 'moved'",
    "rename type": "ALTER TYPE {enum} RENAME TO moved",
    "drop type cascade": "DROP TYPE {enum} CASCADE",
    "replace function": (
        "CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
    ),
    "rename function": "ALTER FUNCTION {function}() RENAME TO moved",
    "drop function cascade": "DROP FUNCTION {function}() CASCADE",
    "drop schema cascade": "DROP SCHEMA public CASCADE",
    "rename schema": "ALTER SCHEMA public RENAME TO moved",
}

OF_THE_BACKEND = {
    "drop materialized view": "DROP MATERIALIZED VIEW token_daily_values_mv",
    "refresh materialized view": "REFRESH MATERIALIZED VIEW token_daily_values_mv",
    "index on materialized view": "CREATE INDEX extra ON token_daily_values_mv (day)",
    "rename materialized view": "ALTER MATERIALIZED VIEW token_daily_values_mv RENAME TO moved",
    "drop partition": "DROP TABLE price_2026_01",
    "truncate partition": "TRUNCATE price_2026_01",
    "detach partition": "ALTER TABLE price DETACH PARTITION price_2026_01",
    "attach partition": (
        "CREATE TABLE extra (LIKE price INCLUDING ALL);"
        "ALTER TABLE price ATTACH PARTITION extra FOR VALUES FROM ('2030-01-01') TO ('2030-02-01')"
    ),
    "make partition": "CREATE TABLE extra PARTITION OF price FOR VALUES FROM ('2030-01-01') TO ('2030-02-01')",
}


def attacks_on(side):
    """Return the attacks on a side's objects, by name."""
    targets = TARGETS[side]
    values = {name: getattr(targets, name) for name in Targets.__slots__ if not name.startswith("_")}
    written = {name: statement.format(**values) for name, statement in ATTACKS.items()}
    return written | (OF_THE_BACKEND if side == "backend" else {})


def pushed_from(contract, side):
    """Return what a push of a schema that knows nothing of a side's objects would run, statement by statement.

    `prisma db push` plans DROP TABLE and DROP TYPE for what schema.prisma lacks, DROP COLUMN for unknown columns;
    `prisma migrate reset` drops the schema.
    """
    owned = [part for part in contract.ownership if part.side == side]
    tables = [part.pattern.name for part in owned if part.kind is ObjectKind.TABLE]
    enums = [part.pattern.name for part in owned if part.kind is ObjectKind.ENUM]
    return [
        *(f'DROP TABLE "{name}"' for name in tables),
        *(f'DROP TABLE "{name}" CASCADE' for name in tables),
        *(f'DROP TYPE "{name}"' for name in enums),
        f'ALTER TABLE "{TARGETS[side].table}" DROP COLUMN "{TARGETS[side].column}"',
        'DROP SCHEMA IF EXISTS "public" CASCADE',
    ]
