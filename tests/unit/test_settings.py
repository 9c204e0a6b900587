from pathlib import Path

import pytest

from geodata.errors import InvalidInput
from geodata.settings import Settings


def test_defaults_need_nothing() -> None:
    settings = Settings.from_environ({})
    assert settings.port == 8000
    assert settings.database_url is None
    assert settings.home == Path("var").absolute()


@pytest.mark.parametrize("port", ["0", "65536", "-1", "8000x", "1e3", "８０００", "9" * 5000])
def test_a_bad_number_is_named(port: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Settings.from_environ({"GANXIN_PORT": port})
    assert refused.value.field == "GANXIN_PORT"


def test_a_bad_switch_is_named() -> None:
    with pytest.raises(InvalidInput, match="GANXIN_SECURE_COOKIES"):
        Settings.from_environ({"GANXIN_SECURE_COOKIES": "maybe"})


def test_the_stream_socket_fits_a_socket_address_however_long_the_home() -> None:
    home = "/srv/" + "x" * 200
    assert len(str(Settings.from_environ({"GANXIN_HOME": home}).stream_socket)) <= 100
