"""The report's files: whole without a network, text is text, numbers are those of the finding."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import rasterio
import shapely
from PIL import Image

from geodata.crs import to_metric
from layers.risk.question import Kind, Measure, Period, Unit, Weight
from mapsvc.report.curve import draw_curve, highest_mark, rates_of
from mapsvc.report.form import Format
from mapsvc.report.key import make_key
from mapsvc.report.make import file_name, make_report
from mapsvc.report.page import make_page
from mapsvc.report.page_data import bounds_of
from mapsvc.report.sheet_type import _pieces
from mapsvc.report.subject import LAYERS, Subject
from mapsvc.report.trust import list_lines, list_warnings, tell_period
from mapsvc.report.unit_row import list_units
from mapsvc.report.words import LOCALES, Locale, texts
from mapsvc.warp import make_warp
from tests.report_subject import DISTRICT, SOUTH_M, STREET, UNTIL, WEST_M, make_subject

ROOT = Path(__file__).parents[2]
EVIL = {
    0: "<img src=x onerror=alert(1)>",
    1: "</script><script>alert(2)</script>",
    2: "{{ 7 * 7 }}{% raw %}{# x #}",
    3: "\u2028'\"`${1}\\",
}
FETCHING = {"src", "href", "xlink:href", "srcset", "data", "poster", "action", "background"}
LOADING = {"link", "iframe", "object", "embed", "base", "form"}


class Reader(HTMLParser):
    """Notes what a browser would fetch and run, and the text of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.tags: list[str] = []
        self.handlers: list[str] = []
        self.texts: dict[str, list[str]] = {"script": [], "style": [], "json": []}
        self.policy = ""
        self.seen = ""
        self._open: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        known = dict(attrs)
        self.fetched += [str(value) for name, value in attrs if name in FETCHING]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.texts["style"].append(known.get("style") or "")
        if known.get("http-equiv") == "Content-Security-Policy":
            self.policy = known["content"] or ""
        if tag in ("script", "style"):
            self._open = "json" if known.get("type") == "application/json" else tag

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[self._open].append(data)
        else:
            self.seen += data


@cache
def page(locale: Locale = "zh") -> str:
    return make_page(make_subject(locale, grid_names=EVIL))


@cache
def subject() -> Subject:
    return make_subject()


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_is_fetched_from_elsewhere(locale: Locale):
    read = Reader(page(locale))
    assert [one for one in read.fetched if not one.startswith("data:")] == []
    assert LOADING & set(read.tags) == set()
    styles = "\n".join(read.texts["style"])
    assert "@import" not in styles
    urls = re.findall(r"url\(([^)]*)\)", styles)
    assert [one for one in urls if not one.startswith(("data:", "#default#VML"))] == []
    assert "data:image/png;base64," in page(locale)
    for name in ("cdn", "jquery", "bootstrap.", "fontawesome", "glyphicon", "sourcemappingurl"):
        assert name not in re.sub(r"base64,[\w+/=]*", "", page(locale)).lower(), name


def test_the_policy_names_the_scripts_of_the_page_and_nothing_else():
    read = Reader(page())
    assert "default-src 'none'" in read.policy
    digests = {
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in read.texts["script"]
    }
    assert set(re.findall(r"'sha256-([^']*)'", read.policy)) == digests
    assert "unsafe" not in read.policy.split("script-src")[1].split(";")[0]


def test_text_from_data_is_text():
    plain, evil = Reader(make_page(make_subject())), Reader(page())
    assert sorted(evil.tags) == sorted(plain.tags)
    assert "img" not in evil.tags
    assert evil.handlers == []
    data = json.loads("".join(evil.texts["json"]))
    assert data["units"]["grid"]["name"][:4] == list(EVIL.values())
    assert "49" not in "".join(data["units"]["grid"]["name"][:4])


def test_text_in_a_table_is_escaped():
    densest = make_subject(grid_names=dict.fromkeys(range(64), EVIL[0]))
    made = make_page(densest)
    assert EVIL[0] in Reader(made).seen
    assert EVIL[0] not in made


