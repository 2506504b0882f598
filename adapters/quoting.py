"""Quote names and texts for SQL: the one place that does it, for every statement of ours that carries a name."""


def quote_identifier(*names: str) -> str:
    """Return a name as an SQL identifier, qualified if several are given."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def quote_literal(text: str) -> str:
    """Return a text as an SQL literal, whatever standard_conforming_strings is."""
    escape = "E" if "\\" in text else ""
    return f"{escape}'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
