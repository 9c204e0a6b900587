"""Run cards in Chromium: a contradiction shown side by side, people sent together, why not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import psycopg
import pytest
from playwright.sync_api import Page, expect
from psycopg.rows import dict_row

from dispatch import desk
from dispatch.actor import Actor
from dispatch.case.locate import Location
from dispatch.office import Office
from geodata.clock import FixedClock
from geodata.crs import Datum
from geodata.db.scope import Scope
from tests.browser.axe import GUIDELINES, violations
from tests.browser.conftest import ARTEFACTS, LiveServer, Visitor

pytestmark = pytest.mark.browser
WITHIN_MS = 20_000
SIZES = ((1366, 768), (1920, 1080), (390, 844))


def report(server: LiveServer, level: int | None = 1, scale: int | None = 3) -> int:
    """Let the district's desk take in a dispute of neighbours, and return its id."""
    with psycopg.connect(server.dsn, row_factory=dict_row) as owner:
        row = owner.execute(
            "SELECT ST_X(g.label) AS lon, ST_Y(g.label) AS lat FROM layers.areas g"
            " WHERE g.level = 'grid' ORDER BY g.code LIMIT 1"
        ).fetchone()
        assert row is not None
        boss = Actor("u:1", "commander", Scope(("210211",), ("u:1",)))
        place = Location(row["lon"], row["lat"], Datum.WGS84)
        wanted = desk.Report("D0201", "邻里噪声，多户争执", place, level=level, scale=scale)
        made = desk.report_case(owner, Office(FixedClock(datetime.now(UTC))), boss, wanted)
    return made.id


def holds_up(page: Page, name: str) -> None:
    """Keep a picture; hold the guidelines, the width, and that no message id is left bare."""
    assert violations(page, GUIDELINES) == []
    page.screenshot(path=ARTEFACTS / f"{name}.png")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    text = page.locator("main").inner_text()
    assert not re.search(r"\b[a-z]+\.[a-z_]+\.[a-z_]+\b", text)


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_a_contradiction_is_shown_side_by_side(visit: Callable[..., Visitor], locale: str) -> None:
    visitor = visit("admin", locale)
    page = visitor.open("/run-cards")
    expect(page.locator(".card-row").first).to_be_visible(timeout=WITHIN_MS)
    before = page.locator(".card-row").count()
    page.keyboard.press("n")
    page.fill("#card-name", f"群体邻里纠纷 {locale}")
    page.select_option("#card-about", "t:D02")
    page.check('input[name="scale"][value="3"]')
    page.keyboard.press("Control+Enter")
    conflict = page.locator(".card-conflict")
    expect(conflict).to_be_visible(timeout=WITHIN_MS)
    expect(conflict.locator("tbody tr").first.locator("td")).to_have_count(3)
    said = "冲突" if locale == "zh" else "conflict"
    expect(page.locator("#card-problem")).to_contain_text(said)
    for size in SIZES:
        page.set_viewport_size({"width": size[0], "height": size[1]})
        conflict.scroll_into_view_if_needed()
        holds_up(page, f"run-card-conflict-{locale}-{size[0]}")
    page.set_viewport_size({"width": 1366, "height": 768})
    page.check('input[name="level"][value="4"]')
    page.check('input[name="level"][value="3"]')
    page.keyboard.press("Control+Enter")
    expect(page.locator(".card-row")).to_have_count(before + 1, timeout=WITHIN_MS)
    expect(page.locator("#card-problem")).to_be_empty()
    page.locator("body").press("u")
    page.locator("#toasts .toast .btn").first.click(timeout=WITHIN_MS)
    expect(page.locator(".card-row")).to_have_count(before, timeout=WITHIN_MS)
    visitor.errors.clear()  # the browser logs the refusal: it was asked for


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_cards_people_are_sent_together_and_taken_back(
    visit: Callable[..., Visitor], live_server: LiveServer, locale: str
) -> None:
    case = report(live_server)
    page = visit("dispatcher", locale).open(f"/dispatch?case={case}")
    needs = page.locator(".need")
    expect(needs).to_have_count(5, timeout=WITHIN_MS)
    expect(needs.first).to_have_attribute("data-state", "ready")
    holds_up(page, f"run-card-desk-{locale}")
    page.keyboard.press("c")
    expect(page.locator('.need[data-state="filled"]')).to_have_count(5, timeout=WITHIN_MS)
    expect(page.locator(".assigned")).to_have_count(5)
    page.screenshot(path=ARTEFACTS / f"run-card-sent-{locale}.png")
    page.locator("#toasts .toast .btn").click()
    expect(page.locator('.need[data-state="ready"]')).to_have_count(5, timeout=WITHIN_MS)
    expect(page.locator(".candidate").first).to_be_visible(timeout=WITHIN_MS)


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_why_not_is_answered_in_a_sentence(
    visit: Callable[..., Visitor], live_server: LiveServer, locale: str
) -> None:
    case = report(live_server, None, None)
    page = visit("dispatcher", locale).open(f"/dispatch?case={case}")
    second = page.locator(".candidate").nth(1)
    expect(second).to_be_visible(timeout=WITHIN_MS)
    person = second.get_attribute("data-person")
    page.keyboard.press("w")
    page.fill("#why-input", str(person))
    page.locator(f'#why-hits [data-person="{person}"]').click(timeout=WITHIN_MS)
    answer = page.locator("#why-answer [data-verdict]")
    expect(answer).to_have_attribute("data-verdict", "outranked", timeout=WITHIN_MS)
    expect(answer).to_contain_text("排第 2" if locale == "zh" else "stands 2.")
    holds_up(page, f"why-not-{locale}")
    page.fill("#why-input", "查无此人")
    expect(page.locator("#why-answer")).to_have_text(
        "没有找到这个人" if locale == "zh" else "Nobody was found", timeout=WITHIN_MS
    )


def test_level_and_scale_are_said_on_the_page_of_the_case(
    visit: Callable[..., Visitor], live_server: LiveServer
) -> None:
    case = report(live_server, None, None)
    page = visit("dispatcher").open(f"/cases/{case}")
    expect(page.locator("#file-card")).to_contain_text("没有适用的预案卡", timeout=WITHIN_MS)
    page.click("#grade-edit")
    page.select_option("#grade-level", "1")
    page.locator("dialog[open] button[type=submit]").click()
    card = page.locator("#file-card")
    expect(card).to_contain_text("级别：特别重大", timeout=WITHIN_MS)
    expect(card.locator(".need")).to_have_count(3)
    card.locator(".case-card").click()
    expect(card.locator('.need[data-state="filled"]')).to_have_count(3, timeout=WITHIN_MS)
    holds_up(page, "run-card-case")
    read = visit("dispatcher").open("/run-cards?card=1")
    expect(read.locator(".card-view")).to_be_visible(timeout=WITHIN_MS)
    expect(read.locator("#new-card")).to_be_hidden()
