"""Writes the page: a template, and in it everything that it needs, so that nothing is ever fetched."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from typing import Final

from strongroom.domain.schema.page import EnumEntry, Page, diagram_document

from .table_html import findings_list, owner_mark, table_article, table_link

SCRIPTS: Final = ("layout.js", "diagram.js", "navigation.js", "filters.js", "page.js")
"""In the order in which they are put together: each uses those before it."""
_PACKAGE: Final = "strongroom.bootstrap.cli.schema.page"
_PLACEHOLDER: Final = re.compile(r"\{\{(\w+)\}\}")


def render_page(page: Page) -> str:
    """Return the page as one HTML file: nothing in it is fetched, and nothing but its own script is run.

    Equal pages give equal files. Text from the database is escaped; beside that, the policy in the head names the one
    script by its digest, so that no other would run.
    """
    style = "\n" + _read_asset("page.css")
    script = "\n" + "\n".join(_read_asset(name) for name in SCRIPTS)
    return _fill_template(
        _read_asset("page.html"),
        {
            "style": style,
            "style_digest": _digest(style),
            "script": script,
            "script_digest": _digest(script),
            "document": embed_json(diagram_document(page)),
            "summary": _summary(page),
            "area_options": _options(page.areas),
            "owner_options": _options(page.owners),
            "reader_options": _options(tuple(side.name for side in page.sides)),
            "drift": _drift(page),
            "tables": _tables(page),
            "enums": "\n".join(_enum(page, entry) for entry in page.enums) or "<p>None.</p>",
            "migrations": _migrations(page),
        },
    )


def embed_json(document: object) -> str:
    """Return JSON that may stand in a script element: it holds nothing that HTML could take for a tag or a comment."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _fill_template(template: str, values: Mapping[str, str]) -> str:
    """Put values in their places, in one pass: what looks like a place within a value stays as it is."""
    return _PLACEHOLDER.sub(lambda found: values[found[1]], template)


def _read_asset(name: str) -> str:
    return files(_PACKAGE).joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _options(names: tuple[str, ...]) -> str:
    return "".join(f'<option value="{place}">{escape(name)}</option>' for place, name in enumerate(names))


def _summary(page: Page) -> str:
    tables = sum(entry.relation.is_table for entry in page.tables)
    views = len(page.tables) - tables
    said = [
        _count_text(tables, "table"),
        *([_count_text(views, "view")] if views else []),
        _count_text(len(page.enums), "enumeration"),
    ]
    open_ones = sum(one.accepted is None for one in page.drift)
    owners = " ".join(
        f'<li>{owner_mark(page, owner)} <span class="number">'
        f"{sum(entry.owner == owner for entry in page.tables)}</span></li>"
        for owner in page.owners
    )
    drift = f'<a href="#drift" class="drifted">{_count_text(open_ones, "finding")}</a>' if open_ones else "no drift"
    return (
        f"<p>{', '.join(said)}, {drift}. Read from {escape(page.source)}.</p>"
        f'<ul class="owners" aria-label="Tables of each owner">{owners}</ul>'
    )


def _tables(page: Page) -> str:
    lines = []
    for place, area in enumerate(page.areas):
        lines.append(f'<h3 class="area-group" data-area="{place}">{escape(area)}</h3>')
        lines += [table_article(page, entry) for entry in page.tables if entry.area == area]
    return "\n".join(lines)


def _count_text(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _drift(page: Page) -> str:
    """Return the section of drift: by table, then what belongs to no table, then what was not compared."""
    lines = [
        f"<h3>{table_link(page, entry.name)}</h3>{_list(findings_list(entry.drift))}"
        for entry in page.tables
        if entry.drift
    ]
    if page.elsewhere:
        lines.append(f"<h3>What is no table here</h3>{_list(findings_list(page.elsewhere))}")
    if not lines:
        lines.append("<p>What every side declares is what the database has.</p>")
    for title, said in (("Warnings", page.warnings), ("Not checked", page.not_checked)):
        if said:
            items = "".join(f"<li>{escape(text)}</li>" for text in said)
            lines.append(f"<details><summary>{title} ({len(said)})</summary><ul>{items}</ul></details>")
    return "\n".join(lines)


def _list(items: str) -> str:
    return f'<ul class="findings">{items}</ul>'


def _enum(page: Page, entry: EnumEntry) -> str:
    labels = " ".join(f"<li><code>{escape(label)}</code></li>" for label in entry.enum.labels)
    users = ", ".join(
        f"{table_link(page, (schema, table))}.<code>{escape(column)}</code>" for schema, table, column in entry.used_by
    )
    return (
        f'<article class="enum"><header><h3>{escape(entry.enum.name)}</h3>{owner_mark(page, entry.owner)}</header>'
        f'<ol class="labels">{labels}</ol>' + (f"<p>Used by {users}</p>" if users else "") + "</article>"
    )


def _migrations(page: Page) -> str:
    if page.history_problem is not None:
        return f"<p>Not told: the histories cannot be replayed. {escape(page.history_problem)}</p>"
    rows = []
    for label in page.migrations:
        touched = [
            f"{table_link(page, entry.name)}{'' if step.did == 'created' else f' ({escape(step.did)})'}"
            for entry in page.tables
            for step in entry.steps
            if step.migration == label
        ]
        said = ", ".join(touched) or "no table that is there now"
        rows.append(f'<tr><th scope="row"><code>{escape(label)}</code></th><td>{said}</td></tr>')
    return (
        '<div class="wide" tabindex="0" role="region" aria-label="Migrations in their order"><table><thead><tr>'
        '<th scope="col">Migration</th><th scope="col">Tables it made, or changed</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )
