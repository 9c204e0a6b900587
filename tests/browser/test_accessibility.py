"""Axe finds nothing on any page; on the wall contrast is 7:1."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visitor

pytestmark = pytest.mark.browser
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PAGES = (
    (None, "/sign-in"),
    ("commander", "/wall"),
    ("dispatcher", "/dispatch"),
    ("planner", "/risk"),
    ("worker", "/me?tab=report"),
)


@pytest.mark.parametrize(("username", "path"), PAGES, ids=[path for _, path in PAGES])
def test_no_page_breaks_the_guidelines(
    visit: Callable[..., Visitor], username: str | None, path: str
) -> None:
    page = visit(username).open(path)
    if path == "/dispatch":
        page.keyboard.press("j")
        page.wait_for_selector(".candidate, .assigned")
    assert _violations(page, {"runOnly": STANDARD}) == []


def test_the_wall_has_seven_to_one(visit: Callable[..., Visitor]) -> None:
    page = visit("commander", size=(1920, 1080)).open("/wall")
    assert _violations(page, {"runOnly": ["color-contrast-enhanced"]}) == []


def _violations(page: Page, options: dict[str, Any]) -> list[str]:
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("options => axe.run(options)", options)
    return [
        f"{one['id']}: {node['html'][:120]}" for one in found["violations"] for node in one["nodes"]
    ]