def test_numbers_of_the_page_are_those_of_the_findings():
    data = json.loads("".join(Reader(page()).texts["json"]))
    for measure, column in (
        (Measure.DENSITY, "density"), (Measure.RELATIVE, "relative"),
        (Measure.SIGNIFICANCE, "z"),
    ):  # fmt: skip
        value = subject().finding(measure, Unit.GRID).value
        told = np.array(data["units"]["grid"][column], dtype=np.float64)
        np.testing.assert_allclose(told, value, atol=1e-4)
    assert sum(data["units"]["grid"]["count"]) == subject().surface.n
    assert set(data["layers"]) == {
        f"{measure}-{unit}" for measure, unit in LAYERS if unit is not Unit.RASTER
    }


@pytest.mark.parametrize(
    ("measure", "unit", "first"),
    [
        (Measure.DENSITY, Unit.RASTER, "density-raster"),
        (Measure.DENSITY, Unit.HEXAGON, "density-hexagon"),
        (Measure.RELATIVE, Unit.GRID, "relative-grid"),
        (Measure.RELATIVE, Unit.RASTER, "relative-community"),
        (Measure.SIGNIFICANCE, Unit.HEXAGON, "significance-community"),
        (Measure.OUTLIER, Unit.RASTER, "outlier-community"),
        (Measure.OUTLIER, Unit.GRID, "outlier-grid"),
    ],
)
def test_the_layer_asked_for_is_seen_first_or_one_of_its_measure(
    measure: Measure, unit: Unit, first: str
):
    asked = replace(subject(), question=replace(subject().question, measure=measure, unit=unit))
    data = json.loads("".join(Reader(make_page(asked)).texts["json"]))
    assert data["first"] == first
    # The same numbers whatever is seen first.
    assert asked.finding(Measure.DENSITY, Unit.GRID).question.unit is Unit.GRID


@pytest.mark.parametrize("unit", [Unit.GRID, Unit.COMMUNITY])
def test_outliers_are_told_in_words_in_every_form(unit: Unit):
    finding = subject().finding(Measure.OUTLIER, unit)
    rows = list_units(subject(), unit)
    assert [row.quadrant for row in rows] == [
        {1: "LL", 2: "LH", 3: "HL", 4: "HH"}[value] for value in finding.value.tolist()
    ]
    assert [row.quadrant_sign for row in rows] == finding.sign.tolist()
    key = make_key(subject(), (Measure.OUTLIER, unit))
    words = ["高，周围也高", "高，周围低", "低，周围高", "低，周围也低"]
    assert [swatch.text for swatch in key.swatches] == words
    colors = [swatch.color for swatch in key.swatches][::-1]
    data = json.loads("".join(Reader(page()).texts["json"]))
    layer, units = data["layers"][f"outlier-{unit}"], data["units"][unit]
    for shade, quadrant in zip(layer["shade"], units["quadrant"], strict=True):
        told = data["told"]["outlier"][quadrant]
        assert layer["colors"][shade - 1] == colors[words[::-1].index(told)]


def test_outliers_told_from_chance_are_in_the_files():
    # A tenth of the cases is left outside the south-western quarter of the town.
    incidents = subject().incidents
    quarter = (incidents.x_m < WEST_M + 1600) & (incidents.y_m < SOUTH_M + 1600)
    uneven = incidents.take(quarter | (incidents.id % 10 == 0))
    town = replace(subject(), incidents=uneven, _kept={})
    rows = {row.code: row for row in list_units(town, Unit.GRID)}
    sure = {code for code, row in rows.items() if row.quadrant_sign}
    assert 0 < len(sure) < len(rows)
    assert any(rows[code].quadrant == "HH" for code in sure)
    made = json.loads(make_report(town, Format.GEOJSON))
    told = {one["id"]: one["properties"] for one in made["features"]}
    assert {code for code in rows if told[code]["moran_sign"]} == sure
    assert all(told[code]["moran_quadrant"] == row.quadrant for code, row in rows.items())
    hexagon = next(one for one in told.values() if one["unit"] == "hexagon")
    assert (hexagon["moran_quadrant"], hexagon["moran_sign"]) == (None, None)
    sheet = openpyxl.load_workbook(io.BytesIO(make_report(town, Format.XLSX)))["网格"]
    column = [cell.value for cell in sheet[1]].index("局部 Moran")
    for cells in sheet.iter_rows(min_row=2, values_only=True):
        assert (cells[column] == "不显著") is (cells[0] not in sure)
        if rows[cells[0]].quadrant == "HH" and cells[0] in sure:
            assert cells[column] == "高，周围也高"


