"""The page in a real browser: search, filters, drift, the panel, the keyboard, light and dark, and who sees nothing."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect
from support.schema.browser import CHROMIUM
from support.schema.pages import HOSTILE, drifted_page, large_page

from strongroom.bootstrap.cli.schema.page.renderer import render_page

SUPPORT = Path(__file__).resolve().parents[2] / "support" / "schema"
EVERY_TABLE = 7


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, without a window and without reaching out."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield launched
        await launched.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a small schema that has drifted."""
    written = tmp_path_factory.mktemp("page") / "schema.html"
    written.write_text(render_page(drifted_page()), encoding="utf-8")
    return written


@pytest.fixture
async def page(browser: Browser, file: Path) -> AsyncIterator[Page]:
    """The page, opened; in the end it has asked for nothing else and met with no error."""
    async with opened(browser, file) as found:
        yield found


class opened:  # noqa: N801 - it reads as the word that it is
    """A page opened from a file, which must fetch nothing and report nothing."""

    def __init__(self, browser: Browser, file: Path, **options: Any) -> None:
        self.browser, self.file, self.options = browser, file, {"viewport": {"width": 1400, "height": 900}, **options}
        self.told: list[str] = []

    async def __aenter__(self) -> Page:
        self.context = await self.browser.new_context(**self.options)
        page = await self.context.new_page()
        page.set_default_timeout(5000)
        page.on("console", lambda message: self.told.append(message.text))
        page.on("pageerror", lambda error: self.told.append(str(error)))
        page.on("request", lambda request: request.url.startswith(("file:", "data:")) or self.told.append(request.url))
        await page.goto(self.file.as_uri())
        return page

    async def __aexit__(self, *_exception: object) -> None:
        await self.context.close()
        assert self.told == []


def box(page: Page, name: str) -> Any:
    """A table in the diagram."""
    quoted = f"{name}, ".replace('"', '\\"')
    return page.locator(f'#canvas [role=button][aria-label^="{quoted}"]')


async def listed(page: Page) -> list[str]:
    """The tables that the list shows."""
    return await page.locator("article.table:not([hidden]) h4").all_text_contents()


async def drawn(page: Page) -> list[str]:
    """The tables that the diagram shows, without those that a search dims."""
    labels = [await one.get_attribute("aria-label") for one in await page.locator(".box:not(.dim)").all()]
    return sorted(str(label).partition(", ")[0] for label in labels)


async def test_search_finds_tables_and_columns_as_one_types(page: Page) -> None:
    """The list holds the hits alone, the diagram dims the others, and the number is announced."""
    await expect(page.locator("#hits")).to_have_text("7 tables")
    await page.get_by_role("searchbox", name="Search").press_sequentially("customer")
    await expect(page.locator("#hits")).to_have_text("4 of 7 tables, 3 matching columns")
    assert await page.locator("#hits").get_attribute("aria-live") == "polite"
    assert sorted(await listed(page)) == ["customer", "order_head", "ticket", "ticket_count"]
    assert await drawn(page) == ["customer", "order_head", "ticket", "ticket_count"]
    assert await page.locator(".box").count() == EVERY_TABLE
    await page.get_by_role("searchbox", name="Search").fill("ticket BODY")
    assert await listed(page) == ["ticket_note"]
    await page.get_by_role("searchbox", name="Search").fill("no such thing")
    await expect(page.locator("#hits")).to_have_text("0 of 7 tables, 0 matching columns")
    await expect(page.get_by_text("No table matches.")).to_be_visible()
    await page.get_by_role("button", name="Clear").click()
    await expect(page.locator("#hits")).to_have_text("7 tables")


async def test_filters_leave_the_tables_of_an_owner_an_area_a_reader(page: Page) -> None:
    """In the list and in the diagram, which is laid out anew; headings of areas without a table go."""
    await page.get_by_role("combobox", name="Owner").select_option("desk")
    assert await listed(page) == ["ticket", "ticket_count", "ticket_note"]
    assert await drawn(page) == ["ticket", "ticket_count", "ticket_note"]
    assert await page.locator(".area-group:not([hidden])").all_text_contents() == ["ticket"]
    await page.get_by_role("combobox", name="Owner").select_option("All")
    await page.get_by_role("combobox", name="Area").select_option("order")
    assert await drawn(page) == ["order_head", "order_line"]
    await page.get_by_role("combobox", name="Area").select_option("All")
    await page.get_by_role("combobox", name="Reader").select_option("desk")
    assert sorted(await listed(page)) == sorted([HOSTILE, "customer", "order_head"])


