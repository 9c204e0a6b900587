"""Styles and sprite over HTTP: found by the map without a sign-in, with this server's addresses."""

from __future__ import annotations

import pytest
from flask import Flask


@pytest.mark.parametrize("name", ["night", "day"])
def test_a_style_names_this_server(shared_app: Flask, name: str):
    answer = shared_app.test_client().get(f"/styles/{name}.json")
    assert answer.status_code == 200
    assert answer.json["sources"]["areas"]["tiles"] == [
        "http://localhost/tiles/areas/{z}/{x}/{y}.mvt"
    ]
    assert answer.json["sprite"] == "http://localhost/styles/sprite"
    again = shared_app.test_client().get(
        f"/styles/{name}.json", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304


def test_names_come_in_the_readers_language(shared_app: Flask):
    client = shared_app.test_client()
    zh = client.get("/styles/day.json?lang=zh").json
    en = client.get("/styles/day.json?lang=en").json
    assert zh["sources"] == en["sources"]
    assert zh["layers"] != en["layers"]


@pytest.mark.parametrize(
    ("name", "media_type", "begins"),
    [
        ("sprite.json", "application/json", b"{"),
        ("sprite.png", "image/png", b"\x89PNG"),
        ("sprite@2x.json", "application/json", b"{"),
        ("sprite@2x.png", "image/png", b"\x89PNG"),
    ],
)
def test_the_sprite_in_both_sizes(shared_app: Flask, name: str, media_type: str, begins: bytes):
    answer = shared_app.test_client().get(f"/styles/{name}")
    assert (answer.status_code, answer.mimetype) == (200, media_type)
    assert answer.data.startswith(begins)


@pytest.mark.parametrize("name", ["dusk.json", "sprite@3x.png", "../tiles", "a/b.json"])
def test_other_names_are_not_found(shared_app: Flask, name: str):
    answer = shared_app.test_client().get(f"/styles/{name}")
    assert answer.status_code == 404
