"""GANXIN_HOME: made on first use, held by one running ganxin at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from geodata.errors import Conflict, Unavailable

LOG_LIMIT_BYTES = 16 * 2**20


def make_home(home: Path) -> None:
    """Make the home and its fixed folders, closed to other users.

    Raises
    ------
    Unavailable
        This user may not write there.
    """
    try:
        for folder in (home, home / "log", home / "cache", home / "run"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except PermissionError as error:
        raise Unavailable(
            f"{home} cannot be written by this user: it may belong to another one. "
            "Set GANXIN_HOME to a folder of your own."
        ) from error


@contextmanager
def hold(home: Path, note: str) -> Iterator[None]:
    """Hold the home for the length of the block; the kernel lets go when we die.

    Parameters
    ----------
    note
        What the holder is, for the one who comes second: ``demo on http://127.0.0.1:8000``.

    Raises
    ------
    Conflict
        Another ganxin holds this home.
    """
    make_home(home)
    descriptor = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(descriptor, 200).decode("utf-8", "replace").strip()
            raise Conflict(
                f"A ganxin is already running in {home}: {holder or 'it is just starting'}. "
                "Stop it with Ctrl-C or `kill <pid>`, or set GANXIN_HOME and GANXIN_PORT to others."
            ) from error
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, f"pid {os.getpid()}, {note}\n".encode(), 0)
        yield
        os.truncate(descriptor, 0)
    finally:
        os.close(descriptor)


def open_log(path: Path, limit_bytes: int = LOG_LIMIT_BYTES) -> BinaryIO:
    """Open a log for appending; one grown too long is set aside as ``<name>.1`` first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        if path.stat().st_size > limit_bytes:
            path.replace(path.with_name(path.name + ".1"))
    return path.open("ab")
