"""Bringing a database to what this version needs: schema, row security's plans, shipped rules."""

from __future__ import annotations

import psycopg
from psycopg.rows import dict_row

from dispatch.rule import seed_rules
from geodata.db.cluster import mark_leakproof
from geodata.db.migrate import migrate


def upgrade(dsn: str) -> list[str]:
    """Migrate and seed a database as its owner; return the migrations applied.

    Safe at every start. Case types and limits the district has edited stay as edited.
    """
    names = migrate(dsn)
    mark_leakproof(dsn)
    with psycopg.connect(dsn, row_factory=dict_row) as conn:
        seed_rules(conn)
    return names
