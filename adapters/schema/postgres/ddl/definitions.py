"""Parts of a table as the SQL that makes them."""

from strongroom.domain.schema.catalog import Check, Column, ForeignKey, Index, IndexPart, PrimaryKey, Relation


def identifier(*names: str) -> str:
    """Return a name, qualified where several are given."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def literal(text: str) -> str:
    """Return a text as a literal, whatever standard_conforming_strings is."""
    escape = "E" if "\\" in text else ""
    return f"{escape}'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def listed(names: tuple[str, ...]) -> str:
    """Return names in brackets."""
    return f"({', '.join(map(identifier, names))})"


def column_sql(column: Column) -> str:
    """Return what stands after ADD COLUMN."""
    words = [identifier(column.name), typed(column)]
    if column.generated is not None:
        words.append(f"GENERATED ALWAYS AS ({column.generated}) STORED")
    elif column.identity is not None:
        words.append(f"GENERATED {column.identity.upper()} AS IDENTITY")
    elif column.default is not None:
        words.append(f"DEFAULT {column.default}")
    return " ".join(words) + " NOT NULL" * (not column.nullable)


def typed(column: Column) -> str:
    """Return a column's type, with its collation where that is not the type's own."""
    return column.type + (f" COLLATE {identifier(column.collation)}" if column.collation is not None else "")


def primary_key_sql(key: PrimaryKey) -> str:
    """Return what stands after ADD."""
    deferrable = " DEFERRABLE" * key.deferrable
    return f"CONSTRAINT {identifier(key.name)} PRIMARY KEY {listed(key.columns)}{deferrable}"


def foreign_key_sql(key: ForeignKey) -> str:
    """Return what stands after ADD, as if it held of all rows."""
    confined = f" {listed(key.on_delete_columns)}" if key.on_delete_columns else ""
    return (
        f"CONSTRAINT {identifier(key.name)} FOREIGN KEY {listed(key.columns)} "
        f"REFERENCES {identifier(key.target_schema, key.target)} {listed(key.target_columns)}"
        f"{' MATCH FULL' * key.match_full} "
        f"ON DELETE {key.on_delete.value}{confined} ON UPDATE {key.on_update.value}"
        f"{' DEFERRABLE' * key.deferrable}{' INITIALLY DEFERRED' * key.initially_deferred}"
    )


def check_sql(check: Check) -> str:
    """Return what stands after ADD, as if it held of all rows."""
    return f"CONSTRAINT {identifier(check.name)} CHECK ({check.expression})" + " NO INHERIT" * (not check.inherited)


def index_sql(relation: Relation, index: Index) -> str:
    """Return the statement that makes an index, or the constraint that it stands for."""
    table, nulls = identifier(relation.schema, relation.name), "NULLS NOT DISTINCT" * index.nulls_not_distinct
    include = f"INCLUDE {listed(index.include)}" if index.include else ""
    if index.constraint or index.deferrable:
        columns = listed(tuple(str(part.column) for part in index.parts))
        deferrable = "DEFERRABLE" * index.deferrable
        return _joined(
            "ALTER TABLE",
            table,
            "ADD CONSTRAINT",
            identifier(index.name),
            "UNIQUE",
            nulls,
            columns,
            include,
            deferrable,
        )
    return _joined(
        "CREATE",
        "UNIQUE" * index.unique,
        "INDEX",
        "CONCURRENTLY" * (relation.partition_key is None),
        identifier(index.name),
        f"ON {table} USING {index.method} ({', '.join(map(_part, index.parts))})",
        include,
        nulls,
        f"WHERE {index.predicate}" if index.predicate else "",
    )


def _part(part: IndexPart) -> str:
    return _joined(
        identifier(part.column) if part.column else f"({part.expression})",
        f"COLLATE {identifier(part.collation)}" if part.collation else "",
        part.operator_class or "",
        "DESC" * part.descending,
        f"NULLS {'FIRST' if part.nulls_first else 'LAST'}" * (part.nulls_first != part.descending),
    )


def _joined(*words: str) -> str:
    return " ".join(word for word in words if word)