def test_a_legend_says_what_is_not_told_where_something_is_not():
    few = make_subject(within=(f"{STREET}001",))
    signs = [sign for sign, _ in make_key(few, (Measure.OUTLIER, Unit.COMMUNITY)).notes]
    assert signs == ["raised", "lowered", "unsure", "untold"]
    assert [row.quadrant for row in list_units(few, Unit.COMMUNITY)] == [None]
    signs = [sign for sign, _ in make_key(subject(), (Measure.OUTLIER, Unit.GRID)).notes]
    assert signs == ["raised", "lowered", "unsure"]


def test_the_picture_lies_where_its_cells_are():
    frame = subject().surface.frame
    west, south, east, north = make_warp(frame).bbox
    corners = re.search(r"data:image/png;base64,[^\"]*\",\s*(\[\[.*?\]\])", page(), re.DOTALL)
    assert json.loads(corners[1]) == [[south, west], [north, east]]
    (low, left), (high, right) = bounds_of(subject())
    metre = 1e-5  # degrees: the bounds are told to five decimals
    assert west - metre <= left < right <= east + metre
    assert south - metre <= low < high <= north + metre


@pytest.mark.parametrize("locale", LOCALES)
def test_synthetic_data_are_called_so_in_words(locale: Locale):
    sign = {"zh": "演示数据（合成）", "en": "Synthetic data"}[locale]
    assert sign in Reader(page(locale)).seen
    assert sign not in Reader(make_page(make_subject(locale, synthetic=False))).seen


def test_the_card_tells_on_what_the_map_rests():
    told = {line.label: line.value for line in list_lines(subject())}
    assert told["依据案件"] == f"{subject().surface.n:,}"
    assert "300 m" in told["带宽"]
    proof = subject().proof
    assert told["回测"].startswith("密度栅格（带宽 300 m）")
    assert f"PAI {proof.asked.pai:.1f}" in told["回测"]
    assert f"{proof.asked.pai_low:.1f}–{proof.asked.pai_high:.1f}" in told["回测"]
    weighted = make_subject(weight=Weight(urgent=3.0, half_life_days=45))
    told = {line.label: line.value for line in list_lines(weighted)}
    assert f"{weighted.surface.effective_n:,.0f}" in told["依据案件"]
    assert "半衰期 45 天" in told["筛选"]


def test_a_bandwidth_that_was_tried_has_the_figures_of_the_trial():
    tried = make_subject(bandwidth_m=340.0)
    candidate = next(one for one in tried.verdict.choice.candidates if one.bandwidth_m == 340.0)
    assert tried.proof.asked is candidate.figures


def test_a_short_record_is_told_and_no_backtest_is_made_up():
    late = replace(subject(), verdict=None, _kept={})
    told = {line.label: line.value for line in list_lines(late)}
    assert told["回测"].startswith("没有")
    assert "<polyline" not in make_page(late)


def test_a_period_of_whole_days_is_told_by_its_days():
    begin = datetime(2026, 5, 31, 16, tzinfo=UTC)  # midnight of the first of June in Shanghai
    question = replace(subject().question, period=Period(begin, begin + timedelta(days=30)))
    assert tell_period(subject().words, question) == "2026-06-01 至 2026-06-30（30 天）"
    hours = replace(question, period=Period(begin, begin + timedelta(hours=36)))
    assert "12:00" in tell_period(subject().words, hours)


