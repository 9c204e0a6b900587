"""Pauses between restarts, worked by hand."""

from __future__ import annotations

from web.supervisor import next_pause_s


def test_pause_doubles_up_to_ten_seconds() -> None:
    pauses, pause = [], 0.0
    for _ in range(8):
        pause = next_pause_s(pause, lived_s=0.0)
        pauses.append(pause)
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]


def test_sound_program_starts_again_soon() -> None:
    assert next_pause_s(10.0, lived_s=30.0) == 0.2
    assert next_pause_s(3.2, lived_s=29.9) == 6.4
