"""Counts of cases over areas, as the risk map tells them: read in a scope, answered by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from geodata.db.scope import NOTHING, Conn, Scope
from geodata.errors import InvalidInput, NotFound
from layers.risk.answer import answer
from layers.risk.finding import Finding
from layers.risk.ground import Ground, read_ground
from layers.risk.incident import Incidents, read_incidents
from layers.risk.question import Kind, Period, Question, Source, Unit, Urgency, Weight
from tests.db.town_map import FIRST_STREET, WHOLE, look
from tests.small_town import AS_OF, add_case, connect, grid_code

PERIOD = Period(AS_OF - timedelta(days=2), AS_OF + timedelta(hours=1))
DISTRICT = ("210211",)
GRIDS = Question(PERIOD, DISTRICT, unit=Unit.GRID)
COMMUNITIES = replace(GRIDS, unit=Unit.COMMUNITY)
RASTER = replace(GRIDS, unit=Unit.RASTER)


@pytest.fixture
def ground(town_conn: Conn) -> Ground:
    return read_ground(town_conn, AS_OF)


def incidents_of(conn: Conn, scope: Scope = WHOLE) -> Incidents:
    return read_incidents(look(conn, scope), AS_OF)


def counts(finding: Finding) -> dict[str, int]:
    """Return the units of the area that anything happened in."""
    assert finding.areas is not None
    assert finding.count is not None
    rows = zip(finding.areas.codes.tolist(), finding.count.tolist(), strict=True)
    return {code: n for code, n in rows if n}


def test_density_counts_cases_over_area(town_conn: Conn, ground: Ground):
    found = answer(GRIDS, incidents_of(town_conn), ground)
    areas, row = ground.grids, ground.grids.rows_of(np.array([grid_code(0, 0), grid_code(2, 2)]))
    assert len(areas) == 32
    assert counts(found)[grid_code(0, 0)] == 2
    assert areas.residents[row].tolist() == [1000, 1000]
    assert areas.area_km2[row] == pytest.approx(0.16, rel=1e-3)
    # 2 cases on 0.16 km² in the 48 hours that have passed of 49, per 30 days.
    assert found.value[row] == pytest.approx([12.5 * 30 * 24 / 48, 0], rel=1e-3)
    assert sum(counts(found).values()) == found.n == 6  # a void case was none


def test_a_recommendation_follows_from_the_map_and_is_no_incident(town_map: str, ground: Ground):
    with connect(town_map) as conn:
        conn.execute(
            "INSERT INTO dispatch.case_types (code, family, name, name_en, arrival_limit_s, source)"
            " VALUES ('R01', 'recommendation', '巡查', 'Patrol', 7200, 'test')"
        )
        add_case(conn, 0.5, 0.5, type_code="R01")
        assert answer(GRIDS, read_incidents(conn, AS_OF), ground).n == 6
        conn.rollback()


def test_by_community_and_kind(town_conn: Conn, ground: Ground):
    incidents = incidents_of(town_conn)
    assert sorted(counts(answer(COMMUNITIES, incidents, ground)).values()) == [1, 1, 1, 3]
    hazards = replace(GRIDS, kind=Kind(families=("hazard",)))
    assert counts(answer(hazards, incidents, ground)) == {grid_code(0, 0): 1}
    disputes = replace(GRIDS, kind=Kind(types=("D02",)))
    assert answer(disputes, incidents, ground).n == 5
    assert answer(replace(GRIDS, kind=Kind(urgency=Urgency.URGENT)), incidents, ground).n == 1
    assert answer(replace(GRIDS, kind=Kind(source=Source.FOUND)), incidents, ground).n == 0


def test_by_hour_weekday_and_month_of_the_local_clock(town_conn: Conn, ground: Ground):
    incidents = incidents_of(town_conn)
    # AS_OF is 08:00 in Dalian, a Sunday in February; the cases are 0, 1, 2, 3, 4 and 30 h older.
    for kind, n in (
        (Kind(hours=(8,), weekdays=(7,)), 1),
        (Kind(hours=(2,)), 1),
        (Kind(weekdays=(6,)), 1),
        (Kind(weekdays=(6, 7)), 6),
        (Kind(months=(2,)), 6),
        (Kind(months=(1, 3)), 0),
    ):
        assert answer(replace(GRIDS, kind=kind), incidents, ground).n == n, kind


def test_the_period_is_half_open(town_conn: Conn, ground: Ground):
    incidents, hour = incidents_of(town_conn), timedelta(hours=1)
    periods = (Period(AS_OF - hour, AS_OF), Period(AS_OF, AS_OF + hour))
    found = [answer(replace(GRIDS, period=period), incidents, ground).n for period in periods]
    assert found == [1, 1]


@pytest.mark.parametrize("unit", [Unit.GRID, Unit.COMMUNITY, Unit.HEXAGON, Unit.RASTER])
def test_an_area_takes_in_what_lies_in_it(town_conn: Conn, ground: Ground, unit: Unit):
    incidents = incidents_of(town_conn)
    street = answer(replace(GRIDS, unit=unit, within=("210211002",)), incidents, ground)
    assert street.n == 2
    whole = answer(replace(GRIDS, unit=unit), incidents, ground)
    assert 0 < street.inside.sum() < whole.inside.sum()
    assert np.isnan(street.value[~street.inside]).all()
    assert np.isfinite(street.value[street.inside]).all()


def test_only_the_scope_is_counted(town_conn: Conn, ground: Ground):
    mine = incidents_of(town_conn, FIRST_STREET)
    assert (len(mine), answer(GRIDS, mine, ground).n) == (4, 4)
    nothing = answer(GRIDS, incidents_of(town_conn, NOTHING), ground)
    assert (nothing.n, nothing.found_share) == (0, None)
    assert [warning.code for warning in nothing.warnings] == ["none"]


def test_units_count_every_incident_once(town_conn: Conn, ground: Ground):
    incidents = incidents_of(town_conn)
    for unit in (Unit.GRID, Unit.COMMUNITY, Unit.HEXAGON):
        assert sum(counts(answer(replace(GRIDS, unit=unit), incidents, ground)).values()) == 6


def test_the_surface_holds_as_many_cases_as_there_are(town_conn: Conn, ground: Ground):
    found = answer(replace(RASTER, bandwidth_m=50.0), incidents_of(town_conn), ground)
    assert found.frame is not None
    # Per km² and 30 days, over the 48 hours that have passed; all marks lie within the town.
    total = np.nansum(found.value) * found.frame.cell_km2 * 48 / 24 / 30
    assert total == pytest.approx(6, rel=0.02)
    assert found.highest == pytest.approx(float(np.nanmax(found.value)))


def test_weights_and_half_life(town_conn: Conn, ground: Ground):
    incidents = incidents_of(town_conn)
    plain = answer(GRIDS, incidents, ground)
    heavy = answer(replace(GRIDS, weight=Weight(urgent=3.0)), incidents, ground)
    first = ground.grids.rows_of(np.array([grid_code(0, 0)]))[0]
    assert heavy.value[first] == pytest.approx(2 * plain.value[first])  # 3 + 1 instead of 1 + 1
    assert (plain.effective_n, heavy.n) == (6, 6)
    assert heavy.effective_n == pytest.approx(8**2 / 14)  # (Σw)² / Σw²
    faded = answer(replace(GRIDS, weight=Weight(half_life_days=1)), incidents, ground)
    # The two of the first grid are 1 and 2 hours old at the end of the period.
    part = 0.5 ** (1 / 24) + 0.5 ** (2 / 24)
    assert faded.value[first] == pytest.approx(plain.value[first] * part / 2)


def test_local_days_of_incidents(town_conn: Conn):
    incidents = incidents_of(town_conn)
    days, n = np.unique(incidents.day[GRIDS.choose(incidents)], return_counts=True)
    # 30 hours before 08:00 on the 15th is 02:00 on the 14th; none is of the 13th.
    assert days.astype("datetime64[D]").astype(str).tolist() == ["2026-02-14", "2026-02-15"]
    assert n.tolist() == [1, 5]


def test_places_in_metres_are_those_of_the_cases(town_conn: Conn, ground: Ground):
    incidents = incidents_of(town_conn)
    cell = ground.frame(25.0).cells_of(incidents.x_m, incidents.y_m)
    grid = ground.grid_of_cells(25.0).ravel()[cell]
    assert ground.grids.codes[grid].tolist() == incidents.grid_code.astype(str).tolist()


def test_residents_of_the_cells_are_those_of_the_buildings(ground: Ground):
    assert ground.residents_of_cells(25.0).sum() == 32 * 16 * 60
    inside = ground.mask(25.0, ("210211001",))
    assert ground.residents_of_cells(25.0)[inside].sum() == 16 * 16 * 60


def test_a_district_that_is_not_there(empty_db: str):
    with connect(empty_db, "ganxin_app") as conn, pytest.raises(NotFound):
        read_ground(conn, AS_OF)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Kind(families=("war",)), "family"),
        (lambda: Kind(families=("recommendation",)), "family"),
        (lambda: Kind(hours=(24,)), "hour"),
        (lambda: Kind(weekdays=(0,)), "weekday"),
        (lambda: Kind(months=(13,)), "month"),
        (lambda: Weight(urgent=0), "urgent_weight"),
        (lambda: Weight(half_life_days=0), "half_life_days"),
        (lambda: replace(GRIDS, cell_m=26.0), "cell_m"),
        (lambda: replace(GRIDS, bandwidth_m=5001.0), "bandwidth_m"),
        (lambda: replace(GRIDS, bandwidth_m=float("nan")), "bandwidth_m"),
        (lambda: Period(AS_OF, AS_OF), "until"),
        (lambda: Period(AS_OF.replace(tzinfo=None), AS_OF), "since"),
    ],
)
def test_bad_questions_name_their_field(make: Callable[[], object], field: str):
    with pytest.raises(InvalidInput) as caught:
        make()
    assert caught.value.field == field
