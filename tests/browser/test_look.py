"""How the pages look: pictures of each, no overflow, the guidelines kept, readable from afar."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.axe import GUIDELINES, SEVEN_TO_ONE, violations
from tests.browser.conftest import ARTEFACTS, Visitor

pytestmark = pytest.mark.browser
SIZES = ((1366, 768), (1920, 1080), (390, 844))
PAGES = (
    ("sign-in", None, "/sign-in"),
    ("wall", "commander", "/wall"),
    ("dispatch", "dispatcher", "/dispatch"),
    ("risk", "planner", "/risk"),
    ("me", "worker", "/me"),
)
SETTLE_MS = 1500
SMALLEST_ON_THE_WALL_PX = 18
FIGURE_PX = 56
TEXTS = """() => [...document.querySelectorAll('body *')]
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3
        && node.nodeValue.trim()) && element.checkVisibility())
    .map((element) => [Math.round(parseFloat(getComputedStyle(element).fontSize) * 10) / 10,
        element.textContent.trim()])
"""
GLYPHS = """(fonts) => {
    const canvas = new OffscreenCanvas(48, 48);
    const context = canvas.getContext('2d', {willReadFrequently: true});
    const draw = (char) => {
        context.clearRect(0, 0, 48, 48);
        context.font = `32px ${fonts.map((font) => `"${font}"`).join(',')}`;
        context.fillText(char, 4, 38);
        return context.getImageData(0, 0, 48, 48).data.join();
    };
    return [...'甘井子区网格派遣'].map(draw).concat(draw('\\u{10FFFE}'));
}"""


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize(("name", "username", "path"), PAGES, ids=[page[0] for page in PAGES])
def test_pictures(
    visit: Callable[..., Visitor], name: str, username: str | None, path: str, locale: str
) -> None:
    page = visit(username, locale=locale, size=SIZES[0]).open(path)
    if name == "dispatch":
        page.locator("#queue-items button").first.click()
        page.wait_for_selector(".candidate, .assigned")
    assert violations(page, GUIDELINES) == []
    sign = "演示数据（合成）" if locale == "zh" else "Synthetic data"
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(SETTLE_MS)  # the map redraws itself at the new size
        page.screenshot(path=ARTEFACTS / f"{name}-{locale}-{width}x{height}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        assert page.get_by_text(sign).first.is_visible(), width


@pytest.mark.parametrize(
    "size",
    [(1920, 1080), pytest.param((3840, 2160), marks=pytest.mark.long), (5760, 2160)],
)
def test_the_wall_is_readable_from_five_metres(
    visit: Callable[..., Visitor], size: tuple[int, int]
) -> None:
    page = visit("commander", size=size).open("/wall")
    factor = size[1] / 1080
    small = [text for px, text in page.evaluate(TEXTS) if px < SMALLEST_ON_THE_WALL_PX * factor]
    assert small == []
    figure = page.evaluate(
        "Math.round(parseFloat(getComputedStyle(document.querySelector('.figure-value')).fontSize))"
    )
    assert figure >= FIGURE_PX * factor
    assert violations(page, SEVEN_TO_ONE) == []
    page.screenshot(path=ARTEFACTS / f"wall-zh-{size[0]}x{size[1]}.png")


def test_labels_are_letters_and_not_boxes(visit: Callable[..., Visitor]) -> None:
    visitor = visit("commander")
    page = visitor.open("/wall")
    style = page.request.get(f"{visitor.server.url}/styles/night.json").json()
    assert "glyphs" not in style
    fonts = next(
        layer["layout"]["text-font"]
        for layer in style["layers"]
        if "text-font" in layer.get("layout", {})
    )
    drawn = page.evaluate(GLYPHS, fonts)
    assert len(set(drawn)) == len(drawn), "two characters look the same: boxes"
    assert all(set(one.split(",")) != {"0"} for one in drawn[:-1]), "a character is blank"


def test_names_are_on_the_map(visit: Callable[..., Visitor]) -> None:
    visitor = visit("planner", size=(1000, 700))
    named = _map_picture(visitor.open("/wall?layers=boundaries,names"))
    bare = _map_picture(visitor.open("/wall?layers=boundaries"))
    assert named != bare


def _map_picture(page: Page) -> bytes:
    return page.locator("#map .maplibregl-canvas").screenshot()
