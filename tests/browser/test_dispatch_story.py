"""The main story in two browsers: a dispatcher assigns, undoes and assigns; the wall watches."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import ARTEFACTS, Visitor

pytestmark = pytest.mark.browser
WITHIN_MS = 20_000


def test_sign_in_leads_to_the_page_of_the_role(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    page = visitor.open("/sign-in")
    page.fill("#username", "dispatcher")
    page.fill("#password", "not the password")
    visitor.errors.clear()
    page.click("button[type=submit]")
    expect(page.locator("#problem")).to_contain_text("用户名或密码不对")
    visitor.errors.clear()  # the browser logs the refusal as an error: it was asked for
    page.fill("#password", visitor.server.passwords["dispatcher"])
    page.click("button[type=submit]")
    page.wait_for_url("**/dispatch**")
    page.wait_for_selector("html[data-ready]", timeout=WITHIN_MS * 4)


def test_an_assignment_is_made_undone_and_made_again_while_the_wall_watches(
    visit: Callable[..., Visitor],
) -> None:
    wall = visit("commander", size=(1920, 1080)).open("/wall")
    desk = visit("dispatcher", size=(1920, 1080)).open("/dispatch?show=pending")
    row = desk.locator("#queue-items li").first
    number = row.get_attribute("data-key")
    card = wall.locator(f'#cases li[data-key="{number}"]')
    expect(card).to_contain_text("待派遣")

    row.click()
    candidates = desk.locator(".candidate")
    expect(candidates.first).to_be_visible(timeout=WITHIN_MS)
    expect_candidates(candidates)
    expect(desk.locator("#map")).to_have_attribute("data-route", "shown", timeout=WITHIN_MS)
    desk.screenshot(path=ARTEFACTS / "dispatch-candidates.png")

    first = assign_by_key(desk, "1")
    expect(card).to_contain_text(first, timeout=WITHIN_MS)
    desk.keyboard.press("u")
    expect(card).to_contain_text("待派遣", timeout=WITHIN_MS)
    expect(candidates.first).to_be_visible(timeout=WITHIN_MS)

    second = assign_by_key(desk, "2")
    expect(card).to_contain_text(second, timeout=WITHIN_MS)
    wall.screenshot(path=ARTEFACTS / "wall-after-assignment.png")
    steps = desk.locator("#case .timeline li")  # a sweeper may have told of clocks between
    expect(steps.filter(has_text="已派")).to_have_count(2, timeout=WITHIN_MS)
    expect(steps.filter(has_text="撤回派遣")).to_have_count(1)


def test_a_new_case_is_taken_in_by_address_and_shown_everywhere(
    visit: Callable[..., Visitor],
) -> None:
    wall = visit("commander", size=(1920, 1080)).open("/wall")
    desk = visit("dispatcher").open("/dispatch")
    desk.keyboard.press("n")
    desk.click('[data-family="hazard"]')
    desk.locator(".type-list button", has=desk.locator(".shape")).first.click()
    desk.fill("#new-words", "楼道里有煤气味，请尽快来人")
    desk.fill("#new-address", "兴")
    desk.locator(".hits button").first.click(timeout=WITHIN_MS)
    expect(desk.locator(".new-where [role=status]")).to_contain_text("网格", timeout=WITHIN_MS)
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".candidate").first).to_be_visible(timeout=WITHIN_MS)
    case = re.search(r"case=(\d+)", desk.url)
    assert case is not None
    expect(wall.locator(f'#cases li[data-key="{case[1]}"]')).to_be_visible(timeout=WITHIN_MS)


def test_the_loser_of_a_race_is_told_who_won(visit: Callable[..., Visitor]) -> None:
    one = visit("dispatcher").open("/dispatch?show=pending")
    slow = visit("dispatcher2")
    two = slow.open("/dispatch?show=pending")
    # Both look at the last case of the queue, which the other stories leave alone.
    key = one.locator("#queue-items li").last.get_attribute("data-key")
    for desk in (one, two):
        desk.click(f'#queue-items li[data-key="{key}"] button')
        expect(desk.locator(".candidate").first).to_be_visible(timeout=WITHIN_MS)
    # For the second the news of the first is held up on the way.
    two.route(f"**/api/v1/cases/{key}", lambda route: route.abort())
    winner = assign_by_key(one, "1")
    two.unroute(f"**/api/v1/cases/{key}")
    two.keyboard.press("Enter")
    told = two.locator("#case .notice-warn")
    expect(told).to_contain_text("慢了一步", timeout=WITHIN_MS)
    expect(told).to_contain_text(winner)
    slow.errors.clear()  # the browser logs what the test held up, and the conflict


def test_every_action_of_the_loop_is_open_beside_the_candidates(
    visit: Callable[..., Visitor],
) -> None:
    desk = visit("dispatcher").open("/dispatch?show=pending")
    desk.locator("#queue-items li").nth(2).click()
    expect(desk.locator(".candidate").first).to_be_visible(timeout=WITHIN_MS)
    light = desk.locator('#queue-items li:has([aria-current="true"]) .light')
    expect(light).to_have_text(re.compile(r"^[剩超] "))
    desk.keyboard.press("a")
    choices = desk.locator("dialog[open] .sheet-choices button")
    expect(choices.first).to_be_focused()
    desk.locator('dialog[open] [data-action="suspend"]').click()
    desk.fill("#need-reason", "等物业开门")
    desk.screenshot(path=ARTEFACTS / "dispatch-action.png")
    desk.keyboard.press("Control+Enter")
    state = desk.locator("#case .case-head .tag").last
    expect(state).to_have_text("已挂账", timeout=WITHIN_MS)
    desk.keyboard.press("u")
    expect(state).to_have_text("待派遣", timeout=WITHIN_MS)


def expect_candidates(candidates: Locator) -> None:
    """Expect each to have a number or role, a reason and minutes."""
    for candidate in candidates.all():
        assert candidate.locator(".candidate-why").first.inner_text()
        assert re.search(r"分|无需", candidate.locator(".candidate-road strong").inner_text())


def assign_by_key(desk: Page, key: str) -> str:
    """Choose by number, assign with Enter; return the name."""
    desk.keyboard.press(key)
    chosen = desk.locator('.candidate[aria-checked="true"]')
    name = chosen.locator("strong").first.inner_text()
    desk.keyboard.press("Enter")
    expect(desk.locator("#case .assigned").first).to_contain_text(name, timeout=WITHIN_MS)
    return name
