"""A type is chosen by two presses, its class and then the type, on the phone and at the desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.axe import GUIDELINES, violations
from tests.browser.conftest import ARTEFACTS, Visitor

pytestmark = pytest.mark.browser
PHONE = (390, 844)
WITHIN_MS = 20_000


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_two_presses_on_the_phone(visit: Callable[..., Visitor], locale: str) -> None:
    page = visit("worker", locale=locale, size=PHONE).open("/me?tab=report")
    classes = page.locator(".type-classes button")
    expect(classes).to_have_count(10, timeout=WITHIN_MS)
    page.click('[data-class="HC06"]')
    page.click('[data-type="H46"]')
    expect(page.locator('[aria-checked="true"]')).to_have_text(
        "自来水管破裂" if locale == "zh" else "Water main burst"
    )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    heights = page.locator(".type-list button").evaluate_all(
        "buttons => buttons.map((button) => button.getBoundingClientRect().height)"
    )
    assert min(heights) >= 44
    assert violations(page, GUIDELINES) == []
    page.screenshot(path=ARTEFACTS / f"report-type-{locale}.png")

    page.click('[data-family="service"]')
    expect(classes).to_have_text(
        ["即办", "协办", "联办"] if locale == "zh" else ["At once", "With help", "Jointly"]
    )
    expect(page.locator("[data-type]")).to_have_count(18)
    expect(page.locator('[aria-checked="true"]')).to_have_count(0)
    page.click('[data-class="joint"]')
    expect(page.locator("[data-type]")).to_have_count(10)
    page.screenshot(path=ARTEFACTS / f"report-service-{locale}.png")
    page.click('[data-family="police"]')
    expect(page.locator("[data-type]")).to_have_count(8)
    expect(classes).to_have_count(0)


def test_a_class_without_types_is_the_type(visit: Callable[..., Visitor]) -> None:
    page = visit("dispatcher").open("/dispatch")
    page.keyboard.press("n")
    page.click('[data-family="dispute"]')
    page.click('[data-class="D99"]')
    expect(page.locator('[aria-checked="true"][data-type]')).to_have_text("其他")
    page.screenshot(path=ARTEFACTS / "new-case-type.png")
