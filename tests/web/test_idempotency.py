"""A repeated request changes nothing and gets the reply it had."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from geodata.db.scope import Scope, scoped, unscoped
from geodata.errors import Conflict
from tests.web.browser_client import Client
from tests.web.test_case_flow import assign, report
from web.idempotency import Key, Reply, answer_once

SignIn = Callable[[str], Client]


def count(app: Flask, table: str) -> int:
    with unscoped(app.extensions["ganxin"].system_pool) as conn:
        row = conn.execute(f"SELECT count(*) AS n FROM {table}").fetchone()  # noqa: S608 - our own words
    return row["n"]


def test_a_repeated_assignment_gets_the_stored_reply(app: Flask, sign_in: SignIn):
    desk = sign_in("dispatcher")
    case = report(desk)
    first = assign(desk, case, 1, key="k-1")
    again = assign(desk, case, 1, key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json
    assert count(app, "dispatch.assignments") == 1


def test_the_same_key_with_another_body_is_refused(app: Flask, sign_in: SignIn):
    desk = sign_in("dispatcher")
    case = report(desk)
    assert assign(desk, case, 1, key="k-1").status_code == 201
    other = assign(desk, case, 2, key="k-1")
    assert other.status_code == 422
    assert other.json["code"] == "idempotency_mismatch"
    assert count(app, "dispatch.assignments") == 1


def test_a_lost_race_stays_lost(app: Flask, sign_in: SignIn):
    desk, other = sign_in("dispatcher"), sign_in("street.dispatcher")
    case = report(desk)
    made = assign(desk, case, 1).json
    lost = assign(other, case, 100, key="k-2")
    assert lost.status_code == 409
    undo = f"/api/v1/cases/{case['id']}/assignments/{made['id']}/undo"
    assert desk.post(undo, json={"version": made["case"]["version"]}).status_code == 200
    again = assign(other, case, 100, key="k-2")
    assert again.status_code == 409
    assert again.json == lost.json
    assert again.content_type == "application/problem+json"


def test_keys_of_two_users_do_not_meet(sign_in: SignIn):
    desk, other = sign_in("dispatcher"), sign_in("street.dispatcher")
    assert assign(desk, report(desk), 1, key="k").status_code == 201
    assert assign(other, report(other), 2, key="k").status_code == 201


def test_an_error_that_can_be_corrected_leaves_the_key_free(sign_in: SignIn):
    desk = sign_in("dispatcher")
    headers = {"Idempotency-Key": "k"}
    body = {"type": "nonsense", "description": "x", "address": "横0路5号"}
    assert desk.post("/api/v1/cases", json=body, headers=headers).status_code == 422
    body["type"] = "D0201"
    assert desk.post("/api/v1/cases", json=body, headers=headers).status_code == 201


@pytest.mark.parametrize("key", [None, "", "x" * 201, "a b", "ключ"])
def test_an_assignment_needs_a_key_that_is_one(sign_in: SignIn, key: str | None):
    desk = sign_in("dispatcher")
    case = report(desk)
    body = {"person_id": 1, "version": case["version"]}
    headers = {} if key is None else {"Idempotency-Key": key.encode().decode("latin-1")}
    answer = desk.post(f"/api/v1/cases/{case['id']}/assignments", json=body, headers=headers)
    assert answer.status_code == 422
    assert answer.json["field"] == "Idempotency-Key"


def test_eight_at_the_same_moment_with_one_key_are_one(app: Flask, sign_in: SignIn):
    clients = [sign_in("dispatcher") for _ in range(8)]
    body = {"type": "H01", "description": "x", "address": "横0路5号"}

    def send(client: Client) -> tuple[int, int]:
        answer = client.post("/api/v1/cases", json=body, headers={"Idempotency-Key": "one"})
        return answer.status_code, answer.json["id"]

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(send, clients))
    assert len(answers) == 1
    assert count(app, "dispatch.cases") == 1


def test_a_reply_stored_without_the_keys_lock_is_a_conflict_and_nothing_is_stored(app: Flask):
    """As a process of an older version does during an upgrade."""
    services = app.extensions["ganxin"]
    key = Key(1, "k", b"hash")

    def work() -> Reply:
        with unscoped(services.system_pool) as other:
            other.execute(
                "INSERT INTO web.idempotency_keys (user_id, key, request_hash, status, body)"
                " VALUES (1, 'k', 'hash', 201, 'theirs')"
            )
        conn.execute("INSERT INTO web.rate_limits VALUES ('mine', now(), 1)")
        return Reply(201, "ours")

    with (
        pytest.raises(Conflict, match="send it again"),
        scoped(services.pool, Scope(areas=("210211",))) as conn,
    ):
        answer_once(conn, key, None, work)
    assert count(app, "web.idempotency_keys") == 1
    assert count(app, "web.rate_limits WHERE key = 'mine'") == 0
