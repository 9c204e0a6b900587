"""Looking at a page in every size it is made for."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.axe import GUIDELINES, violations
from tests.browser.conftest import ARTEFACTS

SIZES = ((1366, 768), (1920, 1080), (390, 844))


def look(page: Page, name: str) -> None:
    """Look at a page in every size: pictures, guidelines, nothing beyond the edge."""
    assert violations(page, GUIDELINES) == []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=ARTEFACTS / f"{name}-{width}x{height}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})
    assert violations(page, GUIDELINES) == []