async def test_drift_is_marked_filtered_and_explained(page: Page) -> None:
    """In the diagram, in the list, in the table's own text, and in the section of drift."""
    await expect(box(page, "order_line")).to_have_accessible_name("order_line, table of shop, 3 columns, 3 findings")
    await expect(box(page, "order_line")).to_have_class(re.compile("has-drift"))
    await expect(box(page, "ticket")).not_to_have_class(re.compile("has-drift"))
    await page.get_by_label("With drift").check()
    assert sorted(await listed(page)) == sorted([HOSTILE, "order_line"])
    await box(page, "order_line").click()
    panel = page.get_by_role("complementary", name="Table order_line")
    await expect(panel.get_by_role("list", name="Drift").locator("> li")).to_have_count(3)
    await expect(panel).to_contain_text("What mends it")
    await expect(panel.get_by_role("row", name="amount").locator(".drifted")).to_have_text("drift")
    await expect(page.locator("#drift")).to_contain_text("table public.order_gone: missing")


async def test_a_table_opens_beside_the_diagram_and_leads_to_others(page: Page) -> None:
    """With all that is known of it; its links open what it is related to, Escape closes it."""
    await box(page, "order_line").click()
    panel = page.locator("#panel")
    for text in ("order_id", "numeric(38,18)", "pg/0002_amounts", "on delete cascade"):
        await expect(panel).to_contain_text(text)
    await panel.get_by_role("link", name="order_head").first.click()
    await expect(panel.get_by_role("heading", level=3)).to_have_text("order_head")
    await expect(box(page, "order_head")).to_have_class(re.compile("chosen"))
    await page.keyboard.press("Escape")
    await expect(panel).to_be_hidden()


