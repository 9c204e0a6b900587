"""The page of a case: one matter from a grid worker's report to its end, in Chromium."""

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


def report(server: LiveServer) -> tuple[int, int]:
    """Let the worker report a loose cover in their own grid; return the case and the person."""
    with psycopg.connect(server.dsn, row_factory=dict_row) as owner:
        row = owner.execute(
            "SELECT u.id, u.person_id, g.code, ST_X(g.label) AS lon, ST_Y(g.label) AS lat"
            " FROM web.users u JOIN layers.areas g ON g.code = u.area_codes[1]"
            " WHERE u.username = 'worker'"
        ).fetchone()
        assert row is not None
        subjects = (f"u:{row['id']}", f"p:{row['person_id']}")
        worker = Actor(subjects[0], "grid_worker", Scope((row["code"],), subjects))
        place = Location(row["lon"], row["lat"], Datum.WGS84)
        made = desk.report_case(
            owner,
            Office(FixedClock(datetime.now(UTC))),
            worker,
            desk.Report("H03", "井盖松动，<b>请处理</b>", place, channel="grid_worker"),
        )
    return made.id, row["person_id"]


def act(page: Page, action: str, fields: dict[str, str] | None = None) -> None:
    """Press an action, fill its form, send it, and see that it is done."""
    page.click(f'#file-actions [data-action="{action}"]')
    if fields is not None:
        dialog = page.locator("dialog[open]")
        for name, value in fields.items():
            control = dialog.locator(f"#need-{name}")
            if control.evaluate("element => element.tagName") == "SELECT":
                control.select_option(value)
            else:
                control.fill(value)
        dialog.locator("button[type=submit]").click()
    expect(page.locator("#toasts .toast").last).to_be_visible(timeout=WITHIN_MS)


def test_a_matter_from_report_to_rating(
    visit: Callable[..., Visitor], live_server: LiveServer
) -> None:
    case, person = report(live_server)
    clerk = visit("dispatcher").open(f"/cases/{case}")
    state = clerk.locator(".file-state")
    expect(state).to_have_text("待受理")
    act(clerk, "accept")
    expect(state).to_have_text("待派遣", timeout=WITHIN_MS)
    act(clerk, "dispatch", {"person_id": str(person)})
    expect(state).to_have_text("已派", timeout=WITHIN_MS)

    phone = visit("worker", size=(390, 844)).open("/me")
    task = phone.locator(".task", has=phone.locator('[data-step="acknowledge"]')).last
    task.locator('[data-step="acknowledge"]').click()
    phone.locator('[data-step="arrive"]').last.click(timeout=WITHIN_MS)
    phone.locator('[data-step="finish"]').last.click(timeout=WITHIN_MS)
    phone.fill("#ask-text", "已加固")
    phone.locator("dialog[open] button[type=submit]").click()
    expect(state).to_have_text("待核查", timeout=WITHIN_MS)

    phone.locator(".task-verify").click(timeout=WITHIN_MS)
    phone.wait_for_selector("html[data-ready]")
    act(phone, "verify", {"rating": "5", "note": "不晃了"})
    expect(phone.locator("#file-actions")).to_contain_text("评价", timeout=WITHIN_MS)

    expect(state).to_have_text("待结案", timeout=WITHIN_MS)
    clerk.keyboard.press("1")
    clerk.fill("#need-note", "已回访")
    clerk.keyboard.press("Control+Enter")
    expect(state).to_have_text("已办结", timeout=WITHIN_MS)
    steps = clerk.locator("#file-timeline li")
    expect(steps.filter(has_text="核查通过")).to_have_count(1, timeout=WITHIN_MS)
    for words in ("立案", "已派", "签收", "到场", "反馈", "办结"):
        expect(steps.filter(has_text=words).first).to_be_visible(timeout=WITHIN_MS)
    expect(steps.filter(has_text="不晃了")).to_contain_text("评 5 分")
    expect(clerk.locator("#file-words")).to_contain_text("<b>请处理</b>")
    assert clerk.locator("#file-held tbody tr").count() == 7
    clerk.screenshot(path=ARTEFACTS / "case-closed.png", full_page=True)


def test_a_party_is_read_in_clear_for_a_purpose_and_everybody_sees_who_did(
    visit: Callable[..., Visitor], live_server: LiveServer
) -> None:
    case, _ = report(live_server)
    page = visit("dispatcher").open(f"/cases/{case}")
    page.click("#file-contacts .btn")
    page.select_option("#contact-part", "respondent")
    page.fill("#contact-name", "王小明")
    page.fill("#contact-phone", "10012345678")
    page.locator("dialog[open] button[type=submit]").click()
    party = page.locator("#file-contacts .file-person")
    expect(party).to_contain_text("王* 100****5678", timeout=WITHIN_MS)
    party.get_by_text("查看明文").click()
    page.fill("#ask-text", "回访核查")
    page.locator("dialog[open] button[type=submit]").click()
    expect(party).to_contain_text("王小明 10012345678", timeout=WITHIN_MS)
    seen = page.locator("#file-timeline li").filter(has_text="查看明文")
    expect(seen).to_contain_text("我", timeout=WITHIN_MS)
    page.set_input_files(
        "#file-pick",
        {"name": "现场.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + bytes(64)},
    )
    expect(page.locator("#file-documents")).to_contain_text("现场.png", timeout=WITHIN_MS)


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("size", SIZES)
def test_it_can_be_read_by_everybody(
    visit: Callable[..., Visitor], live_server: LiveServer, locale: str, size: tuple[int, int]
) -> None:
    case, _ = report(live_server)
    page = visit("dispatcher", locale, size).open(f"/cases/{case}")
    assert violations(page, GUIDELINES) == []
    page.screenshot(path=ARTEFACTS / f"case-{locale}-{size[0]}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    text = page.locator("main").inner_text()
    assert not re.search(r"\b[a-z]+\.[a-z_]+\.[a-z_]+\b", text), "no message id is left bare"
