"""The page tells everything, the same way each time, fetches nothing, and obeys nothing that a database says."""

import base64
import hashlib
import json
import os
import re
from collections.abc import Sequence
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st
from support.schema.pages import HOSTILE, contract, drifted_page, large_page, table

from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.postgres.migrator.files import Migration, Side
from strongroom.adapters.schema.entities.catalog import areas_of
from strongroom.adapters.schema.project import coordinate, open_project
from strongroom.adapters.schema.scratch import ScratchServer
from strongroom.bootstrap.cli.schema.page.atomic_file import PageNotWritten, write_atomically
from strongroom.bootstrap.cli.schema.page.renderer import embed_json, render_page
from strongroom.domain.schema.catalog import Catalog
from strongroom.domain.schema.page import Page, areas_by_name, diagram_document
from strongroom.ports.schema.page import read_page

ROOT = Path(__file__).resolve().parents[3]
TODAY = date(2026, 11, 23)


class Reader(HTMLParser):
    """The elements of a page with their attributes, and its text without what is in scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: dict[str, str] = {}
        self.text = ""
        self._within: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        self._within = (attributes.get("type") or tag) if tag in {"script", "style"} else None

    def handle_endtag(self, _tag: str) -> None:
        self._within = None

    def handle_data(self, data: str) -> None:
        if self._within:
            self.scripts[self._within] = self.scripts.get(self._within, "") + data
        else:
            self.text += data


@frozen
class FixedCatalog:
    """A database of which the catalog is known."""

    catalog: Catalog

    async def read_catalog(self, _schemas: Sequence[str]) -> Catalog:
        """Return it."""
        return self.catalog


@pytest.fixture(scope="module")
async def shipped(postgres_url: str) -> Page:
    """The page of the shipped project, from its histories."""
    with ScratchServer(postgres_url) as scratch:
        return await read_page(coordinate(open_project(ROOT), scratch), None, today=TODAY, areas=areas_of)


def test_every_table_and_column_of_the_shipped_project_is_told(shipped: Page) -> None:
    """The list holds them without a script, and the document for the diagram holds the same."""
    html = render_page(shipped)
    read = Reader(html)
    drawn = json.loads(read.scripts["application/json"])
    stored = (*PLATFORM.entities, *PLATFORM.own_tables)
    assert {entry.relation.name for entry in shipped.tables} == {table.name for table in stored}
    articles = [attributes for tag, attributes in read.elements if tag == "article" and attributes["class"] == "table"]
    rows = re.findall(r'<tr><th scope="row"><code>([^<]*)</code></th><td><code>', html)
    assert [attributes["id"] for attributes in articles] == [
        f"table-public.{one.relation.name}" for one in shipped.tables
    ]
    assert rows == [column.name for one in shipped.tables for column in one.relation.columns]
    assert [one["name"] for one in drawn["tables"]] == [one.relation.name for one in shipped.tables]
    assert [[name for name, _ in one["columns"]] for one in drawn["tables"]] == [
        [column.name for column in one.relation.columns] for one in shipped.tables
    ]


def test_the_areas_of_the_shipped_project_are_the_folders_of_its_domain(shipped: Page) -> None:
    """What is no entity stands in an area of its own, the last."""
    folders = {folder.name for folder in (ROOT / "domain").iterdir() if folder.is_dir()}
    assert {*shipped.areas} <= folders | {"other"}
    assert shipped.areas[-1] == "other"
    assert [one.relation.name for one in shipped.tables if one.area == "other"] == ["strongroom_view_refresh"]


def test_every_table_of_the_shipped_project_has_an_owner_a_reader_and_the_migration_that_made_it(shipped: Page) -> None:
    """And nothing has drifted."""
    assert shipped.owners == ("backend", "frontend")
    assert shipped.drift == ()
    for one in shipped.tables:
        assert [reader.side for reader in one.readers] == [side for side in shipped.owners if side != one.owner]
        assert one.steps[0].did == "created"
    steps = {one.relation.name: [step.migration for step in one.steps] for one in shipped.tables}
    assert steps["swaps"][:2] == ["pg/0004_transactions", "pg/0013_swaps_by_block"]


def test_the_same_schema_gives_the_same_file(shipped: Page) -> None:
    """So that the file can be kept beside the code."""
    assert render_page(shipped) == render_page(shipped)
    assert render_page(drifted_page()) == render_page(drifted_page())


@pytest.mark.parametrize("page", [drifted_page(), large_page(3)])
def test_the_page_fetches_nothing(page: Page) -> None:
    """No address stands in the file but the name of SVG, which is none, and no element that loads has one."""
    html = render_page(page)
    assert set(re.findall(r"https?:[^\s\"'`)]*", html)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"@import|url\((?!#)|\bfetch\(|XMLHttpRequest|import\(|WebSocket|sendBeacon", html)
    for tag, attributes in Reader(html).elements:
        assert "src" not in attributes, tag
        if tag == "link":
            assert attributes["href"] == "data:,"
        elif "href" in attributes:
            assert str(attributes["href"]).startswith("#")


def test_only_the_pages_own_script_and_style_may_run() -> None:
    """The policy names both by their digests, and nothing else is allowed."""
    html = render_page(drifted_page())
    read = Reader(html)
    policy = next(str(found["content"]) for _, found in read.elements if "http-equiv" in found)
    assert policy.startswith("default-src 'none';")
    for kind in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(read.scripts[kind].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert not [attributes for _, attributes in read.elements if {"style", "onclick"} & attributes.keys()]


def test_hostile_names_are_escaped() -> None:
    """A name that would leave its element stands in the text as it is, as do comments, labels and definitions."""
    read = Reader(render_page(drifted_page()))
    assert read.text.count(HOSTILE) >= 6
    assert not [attributes for _, attributes in read.elements if attributes.get("id") == "obeyed"]
    assert [tag for tag, _ in read.elements].count("script") == 2
    assert HOSTILE in [one["name"] for one in json.loads(read.scripts["application/json"])["tables"]]


@given(st.text() | st.sampled_from(["</script>", "<!--<script>", "]]>", "\u2028", "&lt;"]))
def test_embedded_json_is_the_same_and_holds_no_markup(text: str) -> None:
    """Whatever a name holds, the document reads back as it was, and no character in it begins a tag."""
    written = embed_json({"name": text})
    assert json.loads(written) == {"name": text}
    assert not {"<", ">", "&"} & {*written}


def test_drift_stands_on_its_table_and_in_the_section_of_drift() -> None:
    """Each finding says who is wrong, what breaks and what mends it; what is on no table is told, too."""
    page = drifted_page()
    read = Reader(render_page(page))
    tables = {one.relation.name: one for one in page.tables}
    assert [one.finding.rule for one in tables["order_line"].drift] == ["column missing", "type", "index"]
    assert [one.finding.rule for one in tables[HOSTILE].drift] == ["ownership"]
    assert [one.finding.rule for one in page.elsewhere] == ["missing"]
    for one in page.drift:
        for text in (one.finding.headline, one.finding.wrong, one.finding.breaks, one.finding.fix):
            assert text in read.text
    drawn = diagram_document(page)["tables"]
    assert {one["name"]: one["drift"] for one in drawn if one["drift"]} == {"order_line": 3, HOSTILE: 1}


def test_readers_are_told_with_the_columns_that_the_contract_names() -> None:
    """A side that the contract lets read nothing of a table is none of its readers; owners are not their own."""
    tables = {one.relation.name: one for one in drifted_page().tables}
    assert [(one.side, one.columns) for one in tables["customer"].readers] == [("desk", ("id", "name"))]
    assert tables["order_line"].readers == ()
    assert [(one.side, one.columns) for one in tables["ticket"].readers] == [("shop", None)]
    assert tables[HOSTILE].owner == "nobody"


def test_relations_are_told_at_both_ends() -> None:
    """A table says what it refers to and what refers to it, itself included."""
    tables = {one.relation.name: one for one in drifted_page().tables}
    referring = [(one.source[1], one.key.columns) for one in tables["ticket"].referred_by]
    assert referring == [("ticket", ("answers",)), ("ticket_note", ("ticket_id",))]


def test_a_foreign_schema_has_areas_by_its_schemas_else_by_the_beginnings_of_names() -> None:
    """A beginning that one table alone has makes no area."""
    found = Catalog(
        relations=(table("order_head", "id int"), table("order_line", "id int"), table("customer", "id int"))
    )
    assert [*areas_by_name(found).values()] == ["order", "order", "other"]


async def test_a_table_keeps_its_history_when_it_is_renamed(postgres_url: str) -> None:
    """What did nothing to it is not told of it, and what was dropped and made anew begins anew."""
    texts = [
        "CREATE TABLE one (id int); CREATE TABLE two (id int); CREATE TABLE three (id int)",
        "ALTER TABLE one RENAME TO uno; DROP TABLE three; CREATE TABLE three (id int)",
        "INSERT INTO uno VALUES (1); COMMENT ON TABLE two IS 'two'",
        "ALTER TABLE uno ADD note text; CREATE INDEX ON two (id)",
    ]
    history = [
        Migration(side=Side.BACKEND, name=str(place), path=Path("none"), sql=sql, requires=(), in_transaction=True)
        for place, sql in enumerate(texts)
    ]
    with ScratchServer(postgres_url) as scratch:
        _, steps = await scratch.replay_steps(history, ["public"])
    assert {name: [(one.migration, one.did) for one in told] for (_, name), told in steps.items()} == {
        "uno": [("pg/0", "created"), ("pg/1", "renamed from public.one"), ("pg/3", "changed")],
        "two": [("pg/0", "created"), ("pg/3", "changed")],
        "three": [("pg/1", "created")],
    }


async def test_a_database_is_told_even_where_its_history_cannot_be_replayed(postgres_url: str, tmp_path: Path) -> None:
    """The page then says why it names no migration."""
    (tmp_path / "sql").mkdir()
    (tmp_path / "sql" / "0001_broken.sql").write_text("CREATE TABEL one (id int);", encoding="utf-8")
    (tmp_path / "strongroom.toml").write_text(
        '[sides.one]\nrole = "a"\nmigrations = "sql"\nkind = "sql"\n[sides.two]\nrole = "b"\nkind = "sql"\n'
        '[owners.one]\ntables = ["*"]\n',
        encoding="utf-8",
    )
    found = FixedCatalog(Catalog(relations=(table("one", "id int"),)))
    with ScratchServer(postgres_url) as scratch:
        page = await read_page(coordinate(open_project(tmp_path), scratch), found, today=TODAY, areas=areas_of)
    assert page.history_problem is not None
    assert "pg/0001_broken, line 1" in Reader(render_page(page)).text


def test_three_hundred_tables_stay_small() -> None:
    """Under a megabyte and a half, though each has fifteen columns."""
    html = render_page(large_page(300))
    assert html.count('<article class="table"') == 300
    assert len(html.encode()) < 1_500_000


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """One that is there is replaced; where nothing can be written the error says so, and nothing is left behind."""
    file = tmp_path / "schema.html"
    write_atomically(file, "one")
    write_atomically(file, "two")
    assert file.read_text(encoding="utf-8") == "two"
    (tmp_path / "folder").mkdir()
    for place in (tmp_path / "folder", tmp_path / "absent" / "schema.html"):
        with pytest.raises(PageNotWritten, match="choose another file by --to"):
            write_atomically(place, "three")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "schema.html"]


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_a_page_is_for_whom_the_umask_says(tmp_path: Path, umask: int) -> None:
    """A schema is no secret, and whoever keeps files private keeps this one."""
    before = os.umask(umask)
    try:
        write_atomically(tmp_path / "schema.html", "one")
    finally:
        os.umask(before)
    assert (tmp_path / "schema.html").stat().st_mode & 0o777 == 0o666 & ~umask


def test_the_example_has_the_sides_that_its_page_tells() -> None:
    """Nobody is an owner only where something is unowned."""
    assert drifted_page().owners == (*(side.name for side in contract().sides), "nobody")
    assert large_page(1).owners == ("shop", "desk")
