"""Child processes that cannot outlive us, and processes that are not our children."""

from __future__ import annotations

import ctypes
import os
import select
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def die_with_parent(with_signal: signal.Signals) -> Callable[[], None]:
    """Return a ``preexec_fn`` that has the kernel signal the child when this process dies.

    ``kill -9`` of a supervisor runs none of its code; only the kernel can then stop its children.
    The wish is forgotten on a change of user, so it belongs into ``preexec_fn``, which runs after
    ``user=`` took effect. It follows the thread that forks: call from the main thread only.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def bind() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and prctl
            os._exit(1)

    return bind


def wait_gone(pid: int, timeout_s: float) -> bool:
    """Wait until a process, child or not, has ended; tell whether it has."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(timeout_s * 1000))
    finally:
        os.close(descriptor)


def send(pid: int, number: signal.Signals) -> None:
    """Signal a process; one that has just ended is fine."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def kill_group(leader: int, timeout_s: float = 2.0) -> None:
    """Kill the process group of a child that has not been waited for, and see its members gone.

    Until the leader is waited for, its number cannot be anybody else's.
    """
    members = [pid for pid in _pids() if _group_of(pid) == leader and pid != leader]
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return
    for pid in members:
        wait_gone(pid, timeout_s)


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def _pids() -> Iterator[int]:
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def command_lines() -> Iterator[tuple[int, list[str]]]:
    """Yield pid and arguments of every process of the machine.

    Only ``cmdline`` is read: root in a container may not read ``cwd`` or ``exe`` of others.
    """
    for pid in _pids():
        try:
            raw = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        yield pid, raw.decode("utf-8", "replace").split("\0")
