"""The proposal for the whole queue in Chromium: accepted in part, refused with a reason, undone."""

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
from dispatch.case.wish import Wish
from dispatch.office import Office
from geodata.clock import FixedClock
from geodata.crs import Datum
from geodata.db.scope import Scope
from tests.browser.axe import GUIDELINES, violations
from tests.browser.conftest import ARTEFACTS, LiveServer, Visitor

pytestmark = pytest.mark.browser
WITHIN_MS = 20_000
SIZES = ((1366, 768), (1920, 1080), (390, 844))
BOSS = Actor("u:1", "commander", Scope(("210211",), ("u:1",)))
KINDS = ("H05", "S01", "H01") * 14


def office() -> Office:
    return Office(FixedClock(datetime.now(UTC)))


def fill_queue(server: LiveServer) -> list[int]:
    """Let cases come in, more of one grid than its people have places."""
    made = []
    with psycopg.connect(server.dsn, row_factory=dict_row) as owner:
        owner.execute("UPDATE dispatch.cases SET state = 'void' WHERE state = 'pending'")
        rows = owner.execute(
            "SELECT ST_X(g.label) AS lon, ST_Y(g.label) AS lat FROM layers.areas g"
            " WHERE g.level = 'grid' ORDER BY g.code LIMIT 5"
        ).fetchall()
        for number, kind in enumerate(KINDS):
            row = rows[0 if number < 20 else number % 5]
            place = Location(row["lon"], row["lat"], Datum.WGS84)
            wanted = desk.Report(kind, "队列中的一件", place)
            made.append(desk.report_case(owner, office(), BOSS, wanted).id)
    return made


def strike(server: LiveServer, case_id: int) -> None:
    """Let somebody else strike a case."""
    with psycopg.connect(server.dsn, row_factory=dict_row) as owner:
        version = desk.get_case(owner, case_id).case.version
        desk.act(owner, office(), BOSS, case_id, Wish("void", version, reason="误报"))


def holds_up(page: Page, name: str) -> None:
    """Keep a picture; hold the guidelines, the width, and that no message id is left bare.

    From the top: a row that is scrolled half under the head would count as too small a target.
    """
    page.locator(".proposal-lines").evaluate_all("all => all.forEach(one => one.scrollTo(0, 0))")
    assert violations(page, GUIDELINES) == []
    page.screenshot(path=ARTEFACTS / f"{name}.png")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    text = page.locator(".proposal").inner_text()
    assert not re.search(r"\bproposal\.[a-z_]+\b", text)


