"""The page: one folium map in one HTML file that opens without any network."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

from branca.element import Figure
from folium import GeoJson, LayerControl
from folium.map import CustomPane, FeatureGroup
from folium.raster_layers import ImageOverlay
from jinja2 import Environment, StrictUndefined

from layers.risk.question import Measure, Unit
from mapsvc.report import asset
from mapsvc.report.base import GeoJson as Geometry
from mapsvc.report.curve import draw_curve
from mapsvc.report.folium_part import (
    DATA_ID,
    Names,
    OfflineMap,
    Panels,
    Plain,
    Start,
    Units,
    pack,
)
from mapsvc.report.key import make_key, untold_color
from mapsvc.report.page_data import Rows, bounds_of, key_of, pack_data
from mapsvc.report.subject import LAYERS, Subject
from mapsvc.report.tally import count_week, list_types
from mapsvc.report.trust import list_lines, list_warnings
from mapsvc.report.unit_row import UnitRow, densest, list_units
from mapsvc.risk_picture import draw_finding
from mapsvc.style import style_tokens

LONGEST_TABLE = 12
ZOOMS = (9, 18)
PANES = {"ground": 250, "units": 400, "edges": 440, "over": 450, "names": 620}
"""z-index of what is drawn: the ground below, main roads and names over the colours."""
ROADS = {3: ("road", 1.0), 2: ("road", 2.2)}
"""Colour token and width in pixels of the roads below the colours."""
MAIN_ROAD = 1
SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def make_html(subject: Subject) -> bytes:
    """Return the page as a file."""
    return make_page(subject).encode()


def make_page(subject: Subject) -> str:
    """Return the page."""
    rows: Rows = {unit: list_units(subject, unit) for unit in Unit if unit is not Unit.RASTER}
    chart = OfflineMap(
        "report", location=_middle(subject), zoom_start=11, min_zoom=ZOOMS[0], max_zoom=ZOOMS[1],
        zoom_control=False, attribution_control=False, zoom_snap=0.25, zoom_delta=0.5,
        wheel_px_per_zoom_level=120, prefer_canvas=False,
    )  # fmt: skip
    figure = chart.get_root()
    if not isinstance(figure, Figure):
        raise AssertionError("folium puts a map into a figure")
    _put_head(subject, figure)
    _put_layers(subject, chart)
    control = LayerControl(collapsed=False, autoZIndex=False, sort_layers=False)
    chart.add_child(control)
    chart.add_child(Panels(_panels(subject, rows)))
    chart.add_child(Panels(f'<script type="application/json" id="{DATA_ID}">'
                           f"{pack(pack_data(subject, rows))}</script>"))  # fmt: skip
    chart.add_child(Start(control.get_name()))
    return _locked(figure.render(), subject.words.locale)


def _middle(subject: Subject) -> tuple[float, float]:
    (south, west), (north, east) = bounds_of(subject)
    return (south + north) / 2, (west + east) / 2


def _put_head(subject: Subject, figure: Figure) -> None:
    """Put scripts and styles into the head, and the bar above the map."""
    words, base = subject.words, subject.base
    title = f"{words('title')} · {words.name(base.name, base.name_en)}"
    head = _render("<title>{{ title }}</title>", title=title)
    tokens = style_tokens()["day"]
    water = f":root {{ --map-water: {tokens['background']}; }}"
    for text in (
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<!--\nLeaflet\n{asset.leaflet_license()}-->",
        head,
        f"<style>{asset.leaflet_css()}</style>",
        f"<style>{water}\n{asset.own('page.css')}</style>",
        f"<script>{asset.leaflet_js()}</script>",
        f"<script>{asset.own('page.js')}</script>",
    ):
        figure.header.add_child(Plain(text))
    figure.html.add_child(Plain(_render(asset.own("head.html"), **_facts(subject))))


def _put_layers(subject: Subject, chart: OfflineMap) -> None:
    words, base = subject.words, subject.base
    for name, height in PANES.items():
        chart.add_child(CustomPane(name, z_index=height, pointer_events=name == "units"))
    tokens = style_tokens()["day"]
    _put(chart, base.land, fill=tokens["land"], color=tokens["land_edge"], weight=1.0)
    for rank, (token, width) in ROADS.items():
        _put(chart, base.roads.get(rank), color=tokens[token], weight=width)
    _put(chart, base.water, fill=tokens["water"], color=tokens["water"], weight=0.5)
    for layer in LAYERS:
        name, show = words(f"layer.{layer[0]}.{layer[1]}"), layer == subject.first
        if layer[1] is Unit.RASTER:
            chart.add_child(_picture(subject, name, show=show))
        else:
            chart.add_child(Units(key_of(layer), name, show=show))
    main = FeatureGroup(name=words("layer.roads"), overlay=True)
    _put(main, base.roads.get(MAIN_ROAD), color=tokens["arterial"], weight=2.0, pane="over")
    chart.add_child(main)
    chart.add_child(Names(words("layer.streets")))


def _picture(subject: Subject, name: str, *, show: bool) -> ImageOverlay:
    """Return the surface, a picture in the plane of web maps between its corners."""
    legend = subject.legend(Measure.DENSITY, Unit.RASTER)
    picture, warp = draw_finding(subject.surface, legend)
    west, south, east, north = warp.bbox
    layer = ImageOverlay(
        asset.data_uri(picture, "image/png"), [[south, west], [north, east]], name=name,
        overlay=False, show=show, pixelated=False, alt=name, pane="units",
    )  # fmt: skip
    layer._name, layer._id = "Picture", "surface"
    return layer


def _put(
    onto: Any, shape: Geometry | None, *, color: str, weight: float, fill: str | None = None,
    pane: str = "ground",
) -> None:  # fmt: skip
    """Draw a shape of the ground, if there is one."""
    if shape is None:
        return
    style = {
        "color": color, "weight": weight, "fill": fill is not None, "fillColor": fill,
        "fillOpacity": 1, "opacity": 1,
    }  # fmt: skip
    feature = {"type": "Feature", "properties": {}, "geometry": shape}
    layer = GeoJson(
        feature, style_function=lambda _: style, control=False, interactive=False, pane=pane,
        smooth_factor=1.0,
    )  # fmt: skip
    layer.add_to(onto)


def _panels(subject: Subject, rows: Rows) -> str:
    """Return all that stands beside and below the map."""
    communities = rows[Unit.COMMUNITY]
    proof = subject.proof
    return _render(
        asset.own("page.html"),
        **_facts(subject),
        keys={key_of(layer): make_key(subject, layer) for layer in LAYERS},
        untold=untold_color(),
        lines=list_lines(subject),
        warnings=list_warnings(subject),
        proof=proof,
        curve=None if proof is None else draw_curve(proof),
        raised=_raised(communities),
        tables=[
            (Unit.COMMUNITY, densest(communities)[:LONGEST_TABLE], len(communities)),
            (Unit.GRID, densest(rows[Unit.GRID])[:LONGEST_TABLE], len(rows[Unit.GRID])),
        ],
        types=list_types(subject)[:LONGEST_TABLE],
        week=_week(subject),
    )


def _raised(rows: list[UnitRow]) -> list[UnitRow]:
    """Return the communities above chance, the highest risk first."""
    found = [row for row in rows if row.relative_sign == 1]
    return sorted(found, key=lambda row: (-(row.relative or 0.0), row.code))[:LONGEST_TABLE]


def _week(subject: Subject) -> list[list[tuple[int, int]]]:
    """Return count and shade (0 to 7) by weekday and hour."""
    counts = count_week(subject)
    most = max(1, int(counts.max()))
    return [[(n, round(7 * n / most)) for n in day] for day in counts.tolist()]


def _facts(subject: Subject) -> dict[str, Any]:
    base, words = subject.base, subject.words
    return {
        "t": words,
        "base": base,
        "district": words.name(base.name, base.name_en),
        "made": words("made", at=words.moment(subject.made_at)),
        "subject": subject,
    }


def _render(template: str, **values: Any) -> str:
    """Fill in a template of ours; every value is escaped."""
    return _environment().from_string(template).render(**values)


def _environment() -> Environment:
    return Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )


def _locked(page: str, locale: str) -> str:
    """Return the page with a policy under which it runs its own scripts and fetches nothing."""
    digests = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in SCRIPT.findall(page)
    )
    policy = (
        f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src {digests};"
        " base-uri 'none'; form-action 'none'"
    )
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    language = "zh-CN" if locale == "zh" else "en"
    return page.replace("<html>", f'<html lang="{language}">', 1).replace(
        "<head>", f"<head>\n{meta}", 1
    )
