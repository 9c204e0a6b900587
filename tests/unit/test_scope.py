import pytest

from geodata.db.scope import NOTHING, Scope
from geodata.errors import InvalidInput


def test_a_scope_covers_what_lies_below_its_areas() -> None:
    judge = Scope(("210211001001", "210211005002", "210211009"))
    assert judge.covers("210211001001003")
    assert judge.covers("210211009004")
    assert not judge.covers("210211001002003")
    assert not judge.covers("210211001"), "a street is more than one of its communities"
    assert not NOTHING.covers("210211")


def test_equal_scopes_have_equal_keys_and_others_have_not() -> None:
    assert Scope(("210211001", "210211002")).key == Scope(("210211002", "210211001")).key
    assert Scope(("210211001",)).key != Scope(("210211001",), ("u:1",)).key


@pytest.mark.parametrize("area", ["", "210211,1", "2102", "'; --"])
def test_a_scope_refuses_what_is_no_area(area: str) -> None:
    with pytest.raises(InvalidInput):
        Scope((area,))


@pytest.mark.parametrize("subject", ["12", "u:", "x:1", "u:1,p:2"])
def test_a_scope_refuses_what_is_no_subject(subject: str) -> None:
    with pytest.raises(ValueError, match="not a subject"):
        Scope(("210211",), (subject,))