def test_a_street_has_its_own_units_only():
    street = make_subject(within=(STREET,))
    for unit in (Unit.GRID, Unit.COMMUNITY):
        codes = [row.code for row in list_units(street, unit)]
        assert codes
        assert all(code.startswith(STREET) for code in codes)
    assert "第1街道" in {line.label: line.value for line in list_lines(street)}["筛选"]


@pytest.mark.parametrize("form", list(Format))
def test_a_period_without_a_case_gives_a_report_that_says_so(form: Format):
    empty = make_subject(kind=Kind(types=("S01",)))
    assert list_warnings(empty) == ["时段内没有符合条件的案件。"]
    assert make_report(empty, form)


FORMULAS = {0: "=1+1", 1: "+86 411", 2: "-1", 3: "@SUM(A1)", 4: "=cmd|' /C calc'!A0", 5: "平常"}


def test_no_cell_becomes_a_formula():
    made = make_report(make_subject(grid_names=FORMULAS), Format.XLSX)
    sheet = openpyxl.load_workbook(io.BytesIO(made)).worksheets[2]
    for number, name in FORMULAS.items():
        cell = sheet.cell(number + 2, 2)
        assert (cell.value, cell.data_type) == (name, "s")
        assert bool(cell.quotePrefix) is (number < 5)
    with zipfile.ZipFile(io.BytesIO(made)) as packed:
        sheets = [name for name in packed.namelist() if name.startswith("xl/worksheets/")]
        assert len(sheets) == 4
        assert all(b"<f>" not in packed.read(name) for name in sheets)


def test_tables_have_a_head_that_stays_and_numbers_that_are_numbers():
    book = openpyxl.load_workbook(io.BytesIO(make_report(subject(), Format.XLSX)))
    assert book.sheetnames == ["说明", "社区", "网格", "类型"]
    rows = {row.code: row for row in list_units(subject(), Unit.COMMUNITY)}
    sheet = book["社区"]
    head = [cell.value for cell in sheet[1]]
    for cells in sheet.iter_rows(min_row=2, values_only=True):
        told, row = dict(zip(head, cells, strict=True)), rows[cells[0]]
        assert told["件数"] == row.count
        assert told["件/km²/30天"] == pytest.approx(row.density)
        assert told["相对风险"] == (None if row.relative is None else pytest.approx(row.relative))
    assert {each.freeze_panes for each in book} == {"B2"}
    assert sum(cells[3] for cells in book["类型"].iter_rows(min_row=2, values_only=True)) == (
        subject().surface.n
    )


def test_the_geotiff_holds_the_finding():
    surface = subject().surface
    with (
        rasterio.MemoryFile(make_report(subject(), Format.GEOTIFF)) as memory,
        memory.open() as tif,
    ):
        np.testing.assert_array_equal(tif.read(1), surface.value.astype(np.float32))
        assert tif.crs.to_epsg() == 4549
        assert tif.res == (25.0, 25.0)
        assert tif.bounds.left == surface.frame.west_m
        assert tif.bounds.top == surface.frame.north_m
        assert tif.tags()["events"] == str(surface.n)
        assert tif.tags()["synthetic"] == "yes"


def test_the_geojson_holds_every_unit_with_its_numbers():
    made = json.loads(make_report(subject(), Format.GEOJSON))
    by_unit = {
        unit: [f for f in made["features"] if f["properties"]["unit"] == unit]
        for unit in ("grid", "community", "hexagon")
    }
    assert (len(by_unit["grid"]), len(by_unit["community"])) == (64, 16)
    for unit in (Unit.GRID, Unit.COMMUNITY):
        counts = [feature["properties"]["count"] for feature in by_unit[unit]]
        assert sum(counts) == subject().surface.n
    rows = {row.code: row for row in list_units(subject(), Unit.GRID)}
    for feature in by_unit["grid"]:
        told, row = feature["properties"], rows[feature["id"]]
        assert told["density_per_km2_30d"] == pytest.approx(row.density, abs=1e-6)
        assert told["relative_chance_high"] == (
            None if row.high is None else pytest.approx(row.high, abs=1e-6)
        )
        assert told["gi_sign"] == row.z_sign
        shape = shapely.geometry.shape(feature["geometry"])
        middle = subject().ground.grids.shapes[row.row].centroid
        x_m, y_m = to_metric(np.array([shape.centroid.x]), np.array([shape.centroid.y]))
        assert (x_m[0], y_m[0]) == pytest.approx((middle.x, middle.y), abs=1.5)


