"""What is handed over with a connection survives the way, and a cursor is a whole number."""

from __future__ import annotations

import pytest

from geodata.db.scope import Scope
from geodata.errors import InvalidInput
from web.stream.facts import StreamFacts, read_cursor


def test_facts_come_back_as_they_went():
    scope = Scope(("210211001", "210211002"), ("u:7", "p:345"))
    facts = StreamFacts("tokens:3", 7, scope, since=41)
    assert StreamFacts.from_json(facts.to_json()) == facts


@pytest.mark.parametrize("credential", ["users:1", "sessions:", "sessions:x", "12", ""])
def test_a_credential_names_a_session_or_token(credential: str):
    with pytest.raises(ValueError, match="not a credential"):
        StreamFacts(credential, 1, Scope(()))


@pytest.mark.parametrize(
    ("header", "query", "cursor"),
    [
        (None, None, None),
        ("", " ", None),
        ("12", None, 12),
        (None, "7", 7),
        ("12", "7", 12),
        (" 0 ", None, 0),
    ],
)
def test_what_was_seen_since_counts_before_the_address(header, query, cursor):
    assert read_cursor(header, query) == cursor


@pytest.mark.parametrize("text", ["-1", "1.5", "x", "٣", "1" * 19, "1e3", "NaN", "1 2"])
def test_a_malformed_cursor_is_named(text: str):
    with pytest.raises(InvalidInput) as caught:
        read_cursor(None, text)
    assert caught.value.field == "since"
    with pytest.raises(InvalidInput) as caught:
        read_cursor(text, None)
    assert caught.value.field == "Last-Event-ID"
