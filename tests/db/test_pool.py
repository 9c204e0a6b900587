"""The pool never lends a dead connection, and never asks the server to find out."""

from __future__ import annotations

import psycopg

from geodata.db.pool import make_pool
from tests.db.world import World


def test_ended_backends_are_never_lent(world: World) -> None:
    pool = make_pool(world.dsn, "ganxin_app", name="doomed", min_size=2, max_size=2)
    try:
        pool.wait()
        with psycopg.connect(world.dsn, autocommit=True) as owner:
            ended = owner.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE application_name = 'ganxin-doomed'"
            ).fetchall()
        assert ended == [(True,), (True,)]
        for _ in range(4):
            with pool.connection() as conn:
                assert conn.execute("SELECT 1 AS one").fetchone() == {"one": 1}
    finally:
        pool.close()


def test_lending_sends_nothing(world: World) -> None:
    pool = make_pool(world.dsn, "ganxin_app", name="quiet", max_size=1)
    last = "SELECT query FROM pg_stat_activity WHERE application_name = 'ganxin-quiet'"
    try:
        with psycopg.connect(world.dsn, autocommit=True) as owner:
            with pool.connection() as conn:
                conn.execute("SELECT 'the last words'")
            before = owner.execute(last).fetchall()
            with pool.connection():
                assert owner.execute(last).fetchall() == before
    finally:
        pool.close()


def test_the_connection_that_came_back_last_is_lent_first(world: World) -> None:
    pool = make_pool(world.dsn, "ganxin_app", name="hot", min_size=3, max_size=3)
    try:
        pool.wait()
        lent = [pool.getconn() for _ in range(3)]
        for conn in lent:
            pool.putconn(conn)
        with pool.connection() as first, pool.connection() as second:
            assert [first, second] == [lent[2], lent[1]]
        with pool.connection() as again:
            assert again is first
    finally:
        pool.close()