def take_in(server: LiveServer, kind: str = "S01") -> int:
    """Let one more case come in."""
    with psycopg.connect(server.dsn, row_factory=dict_row) as owner:
        row = owner.execute(
            "SELECT ST_X(g.label) AS lon, ST_Y(g.label) AS lat FROM layers.areas g"
            " WHERE g.level = 'grid' ORDER BY g.code LIMIT 1 OFFSET 4"
        ).fetchone()
        assert row is not None
        wanted = desk.Report(kind, "又来一件", Location(row["lon"], row["lat"], Datum.WGS84))
        return desk.report_case(owner, office(), BOSS, wanted).id


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_a_proposal_is_accepted_in_part_and_taken_back(
    visit: Callable[..., Visitor], live_server: LiveServer, locale: str
) -> None:
    cases = fill_queue(live_server)
    page = visit("dispatcher", locale).open("/dispatch")
    page.keyboard.press("q")
    lines = page.locator(".proposal-table tbody tr")
    expect(lines).to_have_count(len(cases), timeout=WITHIN_MS)
    expect(page.locator('tr[data-state="open"]')).to_have_count(len(cases))
    for size in SIZES:
        page.set_viewport_size({"width": size[0], "height": size[1]})
        holds_up(page, f"proposal-{locale}-{size[0]}")
    page.set_viewport_size({"width": 1366, "height": 768})
    first = re.findall(r"proposal=(\d+)", page.url)[0]
    page.uncheck("#proposal-all")
    expect(page.locator("#proposal-accept")).to_be_disabled()
    gone, taken = cases[0], cases[1:4]
    strike(live_server, gone)
    for case in (gone, *taken):
        page.focus(f'input[data-case="{case}"]')
        page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    expect(page.locator('tr[data-state="accepted"]')).to_have_count(3, timeout=WITHIN_MS)
    refused = page.locator(f'tr[data-line="{gone}"]')
    expect(refused).to_have_attribute("data-state", "stale")
    expect(refused).to_contain_text(
        "案件已变化" if locale == "zh" else "the case has changed since"
    )
    expect(page.locator('tr[data-state="open"]')).to_have_count(len(cases) - 4)
    done = page.locator(".proposal-done")
    expect(done).to_contain_text("已派出 3 件" if locale == "zh" else "3 sent")
    holds_up(page, f"proposal-in-part-{locale}")
    page.keyboard.press("u")
    expect(page.locator('[data-part="done"]')).to_contain_text(
        "已撤回 3 件" if locale == "zh" else "3 taken back", timeout=WITHIN_MS
    )
    with psycopg.connect(live_server.dsn, row_factory=dict_row) as owner:
        rows = owner.execute(
            "SELECT state, assigned_by FROM dispatch.assignments WHERE case_id = ANY (%s)", (taken,)
        ).fetchall()
    assert [row["state"] for row in rows] == ["undone"] * 3
    assert {row["assigned_by"][:2] for row in rows} == {"u:"}
    # What was taken back waits again and comes unmarked; what was struck stays in sight.
    expect(page.locator('tr[data-state="open"]')).to_have_count(len(cases) - 1, timeout=WITHIN_MS)
    for case in taken:
        expect(page.locator(f'tr[data-line="{case}"]')).to_have_attribute("data-fresh", "other")
        expect(page.locator(f'input[data-case="{case}"]')).not_to_be_checked()
    expect(refused).to_have_attribute("data-state", "stale")
    expect(page).to_have_url(re.compile("proposal="))
    page.wait_for_function("id => !location.search.includes(`proposal=${id}`)", arg=first)
    address = page.url
    page.keyboard.press("Escape")
    expect(page.locator(".proposal")).to_have_count(0)
    again = visit("dispatcher", locale).open(address.split(str(live_server.url))[1])
    expect(again.locator('tr[data-state="open"]')).to_have_count(len(cases) - 1, timeout=WITHIN_MS)


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_it_is_solved_again_when_a_case_comes_in_and_marks_stay(
    visit: Callable[..., Visitor], live_server: LiveServer, locale: str
) -> None:
    cases = fill_queue(live_server)
    page = visit("dispatcher", locale).open("/dispatch")
    page.keyboard.press("q")
    expect(page.locator('tr[data-state="open"]')).to_have_count(len(cases), timeout=WITHIN_MS)
    page.uncheck("#proposal-all")
    marked = page.locator(f'input[data-case="{cases[5]}"]')
    marked.check()
    struck, more = cases[8], take_in(live_server)
    strike(live_server, struck)
    row = page.locator(f'tr[data-line="{more}"]')
    expect(row).to_have_attribute("data-fresh", "new", timeout=WITHIN_MS)
    expect(row.locator("input")).not_to_be_checked()
    expect(page.locator(f'tr[data-line="{struck}"]')).to_have_count(0, timeout=WITHIN_MS)
    expect(marked).to_be_checked()
    expect(marked).to_be_focused()
    expect(page.locator("#proposal-accept")).to_contain_text("1")
    expect(page.locator('[data-part="changed"]')).to_contain_text(
        "按变化重新求解" if locale == "zh" else "Solved again at"
    )
    holds_up(page, f"proposal-renewed-{locale}")


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_a_type_is_switched_off_on_the_keyboard_and_leaves_the_proposal(
    visit: Callable[..., Visitor], live_server: LiveServer, locale: str
) -> None:
    cases = fill_queue(live_server)
    page = visit("commander", locale).open("/dispatch")
    page.keyboard.press("q")
    expect(page.locator('tr[data-state="open"]')).to_have_count(len(cases), timeout=WITHIN_MS)
    page.keyboard.press("m")
    expect(page.locator("#proposal-mode-set")).to_be_visible(timeout=WITHIN_MS)
    page.select_option("#proposal-mode-what", "type:S01")
    page.select_option("#proposal-mode-is", "off")
    page.focus("#proposal-mode-set")
    page.keyboard.press("Enter")
    item = page.locator('[data-of="type:S01"]')
    expect(item).to_have_attribute("data-mode", "off")
    others = len(cases) - KINDS.count("S01")
    expect(page.locator('tr[data-state="open"]')).to_have_count(others, timeout=WITHIN_MS)
    for size in SIZES[:2]:
        page.set_viewport_size({"width": size[0], "height": size[1]})
        holds_up(page, f"proposal-modes-{locale}-{size[0]}")
    told = visit("dispatcher", locale).open("/dispatch")
    told.keyboard.press("q")
    expect(told.locator("#proposal-modes summary")).to_contain_text(
        "停用 1" if locale == "zh" else "1 off", timeout=WITHIN_MS
    )
    told.keyboard.press("m")
    expect(told.locator(".proposal-mode-list li")).to_have_count(1)
    expect(told.locator("#proposal-mode-set")).to_have_count(0)
    item.locator("button").click()
    expect(page.locator('tr[data-state="open"]')).to_have_count(len(cases), timeout=WITHIN_MS)


def test_an_empty_queue_says_so_and_somebody_without_the_right_sees_no_button(
    visit: Callable[..., Visitor], live_server: LiveServer
) -> None:
    with psycopg.connect(live_server.dsn) as owner:
        owner.execute("UPDATE dispatch.cases SET state = 'void' WHERE state = 'pending'")
    page = visit("dispatcher").open("/dispatch")
    page.click("#propose")
    expect(page.locator(".proposal .empty")).to_contain_text("没有待派的案件", timeout=WITHIN_MS)
    holds_up(page, "proposal-empty")
    page.keyboard.press("Escape")
    expect(page.locator("#propose")).to_be_focused()
