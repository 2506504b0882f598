"""The catalog that Prisma's engine would create from a schema."""

from collections.abc import Mapping

from attrs import field, frozen

from strongroom.adapters.schema.prisma.model.constraint_names import join_table_name
from strongroom.adapters.schema.prisma.model.schema import Field, FieldKind, ManyToMany, Model, PrismaSchema, View
from strongroom.adapters.schema.prisma.model.schema import Relation as RelationField
from strongroom.adapters.schema.prisma.quoting import (
    quote_catalog_literal,
    quote_if_needed,
    sequence_name,
    truncate_identifier,
)
from strongroom.adapters.schema.prisma.syntax.nodes import Arity, Call
from strongroom.domain.schema.catalog import (
    Action,
    Catalog,
    Column,
    ForeignKey,
    Index,
    IndexPart,
    PrimaryKey,
    Relation,
    RelationKind,
)
from strongroom.domain.schema.standalone_objects import EnumType, Sequence

from .column_types import ColumnType, column_type, column_type_sql
from .default_literals import default_sql
from .indexes import catalog_index


@frozen(kw_only=True)
class NormalizedSql:
    """How a server writes what only it can parse, by its text in the schema; what is not there stays as it is.

    ``types`` are those of Unsupported("…"), ``defaults`` the expressions of dbgenerated("…") by the type of their
    column, ``predicates`` the conditions of partial indexes by the name of their model.
    """

    types: Mapping[str, str] = field(factory=dict)
    defaults: Mapping[tuple[str, str], str] = field(factory=dict)
    predicates: Mapping[tuple[str, str], str] = field(factory=dict)


NOT_NORMALIZED = NormalizedSql()


def prisma_catalog(
    schema: PrismaSchema, default_schema: str = "public", normalized: NormalizedSql = NOT_NORMALIZED
) -> Catalog:
    """Return what Prisma's engine makes of a schema in an empty database: tables, enums, sequences, never views.

    ``default_schema`` is the one of the connection, where everything lies that names none.
    """
    maker = _CatalogBuilder(schema, default_schema, normalized)
    relations = [maker.table(model) for model in schema.models] + [maker.between(pair) for pair in schema.many_to_many]
    return Catalog(
        relations=tuple(sorted(relations, key=lambda relation: (relation.schema, relation.name))),
        enums=tuple(
            sorted(
                (
                    EnumType(
                        schema=enum.schema or default_schema,
                        name=truncate_identifier(enum.type),
                        labels=tuple(value.label for value in enum.values),
                    )
                    for enum in schema.enums
                ),
                key=lambda enum: (enum.schema, enum.name),
            )
        ),
        sequences=tuple(sorted(maker.sequences, key=lambda sequence: (sequence.schema, sequence.name))),
    )


def prisma_views(
    schema: PrismaSchema, default_schema: str = "public", spelling: NormalizedSql = NOT_NORMALIZED
) -> tuple[Relation, ...]:
    """Return the views that a schema expects somebody to make, with their columns, all of which may be null."""
    maker = _CatalogBuilder(schema, default_schema, spelling)
    return tuple(maker.view(view) for view in schema.views)