async def test_everything_is_done_by_the_keyboard(page: Page) -> None:
    """Tab reaches the search, the filters and each table; Enter opens, Escape closes and gives the focus back."""
    reached = []
    for _ in range(60):
        await page.keyboard.press("Tab")
        reached.append(await page.evaluate("document.activeElement.id || document.activeElement.ariaLabel"))
        if str(reached[-1]).startswith("order_line, "):
            break
    assert reached[-1] == "order_line, table of shop, 3 columns, 3 findings"
    assert [one for one in reached if one in {"theme", "search", "area", "owner", "reader", "drifted"}] == [
        "theme",
        "search",
        "area",
        "owner",
        "reader",
        "drifted",
    ]
    ring = await box(page, "order_line").locator(".body").evaluate("element => getComputedStyle(element).strokeWidth")
    assert ring == "3px"
    await page.keyboard.press("Enter")
    await expect(page.locator("#panel h3")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(box(page, "order_line")).to_be_focused()
    await expect(page.locator("#scale")).to_have_text("100%")
    await page.keyboard.press("-")
    await expect(page.locator("#scale")).to_have_text("80%")
    await page.keyboard.press("0")
    await expect(page.locator("#scale")).to_have_text("100%")


async def test_the_diagram_zooms_and_moves(page: Page) -> None:
    """By buttons, by the wheel around the pointer, and by dragging, which opens nothing."""
    moved = page.locator("#canvas > g")
    fitted = await moved.get_attribute("transform")
    await page.get_by_role("button", name="Zoom in").click()
    zoomed = await moved.get_attribute("transform")
    assert zoomed != fitted
    canvas = await page.locator("#canvas").bounding_box()
    assert canvas is not None
    middle = (canvas["x"] + canvas["width"] / 2, canvas["y"] + canvas["height"] / 2)
    await page.mouse.move(*middle)
    await page.mouse.wheel(0, 200)
    await expect(moved).not_to_have_attribute("transform", str(zoomed))
    await page.get_by_role("button", name="Fit").click()
    await expect(moved).to_have_attribute("transform", str(fitted))
    frame = await box(page, "ticket").bounding_box()
    assert frame is not None
    await page.mouse.move(frame["x"] + 20, frame["y"] + 10)
    await page.mouse.down()
    await page.mouse.move(frame["x"] + 90, frame["y"] + 60)
    await page.mouse.up()
    await expect(moved).not_to_have_attribute("transform", str(fitted))
    await expect(page.locator("#panel")).to_be_hidden()


async def test_a_zoom_is_kept_when_a_table_is_opened(page: Page) -> None:
    """The panel takes its room from the diagram, and the table that was chosen stays in sight."""
    for _ in range(2):
        await page.get_by_role("button", name="Zoom in").click()
    await box(page, "customer").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#panel")).to_be_visible()
    await expect(page.locator("#scale")).to_have_text("156%")
    await expect(box(page, "customer")).to_be_in_viewport()


async def test_hovering_brings_out_a_tables_relations(page: Page) -> None:
    """Those that end at it, the tables at their other ends, and no others."""
    await box(page, "customer").hover()
    await expect(page.locator(".relations .own")).to_have_count(2)
    near = [await one.get_attribute("aria-label") for one in await page.locator(".box.near").all()]
    assert sorted(str(label).partition(",")[0] for label in near) == ["customer", "order_head", "ticket"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_is_accessible(browser: Browser, file: Path, scheme: str) -> None:
    """One h1, headings and landmarks in order, names on all controls, and a contrast of 4.5 wherever text stands."""
    async with opened(browser, file, color_scheme=scheme) as page:
        await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        await box(page, "order_line").click()
        found = await page.evaluate((SUPPORT / "accessibility.js").read_text(encoding="utf-8"))
        assert found["faults"] == []
        assert found["looked"] > 150


async def test_light_and_dark_follow_the_system_until_one_chooses(browser: Browser, file: Path) -> None:
    """The button says which it is."""
    ground = "getComputedStyle(document.body).backgroundColor"
    async with opened(browser, file, color_scheme="light") as page:
        light = await page.evaluate(ground)
        button = page.get_by_role("button", name="Dark")
        await expect(button).to_have_attribute("aria-pressed", "false")
        await button.click()
        dark = await page.evaluate(ground)
        assert light != dark
        await expect(button).to_have_attribute("aria-pressed", "true")
    async with opened(browser, file, color_scheme="dark") as page:
        assert await page.evaluate(ground) == dark
        await expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")


async def test_reduced_motion_disables_animation(browser: Browser, file: Path) -> None:
    """There are no transitions where motion is to be reduced."""
    async with opened(browser, file, reduced_motion="reduce") as page:
        assert await page.locator(".box").first.evaluate("one => getComputedStyle(one).transitionDuration") == "0s"


async def test_without_a_script_the_tables_can_be_read(browser: Browser, file: Path) -> None:
    """The list, the enumerations, the migrations and the drift are there; what needs the script is not."""
    async with opened(browser, file, java_script_enabled=False) as page:
        await expect(page.locator("article.table")).to_have_count(EVERY_TABLE)
        await page.locator("summary").filter(has_text="order_line").click()
        await expect(page.locator("#table-public\\.order_line table")).to_be_visible()
        for gone in ("#filters", "#diagram", "#theme"):
            await expect(page.locator(gone)).to_be_hidden()


async def test_an_address_with_a_tables_name_opens_it_in_the_list(page: Page, file: Path) -> None:
    """So that a table can be pointed to; also one whose name has to be quoted, and one that a filter hid."""
    await page.get_by_role("combobox", name="Owner").select_option("desk")
    await page.evaluate("location.hash = '#table-public.order_line'")
    await expect(page.locator("#table-public\\.order_line table")).to_be_visible()
    await page.locator("#drift a", has_text="script").click()
    await expect(page.locator("article.table:has(details[open]) h4").filter(has_text="obeyed")).to_be_in_viewport()


async def test_hostile_names_are_escaped(page: Page) -> None:
    """They make no element, in the list, in the diagram and in the panel."""
    await box(page, HOSTILE).click()
    await expect(page.locator("#panel h3")).to_have_text(HOSTILE)
    assert await page.locator("#obeyed").count() == 0


async def test_three_hundred_tables_are_searched_at_once(browser: Browser, tmp_path: Path) -> None:
    """A key pressed is answered within half a second, and no two tables stand on each other."""
    written = tmp_path / "large.html"
    written.write_text(render_page(large_page(300)), encoding="utf-8")
    async with opened(browser, written) as page:
        await expect(page.locator(".box")).to_have_count(300)
        took = await page.evaluate(
            "() => { const search = document.getElementById('search'); const start = performance.now(); "
            "search.value = 'table_7'; search.dispatchEvent(new Event('input', {bubbles: true})); "
            "document.body.getBoundingClientRect(); return performance.now() - start; }"
        )
        assert took < 500
        overlapping = await page.evaluate(
            "() => { const found = [...document.querySelectorAll('.box')].map((one) => one.getBoundingClientRect()); "
            "const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom; "
            "return found.filter((a, at) => found.some((b, other) => other > at && meet(a, b))).length; }"
        )
        assert overlapping == 0
