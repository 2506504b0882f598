"""Parts of a table as the SQL that makes them."""

from strongroom.adapters.quoting import quote_identifier
from strongroom.domain.schema.catalog import Check, Column, ForeignKey, Index, IndexPart, PrimaryKey, Relation


def column_list_sql(names: tuple[str, ...]) -> str:
    """Return names in brackets."""
    return f"({', '.join(map(quote_identifier, names))})"


def column_sql(column: Column) -> str:
    """Return what stands after ADD COLUMN."""
    words = [quote_identifier(column.name), type_sql(column)]
    if column.generated is not None:
        words.append(f"GENERATED ALWAYS AS ({column.generated}) STORED")
    elif column.identity is not None:
        words.append(f"GENERATED {column.identity.upper()} AS IDENTITY")
    elif column.default is not None:
        words.append(f"DEFAULT {column.default}")
    return " ".join(words) + " NOT NULL" * (not column.nullable)


def type_sql(column: Column) -> str:
    """Return a column's type, with its collation where that is not the type's own."""
    return column.type + (f" COLLATE {quote_identifier(column.collation)}" if column.collation is not None else "")


def primary_key_sql(key: PrimaryKey) -> str:
    """Return what stands after ADD."""
    deferrable = " DEFERRABLE" * key.deferrable
    return f"CONSTRAINT {quote_identifier(key.name)} PRIMARY KEY {column_list_sql(key.columns)}{deferrable}"


def foreign_key_sql(key: ForeignKey) -> str:
    """Return what stands after ADD, as if it held of all rows."""
    confined = f" {column_list_sql(key.on_delete_columns)}" if key.on_delete_columns else ""
    return (
        f"CONSTRAINT {quote_identifier(key.name)} FOREIGN KEY {column_list_sql(key.columns)} "
        f"REFERENCES {quote_identifier(key.target_schema, key.target)} {column_list_sql(key.target_columns)}"
        f"{' MATCH FULL' * key.match_full} "
        f"ON DELETE {key.on_delete.value}{confined} ON UPDATE {key.on_update.value}"
        f"{' DEFERRABLE' * key.deferrable}{' INITIALLY DEFERRED' * key.initially_deferred}"
    )


def check_sql(check: Check) -> str:
    """Return what stands after ADD, as if it held of all rows."""
    return f"CONSTRAINT {quote_identifier(check.name)} CHECK ({check.expression})" + " NO INHERIT" * (
        not check.inherited
    )


def index_sql(relation: Relation, index: Index) -> str:
    """Return the statement that makes an index, or the constraint that it stands for."""
    table, nulls = quote_identifier(relation.schema, relation.name), "NULLS NOT DISTINCT" * index.nulls_not_distinct
    include = f"INCLUDE {column_list_sql(index.include)}" if index.include else ""
    if index.constraint or index.deferrable:
        columns = column_list_sql(tuple(str(part.column) for part in index.parts))
        deferrable = "DEFERRABLE" * index.deferrable
        return _join_clauses(
            "ALTER TABLE",
            table,
            "ADD CONSTRAINT",
            quote_identifier(index.name),
            "UNIQUE",
            nulls,
            columns,
            include,
            deferrable,
        )
    return _join_clauses(
        "CREATE",
        "UNIQUE" * index.unique,
        "INDEX",
        "CONCURRENTLY" * (relation.partition_key is None),
        quote_identifier(index.name),
        f"ON {table} USING {index.method} ({', '.join(map(_index_part_sql, index.parts))})",
        include,
        nulls,
        f"WHERE {index.predicate}" if index.predicate else "",
    )


def _index_part_sql(part: IndexPart) -> str:
    return _join_clauses(
        quote_identifier(part.column) if part.column else f"({part.expression})",
        f"COLLATE {quote_identifier(part.collation)}" if part.collation else "",
        part.operator_class or "",
        "DESC" * part.descending,
        f"NULLS {'FIRST' if part.nulls_first else 'LAST'}" * (part.nulls_first != part.descending),
    )


def _join_clauses(*words: str) -> str:
    return " ".join(word for word in words if word)
