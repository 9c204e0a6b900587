"""Datums and projections: round trips, refusals, spellings, stamping."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.crs import (
    Datum,
    check_lonlat,
    convert,
    from_metric,
    parse_datum,
    stamp,
    to_metric,
)
from geodata.crs_lines import convert_lines
from geodata.errors import InvalidInput

TENTH_MM_DEG = 1e-9
"""0.1 mm on the ground, in degrees of a meridian."""


@settings(deadline=None)
@given(st.floats(73.0, 135.0), st.floats(3.0, 54.0), st.sampled_from(Datum), st.sampled_from(Datum))
def test_a_round_trip_in_china_is_exact_to_a_tenth_of_a_millimetre(
    lon: float, lat: float, source: Datum, target: Datum
) -> None:
    there = convert(lon, lat, source, target)
    back = convert(*there, target, source)
    assert back[0][0] == pytest.approx(lon, abs=TENTH_MM_DEG, rel=0)
    assert back[1][0] == pytest.approx(lat, abs=TENTH_MM_DEG, rel=0)


@settings(deadline=None)
@given(st.floats(-180.0, 180.0), st.floats(-90.0, 90.0), st.sampled_from(Datum))
def test_anywhere_on_earth_gives_a_finite_answer(lon: float, lat: float, target: Datum) -> None:
    there = convert(lon, lat, Datum.WGS84, target)
    assert np.isfinite(there).all()


@pytest.mark.parametrize(("lon", "lat"), [(2.35, 48.86), (-74.0, 40.7), (151.2, -33.9), (60, 30)])
def test_nothing_is_shifted_outside_china(lon: float, lat: float) -> None:
    for source, target in [(Datum.WGS84, Datum.GCJ02), (Datum.GCJ02, Datum.WGS84)]:
        assert np.ravel(convert(lon, lat, source, target)).tolist() == [lon, lat]


def test_the_shift_in_ganjingzi_is_about_450_m_east_and_108_m_north() -> None:
    x, y = to_metric([121.55], [38.95])
    moved = to_metric(*convert([121.55], [38.95], Datum.WGS84, Datum.GCJ02))
    assert moved[0][0] - x[0] == pytest.approx(450, abs=30)
    assert moved[1][0] - y[0] == pytest.approx(108, abs=30)


def test_cgcs2000_is_taken_as_wgs84() -> None:
    assert np.ravel(convert(121.5, 38.9, Datum.CGCS2000, Datum.WGS84)).tolist() == [121.5, 38.9]


def test_arrays_are_converted_row_by_row_and_none_is_no_row() -> None:
    lon, lat = np.linspace(100, 125, 7), np.linspace(20, 45, 7)
    whole = convert(lon, lat, Datum.BD09, Datum.WGS84)
    for row in range(7):
        single = convert(lon[row], lat[row], Datum.BD09, Datum.WGS84)
        assert (whole[0][row], whole[1][row]) == pytest.approx(
            (single[0][0], single[1][0]), abs=1e-12
        )
    assert convert([], [], Datum.BD09, Datum.WGS84)[0].shape == (0,)


def test_what_is_given_is_not_written_to() -> None:
    lon, lat = np.array([121.5]), np.array([38.9])
    convert(lon, lat, Datum.BD09, Datum.WGS84)
    convert(lon, lat, Datum.WGS84, Datum.WGS84)[0][0] = 0
    assert (lon[0], lat[0]) == (121.5, 38.9)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf"), 181.0, 1e300])
def test_a_bad_coordinate_names_its_row_and_field(bad: float) -> None:
    with pytest.raises(InvalidInput) as caught:
        convert([121.5, 121.5, bad], [38.9, 38.9, 38.9], Datum.WGS84, Datum.GCJ02)
    assert caught.value.field == "location.lon"
    assert "row 2" in caught.value.public_message
    with pytest.raises(InvalidInput) as caught:
        convert(121.5, bad, Datum.WGS84, Datum.GCJ02, field="positions.3")
    assert caught.value.field == "positions.3.lat"


def test_swapped_coordinates_are_seen_by_the_latitude() -> None:
    with pytest.raises(InvalidInput, match="order is lon, lat"):
        check_lonlat(38.9, 121.5)


def test_unequal_numbers_of_coordinates_are_refused() -> None:
    with pytest.raises(InvalidInput):
        check_lonlat([1.0, 2.0], [1.0])
    with pytest.raises(InvalidInput):
        check_lonlat([[1.0]], [[1.0]])


@pytest.mark.parametrize(
    ("text", "datum"),
    [
        ("WGS-84", Datum.WGS84),
        ("wgs84", Datum.WGS84),
        ("EPSG:4326", Datum.WGS84),
        (" gcj_02 ", Datum.GCJ02),
        ("Bd09", Datum.BD09),
        ("bd-09-ll", Datum.BD09),
        ("CGCS 2000", Datum.CGCS2000),
        ("EPSG:4490", Datum.CGCS2000),
    ],
)
def test_usual_spellings_of_a_datum(text: str, datum: Datum) -> None:
    assert parse_datum(text, field="x") is datum


@pytest.mark.parametrize("text", [None, "", "WGS", "02", 84, ["WGS-84"], "w" * 10_000, "\x00"])
def test_a_missing_or_unknown_datum_names_the_field(text: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_datum(text, field="location.datum")
    assert caught.value.field == "location.datum"


@settings(deadline=None)
@given(st.floats(118.0, 122.0), st.floats(35.0, 42.0))
def test_the_plane_and_back(lon: float, lat: float) -> None:
    x, y = to_metric(lon, lat)
    back = from_metric(x, y)
    assert (back[0][0], back[1][0]) == pytest.approx((lon, lat), abs=TENTH_MM_DEG)


def test_the_plane_is_metres_from_500_km_at_120_east() -> None:
    x, y = to_metric([120.0, 120.0], [38.9, 39.9])
    assert x == pytest.approx([500_000, 500_000])
    assert y[1] - y[0] == pytest.approx(111_020, abs=20)


def test_off_the_plane_is_refused() -> None:
    with pytest.raises(InvalidInput):
        from_metric([float("nan")], [0.0])
    with pytest.raises(InvalidInput):
        from_metric([1e30], [1e30])


def test_a_stamp_says_what_the_coordinates_are() -> None:
    point = shapely.Point(121.5, 38.9)
    assert shapely.get_srid(stamp(point, 4326)) == 4326
    assert shapely.get_srid(point) == 0
    many = stamp(np.array([point, shapely.Point(1, 2)]), 4549)
    assert shapely.get_srid(many).tolist() == [4549, 4549]


def test_metres_are_not_stamped_as_degrees() -> None:
    with pytest.raises(InvalidInput):
        stamp(shapely.Point(630125, 4308472), 4326)
    with pytest.raises(InvalidInput):
        stamp(shapely.Point(float("inf"), 0), 4490)


def test_lines_are_converted_in_batches_and_blank_lines_stay() -> None:
    lines = ["121.5,38.9\n", "\n", " 116.4 , 39.9 \r\n", "-73.9,40.7"]
    batched = list(convert_lines(lines, Datum.GCJ02, Datum.WGS84, batch_lines=2))
    assert batched == list(convert_lines(lines, Datum.GCJ02, Datum.WGS84))
    lon, lat = convert([121.5], [38.9], Datum.GCJ02, Datum.WGS84)
    assert batched[0] == f"{lon[0]:.9f},{lat[0]:.9f}"
    assert batched[1] == ""
    assert batched[3] == "-73.900000000,40.700000000"


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("121.5", "line"),
        ("121.5,38.9,3", "line"),
        ("x,38.9", "lon"),
        ("121.5,nan", "lat"),
        ("inf,38.9", "lon"),
        ("38.9,121.5", "lat"),
        ("1_2,38.9", "lon"),
        ("9" * 5000 + ",1", "lon"),
        ("\x00,1", "lon"),
    ],
)
def test_a_bad_line_is_named_after_the_good_ones_are_out(line: str, field: str) -> None:
    out = convert_lines(["121.5,38.9", "", line, "121.5,38.9"], Datum.WGS84, Datum.GCJ02)
    assert len([next(out), next(out)]) == 2
    with pytest.raises(InvalidInput, match="line 3") as caught:
        next(out)
    assert caught.value.field == field
