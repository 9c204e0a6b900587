"""Strict JSON: each way a body can be broken, and the name of the field that broke it."""

from __future__ import annotations

import json

import pytest

from geodata.errors import TooLarge
from web.errors import MalformedBody, WrongContentType
from web.request_body import parse_body

LIMIT = 10_000_000


def parse(raw: bytes, content_type: str = "application/json", limit: int = LIMIT):
    return parse_body(raw, content_type, max_bytes=limit)


def test_plain_bodies_are_read_as_they_are():
    body = {
        "text": "甘井子 \U0001f600 \u200b",
        "n": 1,
        "x": 1.5e-3,
        "on": True,
        "none": None,
        "l": [],
    }
    assert parse(json.dumps(body).encode()) == body
    assert (
        parse(json.dumps(body, ensure_ascii=False).encode(), "application/json; charset=UTF-8")
        == body
    )


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b'{"lon": NaN}', "lon"),
        (b'{"a": {"lon": Infinity}}', "a.lon"),
        (b'{"a": [1, -Infinity]}', "a.1"),
        (b'{"lon": 1e999}', "lon"),
        (b'{"lon": ' + b"9" * 5000 + b"}", "lon"),
        (b'{"lon": 0.' + b"9" * 5000 + b"}", "lon"),
        (b'{"a": 1, "a": 2}', "a"),
        (b'{"b": {"a": 1, "a": 1}}', "b.a"),
        (b'{"name": "a\\u0000b"}', "name"),
        (b'{"name": "\\ud83d"}', "name"),
        (b'{"name": ["x", "\\udc00"]}', "name.1"),
        (b'{"\\u0000": 1}', "body"),
        (b"[" * 100_000, "body"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "body"),
        (b'{"a":' + b"[" * 900 + b'"\\u0000"' + b"]" * 900 + b"}", "a" + ".0" * 99),
        (b"", "body"),
        (b"{", "body"),
        (b"\xff\xfe{}", "body"),
        (b'{"a": "\xed\xa0\x80"}', "body"),
        (b"[]", "body"),
        (b'"{}"', "body"),
        (b"null", "body"),
        (b"NaN", "body"),
    ],
)
def test_a_broken_body_is_refused_by_the_name_of_its_field(raw: bytes, field: str):
    with pytest.raises(MalformedBody) as caught:
        parse(raw)
    assert caught.value.field == field


def test_a_body_over_the_limit_is_refused():
    with pytest.raises(TooLarge):
        parse(b'{"a": "' + b"x" * 100 + b'"}', limit=100)


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_must_say_that_it_is_json(content_type: str):
    with pytest.raises(WrongContentType):
        parse(b"{}", content_type)