class _CatalogBuilder:
    def __init__(self, schema: PrismaSchema, default_schema: str, spelling: NormalizedSql) -> None:
        self._schema = schema
        self._default = default_schema
        self._spelling = spelling
        self._enums = {enum.name: enum for enum in schema.enums}
        self._models = {model.name: model for model in (*schema.models, *schema.views)}
        self.sequences: list[Sequence] = []

    def table(self, model: Model) -> Relation:
        key = model.primary_key
        keys = frozenset(key.fields) if key else frozenset()
        indexes = [catalog_index(model, index, self._spelling.predicates) for index in model.indexes]
        foreign = [self._foreign_key(model, line) for line in model.relations if line.holds_key]
        return Relation(
            schema=self._schema_of(model),
            name=truncate_identifier(model.table),
            columns=tuple(self._column(model, item, keyed=item.name in keys) for item in model.fields),
            primary_key=PrimaryKey(name=truncate_identifier(key.name), columns=_columns(model, key.fields))
            if key
            else None,
            indexes=tuple(sorted(indexes, key=lambda index: index.name)),
            foreign_keys=tuple(
                sorted(
                    (found for found in foreign if found and self._schema.foreign_keys), key=lambda found: found.name
                )
            ),
        )

    def view(self, view: View) -> Relation:
        columns = tuple(
            Column(name=truncate_identifier(item.column), type=column_type_sql(item, self._type(item)))
            for item in view.fields
        )
        return Relation(
            schema=self._schema_of(view), name=truncate_identifier(view.table), kind=RelationKind.VIEW, columns=columns
        )

    def between(self, pair: ManyToMany) -> Relation:
        """Return the table of two lists: a column for each side's key, both together its own."""
        sides = (("A", self._models[pair.model_a]), ("B", self._models[pair.model_b]))
        table = truncate_identifier(pair.table)
        foreign = [
            ForeignKey(
                name=join_table_name(table, f"_{column}_fkey"),
                columns=(column,),
                target_schema=self._schema_of(model),
                target=truncate_identifier(model.table),
                target_columns=_columns(model, model.primary_key.fields if model.primary_key else ()),
                on_delete=Action.CASCADE,
                on_update=Action.CASCADE,
            )
            for column, model in sides
        ]
        return Relation(
            schema=pair.schema or self._default,
            name=table,
            columns=tuple(
                Column(name=column, type=str(self._type(_single_key_column(model))), nullable=False)
                for column, model in sides
            ),
            primary_key=PrimaryKey(name=join_table_name(table, "_AB_pkey"), columns=("A", "B")),
            indexes=(Index(name=join_table_name(table, "_B_index"), parts=(IndexPart(column="B"),)),),
            foreign_keys=tuple(foreign) if self._schema.foreign_keys else (),
        )

    def _column(self, model: Model, item: Field, *, keyed: bool) -> Column:
        type_ = self._type(item)
        spelled = column_type_sql(item, type_)
        counted = isinstance(item.default, Call) and item.default.name == "autoincrement"
        default = self._serial(model, item, spelled) if counted else self._default_text(item, type_, spelled)
        return Column(
            name=truncate_identifier(item.column),
            type=spelled,
            nullable=item.arity is not Arity.REQUIRED and not keyed and not counted,
            default=default,
        )

    def _default_text(self, item: Field, type_: ColumnType, spelled: str) -> str | None:
        if item.default is None:
            return None
        text = default_sql(item.default, item.type, type_, self._enums.get(item.type))
        generated = isinstance(item.default, Call) and item.default.name == "dbgenerated"
        return self._spelling.defaults.get((spelled, text), text) if generated and text is not None else text

    def _serial(self, model: Model, item: Field, type_: str) -> str:
        """Return the default of a column that counts, and take note of its sequence."""
        schema, table, column = (
            self._schema_of(model),
            truncate_identifier(model.table),
            truncate_identifier(item.column),
        )
        name = sequence_name(table, column)
        self.sequences.append(Sequence(schema=schema, name=name, type=type_, owned_by=(schema, table, column)))
        return f"nextval({quote_catalog_literal(f'{quote_if_needed(schema)}.{quote_if_needed(name)}')}::regclass)"

    def _type(self, item: Field) -> ColumnType:
        type_ = column_type(item, self._enums, self._schema.datasource, self._default)
        if item.kind is FieldKind.UNSUPPORTED:
            return ColumnType(self._spelling.types.get(item.type, item.type))
        return type_

    def _foreign_key(self, model: Model, line: RelationField) -> ForeignKey | None:
        target = self._models[line.model]
        if line.constraint is None or line.on_delete is None or line.on_update is None or isinstance(target, View):
            return None
        return ForeignKey(
            name=truncate_identifier(line.constraint),
            columns=_columns(model, line.fields),
            target_schema=self._schema_of(target),
            target=truncate_identifier(target.table),
            target_columns=_columns(target, line.references),
            on_delete=Action[line.on_delete.name],
            on_update=Action[line.on_update.name],
        )

    def _schema_of(self, model: Model) -> str:
        return model.schema or self._default


def _columns(model: Model, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(truncate_identifier(model.field(name).column) for name in names)


def _single_key_column(model: Model) -> Field:
    return model.field(model.primary_key.fields[0] if model.primary_key else "")