def test_the_sheet_is_a4_and_shows_the_colours_of_its_legend():
    picture = Image.open(io.BytesIO(make_report(subject(), Format.PNG)))
    assert picture.size == (2338, 1653)
    seen = {color for _, color in picture.convert("RGB").getcolors(1 << 24)}
    for color in subject().legend(Measure.DENSITY, Unit.RASTER).colors:
        assert tuple(bytes.fromhex(color[1:])) in seen


@pytest.mark.parametrize("locale", LOCALES)
def test_the_document_brings_its_glyphs(locale: Locale):
    made = make_report(make_subject(locale), Format.PDF)
    assert made.startswith(b"%PDF-")
    fonts = set(re.findall(rb"/FontName /(?:[A-Z]{6}\+)?([\w-]+)", made))
    assert any(b"CJK" in font for font in fonts), fonts
    assert len(made) < 2_000_000
    size = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+)", made)
    assert (float(size[1]), float(size[2])) == pytest.approx((841.9, 595.3), abs=0.5)


def test_the_curve_reaches_from_nothing_to_a_fifth_of_the_area():
    proof = subject().proof
    share, rate = rates_of(proof.asked.curve, proof.asked.curve.hit_rate)
    assert (share[0], share[-1], rate[0]) == (0.0, 0.2, 0.0)
    assert (np.diff(rate) >= 0).all()
    picture = draw_curve(proof)
    ends = [[float(part) for part in point.split(",")] for point in picture.asked.split()]
    assert (ends[0], ends[-1][0]) == ([picture.left, picture.bottom], picture.right)
    assert [highest_mark(rate) for rate in (0.05, 0.2, 0.43, 0.97)] == [0.2, 0.2, 0.6, 1.0]


def test_lines_break_between_words_and_never_before_a_full_stop():
    assert _pieces("共 12 件。of all") == ["共 ", "12 ", "件。", "of ", "all"]


def test_names_of_files_say_what_they_hold():
    assert file_name(subject(), Format.PDF) == "小城区-风险报告-2026-11-01.pdf"
    assert file_name(make_subject("en"), Format.HTML) == "Small-Town-risk-report-2026-11-01.html"


def test_both_languages_have_the_same_texts_and_values():
    zh, en = texts("zh"), texts("en")
    assert zh.keys() == en.keys()
    for key, text in zh.items():
        assert set(re.findall(r"\{(\w+)\}", text)) == set(re.findall(r"\{(\w+)\}", en[key])), key


def test_the_look_is_that_of_the_product():
    declared = re.compile(r"(--[\w-]+):\s*([^;]+);")
    product = (ROOT / "web/static/css/tokens.css").read_text("utf-8")
    tokens = dict(declared.findall(product.partition(':root[data-theme="night"]')[0]))
    own = (ROOT / "mapsvc/report/page.css").read_text("utf-8")
    root, _, rest = own.partition("* { box-sizing")
    assert len(declared.findall(root)) > 15
    for name, value in declared.findall(root):
        assert re.sub(r"\s+", " ", value) == re.sub(r"\s+", " ", tokens[name]), name
    assert re.findall(r"#[0-9a-f]{3,8}\b|rgba?\(", rest) == []


def test_hours_of_the_question_are_told():
    asked = make_subject(kind=Kind(families=("dispute",), hours=(7, 8, 22, 23), weekdays=(6, 7)))
    told = {line.label: line.value for line in list_lines(asked)}["筛选"]
    assert told == "矛盾纠纷；周六、周日；每日 7:00-9:00、22:00-24:00"
    assert asked.surface.n < subject().surface.n
    assert DISTRICT not in told
    assert asked.made_at == UNTIL
