"""Case types: shipped with the product, edited by the district."""

from __future__ import annotations

import psycopg
from psycopg.rows import dict_row

from dispatch.case.type import get_type, known_types, list_types, seed_types
from tests.db.world import World


def test_seeding_again_adds_nothing_and_keeps_what_the_district_edited(world: World):
    with psycopg.connect(world.dsn, row_factory=dict_row) as owner:
        owner.execute(
            "UPDATE dispatch.case_types SET arrival_limit_s = 77, urgent = true, name = 'x'"
            " WHERE code = 'D0201'"
        )
        assert seed_types(owner) == 0
        kind = get_type(owner, "D0201")
        assert (kind.arrival_limit_s, kind.urgent, kind.name) == (77, True, "用水排水通行通风采光")
        assert {k.code for k in list_types(owner)} == {k.code for k in known_types()}


def test_seeding_an_empty_database_writes_all(empty_db: str):
    with psycopg.connect(empty_db, row_factory=dict_row) as owner:
        owner.execute("DELETE FROM dispatch.case_types WHERE parent_code IS NOT NULL")
        owner.execute("DELETE FROM dispatch.case_types")
        assert seed_types(owner) == len(known_types())
        assert sorted(list_types(owner), key=lambda k: k.code) == sorted(
            known_types(), key=lambda k: k.code
        )
