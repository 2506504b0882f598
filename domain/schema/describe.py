"""Parts of tables in words, such that no two that differ read alike."""

from typing import Any

from .catalog import Check, Column, ForeignKey, Index, IndexPart, Relation, Trigger


def describe_kind(relation: Relation) -> str:
    """Return a relation's kind."""
    return "unlogged " * relation.unlogged + relation.kind.value


def describe_row_security(relation: Relation) -> str:
    """Return whether row security is on, and whether its owner is held to it."""
    return str(relation.row_security).lower() + ", forced" * relation.forces_row_security


def describe_definition(relation: Relation) -> str | None:
    """Return what a view computes, with its options; None for a table."""
    options = f" WITH ({', '.join(relation.options)})" if relation.options else ""
    return f"{relation.definition}{options}" if relation.definition is not None else None


def describe_check(check: Check) -> str:
    """Return a check's condition, and what it does not concern."""
    return check.expression + " NO INHERIT" * (not check.inherited) + " NOT VALID" * (not check.validated)


def describe_trigger(trigger: Trigger) -> str:
    """Return a trigger's definition, and whether it never fires."""
    return trigger.definition + " DISABLED" * (not trigger.enabled)


def describe_index_part(part: IndexPart) -> str:
    """Return a column or an expression of an index, and how it sorts."""
    words = [part.column or f"({part.expression})"]
    words += [f"COLLATE {part.collation}"] * (part.collation is not None) + [str(part.operator_class or "")]
    words += ["DESC"] * part.descending
    words += [f"NULLS {'FIRST' if part.nulls_first else 'LAST'}"] * (part.nulls_first != part.descending)
    return " ".join(word for word in words if word)


def describe_index(index: Index) -> str:
    """Return an index without its name."""
    words = [f"{'unique ' * index.unique}{index.method} ({', '.join(map(describe_index_part, index.parts))})"]
    if index.include:
        words.append(f"INCLUDE ({', '.join(index.include)})")
    if index.nulls_not_distinct:
        words.append("NULLS NOT DISTINCT")
    if index.deferrable:
        words.append("DEFERRABLE")
    if index.predicate:
        words.append(f"WHERE {index.predicate}")
    if not index.valid:
        words.append("INVALID")
    return " ".join(words)


def describe_foreign_key(key: ForeignKey) -> str:
    """Return a foreign key without its name."""
    confined = f" ({', '.join(key.on_delete_columns)})" if key.on_delete_columns else ""
    text = (
        f"({', '.join(key.columns)}) to {key.target_schema}.{key.target} ({', '.join(key.target_columns)}) "
        f"ON DELETE {key.on_delete.value}{confined} "
        f"ON UPDATE {key.on_update.value}"
    )
    text += " MATCH FULL" * key.match_full + " DEFERRABLE" * key.deferrable
    return text + " INITIALLY DEFERRED" * key.initially_deferred + " NOT VALID" * (not key.validated)


def describe_primary_key(part: Any) -> str | None:
    """Return a primary key without its name, or None."""
    return f"({', '.join(part.columns)})" + " DEFERRABLE" * part.deferrable if part else None


def describe_nullability(column: Column) -> str:
    """Return whether a column takes nulls."""
    return "NULL" if column.nullable else "NOT NULL"
