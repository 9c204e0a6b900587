"""Text from people is text: markup in any field does nothing on any page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LiveServer, Visitor

pytestmark = pytest.mark.browser
EVIL = '<img src="/nowhere.png" onerror="document.title=\'owned\'">“煤气味”'


@pytest.fixture
def evil_case(visit: Callable[..., Visitor], live_server: LiveServer) -> tuple[int, str]:
    """Take in a case full of markup, assigned to the worker of the demo; return its id."""
    desk = visit("dispatcher")
    page = desk.open("/dispatch")
    token = page.evaluate("JSON.parse(document.body.dataset.context).csrf_token")
    worker = visit("worker")
    person = worker.context.request.get(f"{live_server.url}/api/v1/session").json()["user"]
    place = worker.context.request.get(
        f"{live_server.url}/api/v1/people/{person['person_id']}"
    ).json()
    headers = {"X-CSRF-Token": token, "Idempotency-Key": "evil"}
    types = desk.context.request.get(f"{live_server.url}/api/v1/case-types?family=hazard").json()
    urgent = next(one for one in types["items"] if one["urgent"])
    made = desk.context.request.post(
        f"{live_server.url}/api/v1/cases",
        headers=headers,
        data={
            "type": urgent["code"],
            "description": EVIL,
            "address": EVIL,
            "location": {"lon": place["lon"], "lat": place["lat"], "datum": "WGS-84"},
        },
    )
    assert made.ok, made.text()
    case = made.json()
    assigned = desk.context.request.post(
        f"{live_server.url}/api/v1/cases/{case['id']}/assignments",
        headers={**headers, "Idempotency-Key": "evil-assign"},
        data={"person_id": person["person_id"], "version": case["version"]},
    )
    assert assigned.ok, assigned.text()
    return case["id"], case["grid"]["code"]


def test_markup_in_a_case_is_inert_on_every_page(
    visit: Callable[..., Visitor], evil_case: tuple[int, str]
) -> None:
    case_id, grid = evil_case
    looks = {
        "commander": [f"/wall?case={case_id}"],
        "dispatcher": [f"/dispatch?case={case_id}", "/dispatch?show=closed"],
        "planner": [f"/risk?grid={grid}"],
        "worker": ["/me", "/me?tab=map"],
    }
    for username, paths in looks.items():
        visitor = visit(username, size=(1920, 1080))
        for path in paths:
            page = visitor.open(path)
            expect(page.locator("body")).not_to_have_text("")
            assert page.locator('img[src*="nowhere"]').count() == 0, path
            assert page.title() != "owned", path
            if path.startswith((f"/dispatch?case={case_id}", "/wall")) or path == "/me":
                expect(page.get_by_text("<img src=").first).to_be_visible()
            page.close()
