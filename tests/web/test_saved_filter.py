"""Filters that somebody keeps: one's own, seen, replaced and deleted by nobody else."""

from __future__ import annotations

from collections.abc import Callable

from tests.web.browser_client import Client

SignIn = Callable[[str], Client]
PATH = "/api/v1/filters"


def keep(client: Client, name: str, query: str):
    return client.post(PATH, json={"name": name, "query": query})


def names(client: Client) -> list[tuple[str, str]]:
    return [(one["name"], one["query"]) for one in client.get(PATH).json["items"]]


def test_a_filter_is_kept_replaced_and_deleted(sign_in: SignIn):
    clerk = sign_in("clerk")
    assert keep(clerk, " 超期纠纷 ", "tab=late&family=dispute").status_code == 201
    assert keep(clerk, "紧急", "urgent=1").status_code == 201
    assert keep(clerk, "超期纠纷", "tab=late").status_code == 201
    assert names(clerk) == [("紧急", "urgent=1"), ("超期纠纷", "tab=late")]
    first = clerk.get(PATH).json["items"][0]
    assert clerk.call("DELETE", f"{PATH}/{first['id']}").status_code == 204
    assert clerk.call("DELETE", f"{PATH}/{first['id']}").status_code == 404
    assert names(clerk) == [("超期纠纷", "tab=late")]


def test_somebody_elses_filters_are_not_there(sign_in: SignIn):
    clerk, boss = sign_in("clerk"), sign_in("commander")
    kept = keep(clerk, "我的", "tab=late").json
    assert names(boss) == []
    assert boss.call("DELETE", f"{PATH}/{kept['id']}").status_code == 404
    assert keep(boss, "我的", "tab=stuck").status_code == 201
    assert names(clerk) == [("我的", "tab=late")]
    assert names(boss) == [("我的", "tab=stuck")]


def test_a_filter_has_a_name_and_there_are_not_too_many(sign_in: SignIn):
    clerk = sign_in("clerk")
    for name in ("", "  ", "长" * 81):
        assert keep(clerk, name, "").status_code == 422
    assert keep(clerk, "长", "x" * 2001).status_code == 422
    for number in range(50):
        assert keep(clerk, f"第{number}个", "").status_code == 201
    assert keep(clerk, "再一个", "").status_code == 409
    assert keep(clerk, "第7个", "tab=late").status_code == 201


def test_only_those_who_have_the_desk_keep_filters(sign_in: SignIn):
    worker = sign_in("worker")
    assert worker.get(PATH).status_code == 403
    assert keep(worker, "x", "").status_code == 403
