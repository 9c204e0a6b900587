"""Map styles: sources, fonts, icons, contrast; tests/arch holds them to the specification."""

import json
import re
from importlib.resources import files
from typing import Any

import pytest

from geodata.errors import InvalidInput, NotFound
from mapsvc.sprite import icon_shapes
from mapsvc.style import NAMES, style, style_tokens

BASE = "http://127.0.0.1:8000"
STYLES = [(name, locale) for name in NAMES for locale in ("zh", "en")]


def luminance(color: str) -> float:
    """Return the relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1..21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("name", "locale"), STYLES)
def test_nothing_is_fetched_from_elsewhere(name: str, locale: str):
    made = style(name, BASE, locale)
    assert "glyphs" not in made
    urls = re.findall(r"[a-z]+://[^/\"]*", json.dumps(made))
    assert urls
    assert set(urls) == {BASE}


@pytest.mark.parametrize(("name", "locale"), STYLES)
def test_names_are_drawn_with_the_fonts_of_the_machine(name: str, locale: str):
    for layer in style(name, BASE, locale)["layers"]:
        if "text-field" in layer.get("layout", {}):
            assert layer["layout"]["text-font"][0] == "Noto Sans CJK SC"


def test_english_falls_back_on_the_name_there_is():
    text = next(x for x in style("day", BASE, "en")["layers"] if x["id"] == "place-street")
    assert text["layout"]["text-field"] == ["coalesce", ["get", "name_en"], ["get", "name"]]


@pytest.mark.parametrize("name", NAMES)
def test_every_icon_named_is_drawn(name: str):
    named = set()
    for layer in style(name, BASE)["layers"]:
        icon = layer.get("layout", {}).get("icon-image")
        named |= set(_words(icon)) if icon is not None else set()
    prefixed = {f"case-{family}" for family in ("dispute", "hazard", "service", "police")}
    known = set(icon_shapes())
    assert prefixed <= known
    plain = {word for word in named if word in known or word.startswith(("case-", "asset-"))}
    assert plain - {"case-"} <= known


def _words(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [word for part in value for word in _words(part)]
    return []


@pytest.mark.parametrize(("name", "least"), [("day", 4.5), ("night", 7.0)])
def test_names_can_be_read_on_every_ground(name: str, least: float):
    tokens = style_tokens()[name]
    for ink in ("label", "label_major", "asset"):
        for ground in ("land", "building", "label_halo"):
            assert contrast(tokens[ink], tokens[ground]) >= least, (ink, ground)
    assert contrast(tokens["label_water"], tokens["water"]) >= least


def test_the_wall_is_read_from_five_metres():
    night = style_tokens()["night"]
    assert min(night["text_px"], night["text_major_px"]) >= 18
    assert night["line_px"] >= 2


def test_colours_shared_with_the_pages_are_the_same():
    css = (files("web") / "static" / "css" / "tokens.css").read_text("utf-8")
    day, night = css.split(':root[data-theme="night"]', 1)
    for name, text in (("day", day), ("night", night)):
        ramp = re.findall(r"--density-(\d): (#[0-9a-f]{6});", text)
        assert [color for _, color in sorted(ramp)] == style_tokens()["density"][name]
        assert (
            re.findall(r"--map-bg: (#[0-9a-f]{6});", text)[0] == style_tokens()[name]["background"]
        )


def test_unknown_styles_and_locales_are_refused():
    with pytest.raises(NotFound):
        style("dusk", BASE)
    with pytest.raises(InvalidInput) as caught:
        style("day", BASE, "fr")
    assert caught.value.field == "locale"
