"""Whether SQL within a schema.prisma is what it has to be: one expression, or one type, and nothing after it."""

from strongroom.adapters.postgres.migrator.sql_text import tokens

REMEDY = "Write one expression of SQL: a schema.prisma is read, and nothing that it holds is run."


def complaint(sql: str) -> str | None:
    """Return why a text cannot be one expression or type, whatever stands around it, or None.

    The parser of a server has the last word: this one names what could end the statement that the text is put into.
    """
    depth, empty = 0, True
    for token in tokens(sql):
        empty = empty and token.kind in {"space", "comment", "block"}
        depth += {"open": 1, "close": -1}.get(token.kind, 0)
        if depth < 0:
            return "closes a bracket that it does not open"
        if token.kind == "end":
            return "holds a semicolon"
    if depth:
        return "opens a bracket that it does not close"
    return "is empty" if empty else None
