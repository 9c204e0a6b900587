"""A machine without WebGL loses the map and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor

pytestmark = pytest.mark.browser
NO_WEBGL = """
    const real = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
        return String(kind).startsWith('webgl') ? null : real.call(this, kind, ...rest);
    };
"""


@pytest.mark.parametrize(
    ("username", "path"), [("dispatcher", "/dispatch?show=pending"), ("commander", "/wall")]
)
def test_the_lists_do_the_work_without_a_map(
    visit: Callable[..., Visitor], username: str, path: str
) -> None:
    visitor = visit(username)
    visitor.context.add_init_script(NO_WEBGL)
    page = visitor.open(path)
    expect(page.locator("html")).to_have_attribute("data-map", "none")
    expect(page.get_by_text("没有 WebGL")).to_be_visible()
    if username == "dispatcher":
        page.keyboard.press("j")
        expect(page.locator(".candidate").first).to_be_visible(timeout=20_000)
