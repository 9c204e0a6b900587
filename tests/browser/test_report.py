"""The report's page as somebody opens it who got it by post: a file, and no network at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, expect

from mapsvc.report.form import Format
from mapsvc.report.page import make_page
from tests.browser.axe import GUIDELINES, violations
from tests.browser.conftest import ARTEFACTS, Visitor
from tests.report_subject import make_subject
from web.cli import main

pytestmark = pytest.mark.browser
SIZES = ((1366, 768), (1920, 1080), (390, 844))
LOCALES = ("zh", "en")
SIGN = {"zh": "演示数据（合成）", "en": "Synthetic data"}
EVIL = "<img src=x onerror=\"document.title='owned'\">{{ 7 * 7 }}"
LABELS = "#layers .leaflet-control-layers-base label"
UNITS = ".leaflet-units-pane path"
PICTURE = ".leaflet-units-pane img"


@dataclass
class Opened:
    """A page with what it asked the network for and what went wrong in it."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        """Note what the browser complains of, the page's policy included."""
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def choose(self, number: int) -> str:
        """Choose a layer by its place in the control; return its name."""
        label = self.page.locator(LABELS).nth(number)
        label.click()
        return label.inner_text().strip()


@pytest.fixture(scope="module")
def files(demo_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Make the report of the demo district in both languages with the command."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GANXIN_HOME", str(tmp_path_factory.mktemp("report-home")))
        patch.setenv("GANXIN_DATABASE_URL", demo_dsn)
        for locale in LOCALES:
            folder = tmp_path_factory.mktemp(f"report-{locale}")
            asked = f"--since 2026-05-25 --until 2026-11-20 --locale {locale} --formats html"
            assert main(["risk", "report", "--out", str(folder), *asked.split()]) == 0
            [found[locale]] = folder.iterdir()
    return found


@pytest.fixture
def open_file(chromium: Browser) -> Iterator[Callable[..., Opened]]:
    """Return a function that opens a file where nothing can be fetched; errors fail the test."""
    opened: list[Opened] = []

    def open_(path: Path, size: tuple[int, int] = SIZES[0]) -> Opened:
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]})
        one = Opened(context.new_page())
        opened.append(one)

        def refuse(route: Route) -> None:
            one.requests.append(route.request.url)
            if route.request.url.startswith("file:"):
                route.continue_()
            else:
                route.abort()

        context.route("**/*", refuse)
        context.set_offline(True)
        one.page.on("requestfailed", lambda request: one.errors.append(f"failed {request.url}"))
        one.page.on("pageerror", lambda error: one.errors.append(str(error)))
        one.page.on("dialog", lambda dialog: one.errors.append(f"dialog {dialog.message}"))
        one.page.on(
            "console",
            lambda said: (
                one.errors.append(said.text) if said.type in ("error", "warning") else None
            ),
        )
        one.page.goto(path.as_uri())
        one.page.wait_for_selector("html[data-ready]")
        return one

    yield open_
    for one in opened:
        one.page.context.close()
    assert [error for one in opened for error in one.errors] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_it_opens_without_a_network_and_asks_for_nothing(
    files: dict[str, Path], open_file: Callable[..., Opened], locale: str
) -> None:
    one = open_file(files[locale])
    expect(one.page.get_by_text(SIGN[locale]).first).to_be_visible()
    expect(one.page.locator(PICTURE)).to_have_count(1)
    loaded = "(image) => image.complete && image.naturalWidth > 100"
    assert one.page.locator(PICTURE).evaluate(loaded)
    for number in range(one.page.locator(LABELS).count()):
        one.choose(number)
    assert one.requests == [files[locale].as_uri()]
    fetched = "performance.getEntriesByType('resource').filter((e) => !e.name.startsWith('data:'))"
    assert one.page.evaluate(f"{fetched}.length") == 0


def test_each_layer_shows_its_units_and_its_legend_and_no_other(
    files: dict[str, Path], open_file: Callable[..., Opened]
) -> None:
    page = (one := open_file(files["zh"])).page
    data = json.loads(page.locator("#report-data").text_content())
    keys = ["density-raster", *data["layers"]]
    assert page.locator(LABELS).count() == len(keys) == 10
    for number, key in enumerate(keys):
        name = one.choose(number)
        shown = 0 if key == "density-raster" else len(data["layers"][key]["shade"])
        expect(page.locator(UNITS)).to_have_count(shown)
        expect(page.locator(PICTURE)).to_have_count(0 if shown else 1)
        expect(page.locator(".key:visible h2")).to_have_text([name])
    raised = data["layers"]["relative-community"]["sign"].count(1)
    assert raised > 3
    one.choose(keys.index("relative-community"))
    assert page.locator(f'{UNITS}[stroke-width="2.25"]').count() == raised
    one.choose(keys.index("outlier-community"))
    page.locator(UNITS).nth(20).hover(force=True)
    quadrants = list(data["told"]["outlier"].values())
    told = page.locator(".leaflet-tooltip div div, .leaflet-tooltip div").last.inner_text()
    assert any(told.endswith(text) for text in quadrants), told
    page.locator(UNITS).nth(20).click(force=True)
    expect(page.locator(".leaflet-popup-content")).to_contain_text(data["words"]["quadrant"])


