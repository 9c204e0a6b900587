"""The planner's page: slider, swipe, a click for why, an area's numbers, a recommendation."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.axe import GUIDELINES, violations
from tests.browser.conftest import ARTEFACTS, Visitor

pytestmark = pytest.mark.browser
WITHIN_MS = 30_000
PERIOD = "since=2026-05-25&until=2026-11-20"
ZH = {
    "area": "圈选的区域",
    "cases": r"([\d,]+) 件（每 30 天",
    "pillar": "加装报警柱",
    "send": "送到派遣台",
    "case": "加装设备建议",
    "map": "看风险图",
}
EN = {
    "area": "The area drawn",
    "cases": r"([\d,]+) cases \(",
    "pillar": "Alarm pillar",
    "send": "Send to the desk",
    "case": "Recommendation to install a device",
    "map": "see the risk map",
}
AS_ONE = "&bandwidth=300"
"""A bandwidth of one's own: the backtest then changes nothing on the map."""


def plan(
    visit: Callable[..., Visitor], query: str = "", user: str = "planner", **how: object
) -> Page:
    page = visit(user, **how).open(f"/risk?{PERIOD}{query}")
    page.wait_for_selector("html[data-backtest]", timeout=WITHIN_MS)
    page.wait_for_selector("#map[aria-busy=false]")
    return page


def surfaces(page: Page) -> list[Request]:
    """Collect the pictures that are asked for from now on."""
    found: list[Request] = []
    page.on("request", lambda one: found.append(one) if "/risk/surface" in one.url else None)
    return found


def asked(request: Request) -> dict[str, list[str]]:
    return parse_qs(urlsplit(request.url).query)


def drag(page: Page, selector: str, start: float, end: float) -> None:
    """Drag along an element from one part of its width to another, in steps."""
    box = page.locator(selector).bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + start * box["width"], y)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(box["x"] + (start + (end - start) * step / 8) * box["width"], y)
        page.wait_for_timeout(120)  # as slow as a hand
    page.mouse.up()


def picture(page: Page) -> bytes:
    """Return the map alone as it looks once it rests."""
    page.wait_for_selector("#map[aria-busy=false]")
    page.wait_for_timeout(1200)  # software rendering: the frame after the answer
    box = page.locator("#map").bounding_box()
    assert box is not None
    middle = {"x": box["x"] + 500, "y": box["y"] + 60, "width": 420, "height": 400}
    return page.screenshot(clip=middle)


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_slider_draws_while_it_moves_and_the_address_keeps_the_period(
    visit: Callable[..., Visitor], locale: str
) -> None:
    page = plan(visit, AS_ONE, locale=locale)
    before = picture(page)
    found = surfaces(page)
    drag(page, ".time-chart", 0.05, 0.3)
    expect(page.locator("#risk-period")).not_to_contain_text("2026-05-25")
    after = picture(page)
    assert after != before
    quick = [one for one in found if asked(one)["cell_m"] == ["100"]]
    assert len(quick) >= 2
    assert all("limits" in asked(one) for one in quick)  # colours keep their meaning
    assert asked(found[-1])["cell_m"] == ["25"]
    assert "limits" not in asked(found[-1])
    since = parse_qs(urlsplit(page.url).query)["since"][0]
    expect(page.locator("#trust")).to_contain_text(since)
    page.reload()
    page.wait_for_selector("html[data-backtest]", timeout=WITHIN_MS)
    expect(page.locator("#trust")).to_contain_text(since)
    assert violations(page, GUIDELINES) == []
    page.screenshot(path=ARTEFACTS / f"risk-slider-{locale}.png")


def test_playing_stops_where_it_began(visit: Callable[..., Visitor]) -> None:
    page = plan(visit, AS_ONE)
    found = surfaces(page)
    page.keyboard.press(" ")
    page.wait_for_function(
        "() => document.querySelector('#risk-period').textContent.includes('2025')"
    )
    page.keyboard.press(" ")
    expect(page.locator("#risk-period")).to_have_text("2026-05-25 — 2026-11-20")
    assert found


def test_the_bandwidth_is_chosen_by_the_backtest_and_can_be_ones_own(
    visit: Callable[..., Visitor],
) -> None:
    page = plan(visit)
    trust = page.locator("#trust")
    expect(trust).to_contain_text("26 周滚动回测选定")
    expect(trust).to_contain_text("PAI")
    expect(page.locator(".curve-chosen")).to_be_visible()
    page.locator("#risk-bandwidth").focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    expect(trust).to_contain_text("自选")
    assert "bandwidth=" in page.url
    page.get_by_role("button", name="改回回测选定的带宽").click()
    expect(trust).to_contain_text("26 周滚动回测选定")


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_two_periods_are_swiped(visit: Callable[..., Visitor], locale: str) -> None:
    page = plan(visit, f"{AS_ONE}&versus=before", locale=locale)
    handle = page.locator(".swipe-handle")
    expect(handle).to_be_visible(timeout=WITHIN_MS)
    expect(page.locator(".swipe-left")).to_have_text("2025-11-26 — 2026-05-24")
    expect(page.locator(".swipe-right")).to_have_text("2026-05-25 — 2026-11-20")
    mixed = picture(page)
    handle.focus()
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    assert handle.get_attribute("aria-valuenow") == "2"
    new = picture(page)
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    old = picture(page)
    assert len({mixed, new, old}) == 3
    page.screenshot(path=ARTEFACTS / f"risk-swipe-{locale}.png")
    page.keyboard.press("c")
    expect(handle).to_be_hidden()


