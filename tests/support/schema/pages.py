"""Schemas whose page is looked at: a small one with drift and hostile names, and one as large as you like."""

from datetime import date

from strongroom.domain.schema.catalog import (
    Action,
    Catalog,
    Check,
    Column,
    ForeignKey,
    Index,
    IndexPart,
    PrimaryKey,
    Relation,
    RelationKind,
)
from strongroom.domain.schema.check import Declaration, check_contract
from strongroom.domain.schema.contract import Contract, ContractSide, Language, MigrationKind, Ownership, Pattern
from strongroom.domain.schema.contract import ReadGrant as Reads
from strongroom.domain.schema.findings import DeclaredSchema
from strongroom.domain.schema.page import Page, TableStep, areas_by_name, make_page
from strongroom.domain.schema.standalone_objects import EnumType

HOSTILE = "</script><b id='obeyed' onclick=\"alert(1)\">&amp; {{script}} <!--"
"""A name that would leave a script, an element, an attribute and a template, were it let."""


def contract() -> Contract:
    """Two sides: shop owns orders and customers, desk owns the tickets, and reads two columns of the customers."""
    return Contract(
        sides=(
            ContractSide("shop", "shop_migrator", None, MigrationKind.SQL, Language.STRONGROOM),
            ContractSide("desk", "desk_migrator", None, MigrationKind.SQL),
        ),
        ownership=(
            *(Ownership("shop", None, Pattern("public", name)) for name in ("customer", "order_*", "state")),
            Ownership("desk", None, Pattern("public", "ticket*")),
        ),
        readers=(
            Reads("desk", Pattern("public", "customer"), ("id", "name")),
            Reads("desk", Pattern("public", "order_line"), ()),
        ),
    )


def catalog() -> Catalog:
    """Six tables and a view; one of the tables is nobody's, and has a name that nobody would want."""
    return Catalog(
        relations=(
            table("customer", "id bigint", "name text", comment="Who buys."),
            table(
                "order_head", "id bigint", "customer_id bigint", "state public.state", to={"customer_id": "customer"}
            ),
            table("order_line", "id bigint", "order_id bigint", "amount numeric(38,18)", to={"order_id": "order_head"}),
            table(
                "ticket",
                "id bigint",
                "customer_id bigint",
                "answers bigint",
                to={"customer_id": "customer", "answers": "ticket"},
            ),
            table("ticket_note", "id bigint", "ticket_id bigint", "body text", to={"ticket_id": "ticket"}),
            table(HOSTILE, "id bigint", f"{HOSTILE} text", comment=HOSTILE),
            Relation(
                schema="public",
                name="ticket_count",
                kind=RelationKind.MATERIALIZED_VIEW,
                columns=(Column(name="customer_id", type="bigint"), Column(name="tickets", type="bigint")),
                definition=f"SELECT '{HOSTILE}'",
            ),
        ),
        enums=(EnumType(schema="public", name="state", labels=("open", HOSTILE)),),
    )


def table(name: str, *columns: str, to: dict[str, str] | None = None, comment: str | None = None) -> Relation:
    """Return a table by its columns, each a name and a type, the first of them its key."""
    pairs = [text.rsplit(" ", 1) for text in columns]
    return Relation(
        schema="public",
        name=name,
        columns=tuple(
            Column(name=column, type=kind, nullable=place > 0, comment=comment)
            for place, (column, kind) in enumerate(pairs)
        ),
        primary_key=PrimaryKey(name=f"{name}_pkey", columns=(pairs[0][0],)),
        foreign_keys=tuple(
            ForeignKey(
                name=f"{name}_{column}_fkey",
                columns=(column,),
                target_schema="public",
                target=target,
                target_columns=("id",),
                on_delete=Action.CASCADE,
            )
            for column, target in (to or {}).items()
        ),
        checks=(Check(name=f"{name}_check", expression="(id > 0)"),),
        indexes=(Index(name=f"{name}_idx", parts=(IndexPart(column=pairs[-1][0], descending=True),)),),
        comment=comment,
    )


def drifted_page() -> Page:
    """The page of the small schema: findings on order_line, on the table that is nobody's, and on no table."""
    found = catalog()
    declared = Catalog(
        relations=(
            found.relations[0],
            found.relations[1],
            table(
                "order_line",
                "id bigint",
                "order_id bigint",
                "amount numeric(78,0)",
                "note text",
                to={"order_id": "order_head"},
            ),
            table("order_gone", "id bigint"),
        ),
        enums=found.enums,
    )
    shop = Declaration(DeclaredSchema("the entities", "shop", Language.STRONGROOM), declared)
    checked = check_contract(contract(), found, [shop], today=date(2026, 1, 1), baseline={})
    return make_page(
        contract(),
        found,
        checked,
        source="a database",
        areas=areas_by_name(found),
        steps={
            ("public", "order_line"): (
                TableStep(migration="pg/0001_orders", did="created"),
                TableStep(migration="pg/0002_amounts", did="changed"),
            )
        },
        migrations=["pg/0001_orders", "pg/0002_amounts"],
    )


def large_page(tables: int) -> Page:
    """A page of as many tables, each of fifteen columns and with two foreign keys, in areas of twenty."""
    columns = ("id bigint", *(f"attribute_number_{number} numeric(38,18)" for number in range(12)))
    relations = tuple(
        table(
            f"area{number // 20}_table_{number}",
            *columns,
            "parent_id bigint",
            "other_id bigint",
            to={
                "parent_id": f"area{number // 2 // 20}_table_{number // 2}",
                "other_id": f"area{number // 20}_table_{number // 20 * 20}",
            },
        )
        for number in range(tables)
    )
    found = Catalog(relations=relations)
    both = Contract(sides=contract().sides, ownership=(Ownership("shop", None, Pattern("public", "*")),))
    return make_page(
        both,
        found,
        check_contract(both, found, [], today=date(2026, 1, 1), baseline={}),
        source="a database",
        areas=areas_by_name(found),
        steps={(one.schema, one.name): (TableStep(migration="pg/0001_all", did="created"),) for one in relations},
        migrations=["pg/0001_all"],
    )