def test_roads_and_streets_can_be_taken_off(
    files: dict[str, Path], open_file: Callable[..., Opened]
) -> None:
    page = open_file(files["zh"]).page
    roads, streets = page.locator("#layers .leaflet-control-layers-overlays label").all()
    expect(page.locator(".leaflet-over-pane path")).not_to_have_count(0)
    roads.click()
    expect(page.locator(".leaflet-over-pane path")).to_have_count(0)
    expect(page.locator(".street-name")).to_have_count(17)
    streets.click()
    expect(page.locator(".street-name")).to_have_count(0)
    streets.click()
    expect(page.locator(".street-name")).to_have_count(17)


def test_names_of_streets_never_lie_on_one_another(
    files: dict[str, Path], open_file: Callable[..., Opened]
) -> None:
    page = open_file(files["zh"]).page
    boxes = [
        name.bounding_box() for name in page.locator(".street-name span").all() if name.is_visible()
    ]
    assert len(boxes) >= 8
    for number, a in enumerate(boxes):
        for b in boxes[number + 1 :]:
            apart_x = a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
            apart_y = a["y"] + a["height"] <= b["y"] or b["y"] + b["height"] <= a["y"]
            assert apart_x or apart_y


@pytest.mark.parametrize("locale", LOCALES)
def test_a_press_explains_a_unit(
    files: dict[str, Path], open_file: Callable[..., Opened], locale: str
) -> None:
    page = (one := open_file(files[locale])).page
    data = json.loads(page.locator("#report-data").text_content())
    one.choose(4)
    page.locator(".wide .place").first.click()
    code = page.locator(".wide .place").first.get_attribute("data-code")
    unit = data["units"]["community"]
    row = unit["code"].index(code)
    popup = page.locator(".leaflet-popup-content")
    expect(popup).to_be_visible()
    expect(popup).to_contain_text(unit["name"][row])
    expect(popup).to_contain_text(code)
    said = popup.locator("dd").all_inner_texts()
    assert said[0] == f"{unit['count'][row]:,}"
    assert any(data["told"]["relative"]["1"] in text for text in said)
    page.wait_for_timeout(300)  # the map comes to rest
    page.screenshot(path=ARTEFACTS / f"report-{locale}-popup.png")
    page.keyboard.press("Escape")
    expect(popup).to_have_count(0)
    box = page.locator(".folium-map").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)  # the unit's middle
    expect(page.locator(".leaflet-tooltip b")).to_have_count(1)  # that of another unit has gone
    expect(page.locator(".leaflet-tooltip b")).to_have_text(unit["name"][row])


@pytest.mark.parametrize("locale", LOCALES)
def test_it_looks_right_at_every_size(
    files: dict[str, Path], open_file: Callable[..., Opened], locale: str
) -> None:
    one = open_file(files[locale])
    assert violations(one.page, GUIDELINES) == []
    for number, name in ((0, "surface"), (4, "relative"), (7, "significance"), (9, "outlier")):
        one.choose(number)
        for width, height in SIZES:
            one.page.set_viewport_size({"width": width, "height": height})
            one.page.evaluate("scrollTo(0, 0)")
            one.page.wait_for_timeout(400)  # the map redraws itself at the new size
            one.page.screenshot(path=ARTEFACTS / f"report-{locale}-{name}-{width}x{height}.png")
            assert one.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    one.page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})
    one.page.screenshot(path=ARTEFACTS / f"report-{locale}-all.png", full_page=True)


def test_a_running_server_makes_every_file(
    visit: Callable[..., Visitor], tmp_path: Path, open_file: Callable[..., Opened]
) -> None:
    planner = visit("planner")
    asked = "since=2026-05-25T00:00:00%2B08:00&until=2026-11-21T00:00:00%2B08:00&locale=en"
    made = {}
    for form in Format:
        address = f"{planner.server.url}/api/v1/risk/report.{form}?{asked}&bandwidth_m=250"
        answer = planner.context.request.get(address, timeout=60_000)
        assert answer.status == 200, answer.text()
        assert "Ganjingzi-District-risk-report" in answer.headers["content-disposition"]
        made[form] = answer.body()
    assert min(len(body) for body in made.values()) > 50_000
    path = tmp_path / "got.html"
    path.write_bytes(made[Format.HTML])
    expect(open_file(path).page.locator(PICTURE)).to_have_count(1)


def test_markup_in_a_name_is_inert(tmp_path: Path, open_file: Callable[..., Opened]) -> None:
    path = tmp_path / "evil.html"
    path.write_text(make_page(make_subject(grid_names=dict.fromkeys(range(64), EVIL))), "utf-8")
    page = (one := open_file(path)).page
    one.choose(2)
    page.locator(UNITS).nth(20).hover(force=True)
    expect(page.locator(".leaflet-tooltip b")).to_have_text(EVIL)
    page.locator(UNITS).nth(20).click(force=True)
    expect(page.locator(".leaflet-popup-content h3")).to_have_text(EVIL)
    expect(page.locator(".place", has_text=EVIL).first).to_be_visible()
    assert page.title() == "风险密度报告 · 小城区"
    assert page.locator("img:not(.leaflet-image-layer)").count() == 0
