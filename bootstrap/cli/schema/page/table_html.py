"""A table as HTML: its columns, keys, relations, readers, migrations and drift, readable without a script."""

from collections.abc import Iterable
from html import escape
from urllib.parse import quote

from strongroom.domain.schema.catalog import Column, ForeignKey, Index
from strongroom.domain.schema.page import Name, Page, PageFinding, TableEntry, TableReader, table_label


def table_article(page: Page, entry: TableEntry) -> str:
    """Return the article of a table: a line that says what it is, and opens to all that is known."""
    relation = entry.relation
    marks = [
        "" if relation.kind.value == "table" else f'<span class="kind">{relation.kind.value}</span>',
        owner_mark(page, entry.owner),
        f'<span class="count">{len(relation.columns)} columns</span>',
        _drift_mark(entry),
    ]
    content = [
        f'<p class="comment">{escape(relation.comment)}</p>' if relation.comment else "",
        _drift(entry.drift),
        _columns(page, entry),
        _details(page, entry),
    ]
    return (
        f'<article class="table" id="{anchor(entry.name)}"><details><summary>'
        f"<h4>{escape(table_label(page, entry.name))}</h4>{''.join(marks)}</summary>"
        f'<div class="content">{"".join(content)}</div></details></article>'
    )


def anchor(name: Name) -> str:
    """Return the id of a table's article, which stands in addresses as it is."""
    return "table-" + quote(".".join(name), safe="")


def owner_mark(page: Page, owner: str) -> str:
    """Return an owner's name with the colour of its place among the owners."""
    return f'<span class="owner o{page.owners.index(owner) % 6}">{escape(owner)}</span>'


def table_link(page: Page, name: Name) -> str:
    """Return a link to a table, or its name if it is not on the page."""
    text = f"<code>{escape(table_label(page, name))}</code>"
    return f'<a href="#{anchor(name)}">{text}</a>' if name in page.places else text


def findings_list(drift: Iterable[PageFinding]) -> str:
    """Return findings as a list, each with who is wrong, what breaks and what fixes it."""
    return "".join(_finding_item(one) for one in drift)


def _finding_item(one: PageFinding) -> str:
    found = one.finding
    said = f"<strong>{escape(found.headline)}</strong>"
    if one.accepted is not None:
        return f'<li class="accepted">{said}<br>Accepted: {escape(one.accepted)}</li>'
    facts = (("Wrong", found.wrong), ("What breaks", found.breaks), ("What mends it", found.fix))
    told = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in facts)
    return f'<li class="open">{said}<dl class="facts">{told}</dl></li>'


def _drift(drift: tuple[PageFinding, ...]) -> str:
    return f'<ul class="findings" aria-label="Drift">{findings_list(drift)}</ul>' if drift else ""


def _drift_mark(entry: TableEntry) -> str:
    open_ones = sum(one.accepted is None for one in entry.drift)
    if not open_ones:
        return ""
    return f'<span class="drifted">{open_ones} {"finding" if open_ones == 1 else "findings"}</span>'


