"""The asset catalogue: what fits a declaration, and how an error names its row and field."""

import math
from typing import Any

import pytest

from geodata.errors import InvalidInput
from layers.catalogue import (
    KINDS,
    check_asset,
    check_geometry_type,
    check_kinds,
    fuel_station_class,
    public_attributes,
)
from mapsvc.sprite import icon_shapes

CAMERA = {
    "device_id": "21021100001320000001",
    "form": "dome",
    "heading_deg": 90,
    "height_m": 4.5,
    "status": "in_service",
}
STATION = {"brand": "众通", "tank_m3": 120.0, "station_class": "II", "nozzles": 8}


def test_a_complete_asset_passes_unchanged():
    assert check_asset("camera", CAMERA, row=1) == CAMERA


@pytest.mark.parametrize(
    ("kind", "good", "change", "field"),
    [
        ("camera", CAMERA, {"device_id": "2102110000132000001"}, "rows[7].device_id"),
        ("camera", CAMERA, {"device_id": "21021100001340000001"}, "rows[7].device_id"),
        ("camera", CAMERA, {"device_id": "２1021100001320000001"}, "rows[7].device_id"),
        ("camera", CAMERA, {"form": "square"}, "rows[7].form"),
        ("camera", CAMERA, {"heading_deg": 360}, "rows[7].heading_deg"),
        ("camera", CAMERA, {"heading_deg": True}, "rows[7].heading_deg"),
        ("camera", CAMERA, {"height_m": math.nan}, "rows[7].height_m"),
        ("camera", CAMERA, {"height_m": "4.5"}, "rows[7].height_m"),
        ("camera", CAMERA, {"colour": "red"}, "rows[7].colour"),
        ("fuel_station", STATION, {"tank_m3": 211}, "rows[7].tank_m3"),
        ("fuel_station", STATION, {"tank_m3": math.inf}, "rows[7].tank_m3"),
        ("fuel_station", STATION, {"brand": ""}, "rows[7].brand"),
        ("fuel_station", STATION, {"brand": "a\x00b"}, "rows[7].brand"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_row_and_field(
    kind: str, good: dict[str, Any], change: dict[str, Any], field: str
):
    with pytest.raises(InvalidInput) as caught:
        check_asset(kind, {**good, **change}, row=7)
    assert caught.value.field == field
    assert field in caught.value.public_message


@pytest.mark.parametrize("name", list(CAMERA))
def test_what_is_missing_is_named(name: str):
    without = {key: value for key, value in CAMERA.items() if key != name}
    with pytest.raises(InvalidInput) as caught:
        check_asset("camera", without, row=3)
    assert caught.value.field == f"rows[3].{name}"


def test_a_date_must_be_one():
    firm = {
        "business": "storage",
        "substance": "甲醇",
        "quantity_t": 10,
        "major_hazard_class": "none",
        "risk_level": "low",
        "licence_until": "2026-02-30",
    }
    with pytest.raises(InvalidInput, match="licence_until"):
        check_asset("hazchem_firm", firm, row=1)
    assert check_asset("hazchem_firm", {**firm, "licence_until": "2026-02-28"}, row=1)


def test_unknown_kinds_are_refused_with_those_known():
    with pytest.raises(InvalidInput, match=r"known: alarm_pillar, camera"):
        check_kinds(["camera", "castle"])
    with pytest.raises(InvalidInput) as caught:
        check_asset("castle", {}, row=2)
    assert caught.value.field == "rows[2].kind"


def test_geometry_is_of_the_kinds_type():
    check_geometry_type("camera", "Point", row=1)
    check_geometry_type("bungalow_area", "MultiPolygon", row=1)
    for kind, found in (("camera", "Polygon"), ("bungalow_area", "Point")):
        with pytest.raises(InvalidInput) as caught:
            check_geometry_type(kind, found, row=9)
        assert caught.value.field == "rows[9].geometry"


def test_secret_attributes_stay_behind():
    shown = public_attributes("camera", CAMERA)
    assert "device_id" not in shown
    assert shown["heading_deg"] == 90


@pytest.mark.parametrize(
    ("tank_m3", "expected"),
    [(30, "III"), (90, "III"), (90.1, "II"), (150, "II"), (150.1, "I"), (210, "I")],
)
def test_class_of_a_fuel_station_by_its_tanks(tank_m3: float, expected: str):
    assert fuel_station_class(tank_m3) == expected


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_declaration_is_whole(kind: Any):
    assert KINDS[kind.id] is kind
    assert kind.zh
    assert kind.en
    assert kind.icon in icon_shapes()
    assert 0 <= kind.min_zoom <= 16
    for attribute in kind.attributes:
        assert attribute.zh
        assert attribute.en
        assert bool(attribute.choices) == (attribute.type == "choice")
        assert attribute.unit is None or attribute.type in ("number", "integer")
