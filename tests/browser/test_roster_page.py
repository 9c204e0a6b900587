"""The roster's week: keys, leave with its consequences, undo, who was first, files; zh and en."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from geodata.clock import local_day
from tests.browser.axe import GUIDELINES, violations
from tests.browser.conftest import ARTEFACTS, Visitor
from tests.browser.look import look

pytestmark = pytest.mark.browser
WITHIN_MS = 20_000
NEXT_MONDAY = local_day(datetime.now(UTC)) + timedelta(
    days=7 - local_day(datetime.now(UTC)).weekday()
)
WEEK = "{}-W{:02}".format(*NEXT_MONDAY.isocalendar()[:2])
WORDS = {
    "zh": ("年休假", "无网格员在岗", "撤销", "今天"),
    "en": ("annual leave", "no Grid worker on duty", "Undo", "today"),
}


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_leave_by_keys_shows_what_it_does_and_is_taken_back(
    visit: Callable[..., Visitor], locale: str
) -> None:
    annual, nobody, undo, today = WORDS[locale]
    page = visit("dispatcher", locale=locale).open("/roster?role=grid_worker")
    expect(page.locator(".rota-today")).to_have_text(today)
    expect(page.locator(".rota-rows > .rota-row")).to_have_count(100)
    look(page, f"roster-{locale}")
    page.keyboard.press("]")
    expect(page.locator(".rota-head").first).to_have_attribute("data-day", str(NEXT_MONDAY))
    expect(page.locator(".rota-today")).to_have_count(0)
    page.wait_for_url(f"**week={WEEK}**")
    # Somebody who stands by all week: the grid is left without.
    standby = page.locator(
        ".rota-row", has=page.locator(".rota-cell:not([data-away=true]) .rota-says")
    ).filter(has_text="全天" if locale == "zh" else "all day").first  # fmt: skip
    standby.locator(".rota-cell").nth(1).click()
    expect(page.locator("#panel h2")).to_be_visible()
    name = page.locator("#panel h2").inner_text().split()[0]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("l")
    form = page.locator("#roster-form")
    expect(form).to_have_attribute("data-state", "ready", timeout=WITHIN_MS)
    expect(form.locator("#roster-kind")).to_be_focused()
    expect(form.locator("#roster-from")).to_have_value(f"{NEXT_MONDAY + timedelta(days=2)}T00:00")
    expect(form.locator(".foreseen")).to_contain_text(nobody)
    look(page, f"roster-leave-{locale}")
    form.locator("button[type=submit]").click()
    expect(page.locator(".toast")).to_contain_text(undo, timeout=WITHIN_MS)
    mine = page.locator(".rota-row", has=page.locator("b", has_text=name)).first
    cell = mine.locator('.rota-cell[data-away="true"]')
    expect(cell).to_contain_text(annual)
    assert violations(page, GUIDELINES) == []
    page.keyboard.press("u")
    expect(cell).to_have_count(0, timeout=WITHIN_MS)
    expect(page.locator("#undo")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    assert page.locator("[role=gridcell]:focus").count() == 1


def test_the_address_restores_week_filters_and_editor(visit: Callable[..., Visitor]) -> None:
    visitor = visit("dispatcher")
    page = visitor.open(f"/roster?week={WEEK}&role=judge")
    expect(page.locator(".rota-rows > .rota-row")).to_have_count(41)
    page.locator(".rota-cell").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#panel h2")).to_contain_text("员额法官")
    page.wait_for_url("**person=**")
    name = page.locator("#panel h2").inner_text()
    again = visitor.open(page.url.removeprefix(visitor.server.url))
    expect(again.locator("#panel h2")).to_have_text(name)
    expect(again.locator('#filters [data-filter="role"]')).to_have_value("judge")
    expect(again.locator(".rota-head").first).to_have_attribute("data-day", str(NEXT_MONDAY))
    again.locator("[data-begin=change_terms]").click()
    again.fill("#roster-capacity", "0")
    expect(again.locator(".foreseen")).to_contain_text("无员额法官在岗", timeout=WITHIN_MS)
    again.keyboard.press("Escape")
    again.fill("#search", "没有这个人")
    expect(again.locator(".empty")).to_contain_text("没有符合条件的人", timeout=WITHIN_MS)


def test_who_saves_second_is_told_and_looks_again(visit: Callable[..., Visitor]) -> None:
    one, two = (visit(name).open(f"/roster?week={WEEK}&role=lawyer")
                for name in ("dispatcher", "commander"))  # fmt: skip
    for page in (one, two):
        page.locator(".rota-row .rota-cell").nth(3).click()
        page.locator("[data-begin=add_shift]").click()
        expect(page.locator("#roster-form")).to_have_attribute(
            "data-state", "ready", timeout=WITHIN_MS
        )
    two.fill("#roster-starts", "18:30")
    two.fill("#roster-ends", "20:00")
    expect(two.locator("#roster-form")).to_have_attribute("data-state", "ready", timeout=WITHIN_MS)
    one.locator("#roster-form button[type=submit]").click()
    expect(one.locator(".toast")).to_contain_text("已保存", timeout=WITHIN_MS)
    two.locator("#roster-form button[type=submit]").click()
    expect(two.locator(".toast-bad")).to_contain_text("区调度员一", timeout=WITHIN_MS)
    expect(two.locator("#roster-form")).to_have_attribute("data-state", "ready", timeout=WITHIN_MS)
    two.locator("#roster-form button[type=submit]").click()
    expect(two.locator(".toast").last).to_contain_text("已保存", timeout=WITHIN_MS)


def test_a_file_is_checked_row_by_row_before_it_is_written(visit: Callable[..., Visitor]) -> None:
    page = visit("dispatcher").open("/roster?role=judge")
    key = page.locator(".rota-rows > .rota-row").first.get_attribute("data-key")
    rows = (
        f"人员编号,项目,星期,上班,下班,自,休假类别\n{key},班次,周日,8点,18:00,{NEXT_MONDAY},\n"
        f"{key},休假,,,,{NEXT_MONDAY + timedelta(days=60)},病假\n"
    )
    page.locator("#import").click()
    page.set_input_files(
        "#import-file", {"name": "a.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    )
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".rota-bad")).to_have_text("第 2 行 · 上班: 时刻写成 08:00。")
    assert violations(page, GUIDELINES) == []
    page.screenshot(path=ARTEFACTS / "roster-import.png")
    dialog.get_by_role("button", name="只写入正确的 1 行").click()
    expect(page.locator(".toast")).to_contain_text("已写入 1 行", timeout=WITHIN_MS)
    with page.expect_download() as started:
        page.locator("#export").click()
    assert started.value.suggested_filename.startswith("排班-")