@pytest.mark.parametrize(("locale", "word"), [("zh", "人均"), ("en", "per resident")])
def test_a_click_says_why(visit: Callable[..., Visitor], locale: str, word: str) -> None:
    page = plan(visit, "&unit=community&measure=relative", locale=locale)
    page.locator(".rank").first.click()
    explain = page.locator("#explain")
    expect(explain).to_contain_text(word, timeout=WITHIN_MS)
    expect(explain).to_contain_text("95%")
    expect(explain.locator(".explain-cases li").first).to_be_visible()
    assert "grid=" in page.url
    assert violations(page, GUIDELINES) == []
    page.screenshot(path=ARTEFACTS / f"risk-why-{locale}.png")
    page.keyboard.press("Escape")
    expect(explain).to_be_hidden()
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + 0.45 * box["height"])
    expect(explain).to_contain_text(word, timeout=WITHIN_MS)


@pytest.mark.parametrize(("locale", "words"), [("zh", ZH), ("en", EN)])
def test_an_area_is_drawn_and_its_recommendation_arrives_on_the_desk(
    visit: Callable[..., Visitor], locale: str, words: dict[str, str]
) -> None:
    desk = visit("dispatcher", locale=locale, size=(1920, 1080)).open("/dispatch?show=pending")
    page = plan(visit, AS_ONE, locale=locale)
    page.keyboard.press("a")
    for x, y in ((560, 260), (700, 255), (705, 345), (565, 350)):
        page.mouse.click(x, y)
        page.wait_for_timeout(350)  # two presses at once would be a double click
    page.keyboard.press("Enter")
    explain = page.locator("#explain")
    expect(explain).to_contain_text(words["area"], timeout=WITHIN_MS)
    numbers = re.search(words["cases"], explain.inner_text())
    assert numbers is not None
    assert int(numbers[1].replace(",", "")) > 20
    assert "ring=" in page.url
    page.screenshot(path=ARTEFACTS / f"risk-area-{locale}.png")
    page.click("#risk-recommend")
    page.get_by_label(words["pillar"]).check()
    page.get_by_role("button", name=words["send"]).click()
    toast = page.locator(".toast")
    expect(toast).to_contain_text("210211-", timeout=WITHIN_MS)
    number = re.search(r"210211-\d{8}-\d+", toast.inner_text())
    assert number is not None
    row = desk.locator("#queue-items li", has_text=number[0])
    expect(row).to_be_visible(timeout=WITHIN_MS)
    expect(row).to_contain_text(words["case"])
    row.click()
    expect(desk.locator("#case")).to_contain_text(number[0], timeout=WITHIN_MS)
    link = desk.locator("#case a", has_text=words["map"])
    assert (link.get_attribute("href") or "").startswith("/risk?")
    desk.screenshot(path=ARTEFACTS / f"dispatch-recommendation-{locale}.png")


def test_a_map_is_saved_opened_again_and_removed_with_undo(visit: Callable[..., Visitor]) -> None:
    page = plan(visit, "&unit=hexagon&measure=significance")
    page.locator("#risk-saved input").fill("半年显著性")
    page.locator("#risk-saved button[type=submit]").click()
    link = page.locator("#risk-saved a", has_text="半年显著性")
    expect(link).to_be_visible(timeout=WITHIN_MS)
    assert "unit=hexagon" in (link.get_attribute("href") or "")
    page.get_by_role("button", name="删除“半年显著性”").click()
    expect(link).to_be_hidden(timeout=WITHIN_MS)
    page.get_by_role("button", name="撤销").click()
    expect(link).to_be_visible(timeout=WITHIN_MS)
    link.click()
    page.wait_for_selector("html[data-ready]", timeout=WITHIN_MS)
    expect(page.locator('[data-value="hexagon"]')).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("sight", ["deuteranopia", "achromatopsia"])
def test_raised_and_lowered_are_told_apart_by_every_eye(
    visit: Callable[..., Visitor], sight: str
) -> None:
    page = plan(visit, "&unit=community&measure=relative")
    page.context.new_cdp_session(page).send(
        "Emulation.setEmulatedVisionDeficiency", {"type": sight}
    )
    page.wait_for_timeout(800)
    page.screenshot(path=ARTEFACTS / f"risk-{sight}.png")
    # Words beside the colours: how many are raised and lowered, and which.
    expect(page.locator("#trust")).to_contain_text("偏低")
    expect(page.locator(".rank").first).to_contain_text("×")
