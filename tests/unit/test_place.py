"""Places of clusters: short sockets, private folders."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from geodata.db.place import make_private, place_of
from geodata.db.tuning import tuning
from geodata.errors import Unavailable

SOCKET_LIMIT = 107


def test_socket_path_stays_short_in_a_deep_home() -> None:
    place = place_of(Path("/") / ("a-very-long-name" * 4) / "another-name" / ("x" * 200))
    assert len(str(place.sockets / ".s.PGSQL.5432.lock")) <= SOCKET_LIMIT


def test_two_homes_have_two_places() -> None:
    assert place_of(Path("/a")).data != place_of(Path("/b")).data
    assert place_of(Path("/a")) == place_of(Path("/a/../a"))


def test_private_folder_is_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "sockets"
    folder.parent.mkdir()
    folder.mkdir(mode=0o777)
    make_private(folder, None)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_link_in_the_way_is_refused(tmp_path: Path) -> None:
    os.symlink(tmp_path, tmp_path / "sockets")
    with pytest.raises(Unavailable, match="in the way"):
        make_private(tmp_path / "sockets", None)


@pytest.mark.parametrize(
    ("memory_mb", "buffers"), [(256, "64MB"), (2048, "256MB"), (4096, "512MB"), (65536, "512MB")]
)
def test_shared_buffers_follow_memory(memory_mb: int, buffers: str) -> None:
    assert tuning(memory_mb)["shared_buffers"] == buffers
