"""A schema that was brought up can take in cases: with or without the demo."""

from __future__ import annotations

from dispatch.case.type import known_types
from tests.small_town import connect
from web.upgrade import upgrade


def test_an_upgrade_brings_types_and_is_safe_to_repeat(empty_db: str):
    for _ in range(2):
        assert upgrade(empty_db) == []
        with connect(empty_db, "ganxin_app") as conn:
            row = conn.execute("SELECT count(*) AS n FROM dispatch.case_types").fetchone()
        assert row == {"n": len(known_types())}
