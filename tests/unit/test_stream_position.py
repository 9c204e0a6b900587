"""Positions: one compact frame per scope, nobody out of reach in it."""

from __future__ import annotations

import json
from typing import Any

from geodata.db.scope import Scope
from web.stream.position import PositionFrames
from web.stream.roster import Roster

STREET, OTHER = "210211001", "210211002"


def make_row(person_id: int, **facts: Any) -> dict[str, Any]:
    row = {
        "person_id": person_id,
        "lon": 121.5234567891,
        "lat": 38.9,
        "heading_deg": 89.6,
        "speed_mps": 1.2345,
        "age_s": 4,
    }
    return row | facts


def make_frames() -> PositionFrames:
    roster = Roster()
    roster.replace(
        {1: (STREET + "001001",), 2: (OTHER,), 3: (OTHER + "001", STREET + "002", STREET)}
    )
    rows = [make_row(1), make_row(2, heading_deg=None, speed_mps=None), make_row(3), make_row(9)]
    return PositionFrames(rows, roster, "2026-11-20T16:00:00+00:00")


def people(text: bytes) -> list[int]:
    if not text:
        return []
    name, data, *_ = text.decode().split("\n")
    assert name == "event: positions"
    return sorted(person[0] for person in json.loads(data.removeprefix("data: "))["p"])


def test_a_scope_gets_its_own_people_once():
    frames = make_frames()
    assert people(frames.of(Scope((STREET,)))) == [1, 3]
    assert people(frames.of(Scope((OTHER,)))) == [2, 3]
    assert people(frames.of(Scope((STREET, STREET + "002")))) == [1, 3]
    assert people(frames.of(Scope(("210211",)))) == [1, 2, 3]
    assert people(frames.of(Scope((STREET + "001001",)))) == [1]
    assert people(frames.of(Scope(("210212",)))) == []


def test_one_sees_oneself_wherever_one_is():
    frames = make_frames()
    assert people(frames.of(Scope((STREET,), ("u:7", "p:2")))) == [1, 2, 3]
    assert people(frames.of(Scope((), ("p:2",)))) == [2]
    assert people(frames.of(Scope((), ("p:8", "u:2")))) == []


def test_scopes_that_see_the_same_share_one_frame():
    frames = make_frames()
    assert frames.of(Scope((STREET,), ("u:1", "p:77"))) is frames.of(Scope((STREET,), ("u:2",)))


def test_figures_are_short_and_missing_ones_null():
    data = make_frames().of(Scope((OTHER,), ())).decode()
    assert "[2,121.523457,38.9,null,null,4]" in data
    assert "[3,121.523457,38.9,90,1.2,4]" in data