def _columns(page: Page, entry: TableEntry) -> str:
    relation = entry.relation
    if not relation.columns:
        return ""
    rows = "".join(_column(page, entry, column) for column in relation.columns)
    return (
        '<div class="wide" tabindex="0" role="region" '
        f'aria-label="Columns of {escape(table_label(page, entry.name))}"><table><thead><tr><th scope="col">Column</th>'
        '<th scope="col">Type</th><th scope="col">Null</th><th scope="col">Default</th><th scope="col">Key</th>'
        f"</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _column(page: Page, entry: TableEntry, column: Column) -> str:
    relation = entry.relation
    drifted = any(one.finding.part == column.name and one.accepted is None for one in entry.drift)
    marks = ["primary"] if relation.primary_key and column.name in relation.primary_key.columns else []
    marks += ["unique"] if (column.name,) in relation.unique_keys[1 if relation.primary_key else 0 :] else []
    keys = (key for key in relation.foreign_keys if column.name in key.columns)
    marks += [f"to {table_link(page, (key.target_schema, key.target))}" for key in keys]
    note = f'<div class="note">{escape(column.comment)}</div>' if column.comment else ""
    drift = ' <span class="drifted">drift</span>' if drifted else ""
    return (
        f'<tr><th scope="row"><code>{escape(column.name)}</code>{drift}{note}</th>'
        f"<td><code>{escape(column.type)}</code></td>"
        f"<td>{'null' if column.nullable else ''}</td><td>{_filled_by(column)}</td><td>{', '.join(marks)}</td></tr>"
    )


def _filled_by(column: Column) -> str:
    """Return what fills a column if an INSERT gives no value."""
    if column.generated:
        return f"generated: <code>{escape(column.generated)}</code>"
    if column.identity:
        return f"identity, {escape(column.identity)}"
    return f"<code>{escape(column.default)}</code>" if column.default else ""


def _details(page: Page, entry: TableEntry) -> str:
    relation = entry.relation
    primary = relation.primary_key
    parts = [
        ("Primary key", [f"<code>{escape(', '.join(primary.columns))}</code>"] if primary else []),
        ("Refers to", [_key(key, table_link(page, (key.target_schema, key.target))) for key in relation.foreign_keys]),
        ("Referred to by", [_key(one.key, table_link(page, one.source)) for one in entry.referred_by]),
        ("Indexes", [_index(index) for index in relation.indexes]),
        (
            "Checks",
            [f"<code>{escape(one.name)}</code> <code>{escape(one.expression)}</code>" for one in relation.checks],
        ),
        ("Exclusions", [f"<code>{escape(one.definition)}</code>" for one in relation.exclusions]),
        ("Triggers", [f"<code>{escape(one.definition)}</code>" for one in relation.triggers]),
        ("Partitioned by", [f"<code>{escape(relation.partition_key)}</code>"] if relation.partition_key else []),
        ("Readers", [_reader(page, reader) for reader in entry.readers]),
        ("Migrations", [f"<code>{escape(step.migration)}</code> {escape(step.did)}" for step in entry.steps]),
    ]
    told = "".join(
        f"<dt>{name}</dt><dd><ul>{''.join(f'<li>{line}</li>' for line in lines)}</ul></dd>"
        for name, lines in parts
        if lines
    )
    definition = (
        f"<details><summary>Definition</summary><pre><code>{escape(relation.definition)}</code></pre></details>"
        if relation.definition
        else ""
    )
    return f'<dl class="details">{told}</dl>{definition}'


def _key(key: ForeignKey, other: str) -> str:
    actions = [("delete", key.on_delete), ("update", key.on_update)]
    said = [f"on {what} {action.value.lower()}" for what, action in actions if action.value != "NO ACTION"]
    said += [] if key.validated else ["not validated"]
    columns = f"<code>{escape(', '.join(key.columns))}</code> → <code>{escape(', '.join(key.target_columns))}</code>"
    return f"{other} by {columns}" + (f", {', '.join(said)}" if said else "")


def _index(index: Index) -> str:
    said = ["unique"] if index.unique else []
    said += [] if index.method == "btree" else [escape(index.method)]
    said += [f"including <code>{escape(', '.join(index.include))}</code>"] if index.include else []
    said += [f"where <code>{escape(index.predicate)}</code>"] if index.predicate else []
    said += [] if index.valid else ["not valid"]
    text = f"<code>{escape(index.name)}</code> on <code>{escape(', '.join(index.columns))}</code>"
    return text + (f", {', '.join(said)}" if said else "")


def _reader(page: Page, reader: TableReader) -> str:
    if reader.columns is None:
        read = "reads all columns"
    elif reader.columns:
        read = f"reads <code>{escape(', '.join(reader.columns))}</code>"
    else:
        read = "reads nothing"
    writes = f"; may {escape(', '.join(reader.writes))}" if reader.writes else ""
    return f"{owner_mark(page, reader.side)} {read}{writes}"
