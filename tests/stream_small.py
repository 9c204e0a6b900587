"""The stream process with small limits, so that a test reaches them quickly."""

from __future__ import annotations

import sys

from web.stream.__main__ import main  # patches the standard library first
from web.stream.screen import Patience
from web.stream.service import Limits

SMALL = Limits(
    ring=200,
    most_behind=2_000,
    tick_s=0.2,
    sweep_s=0.5,
    patience=Patience(
        queue_bytes=100_000, low_water_bytes=20_000, stall_s=2.0, send_buffer_bytes=8192
    ),
)

if __name__ == "__main__":
    sys.exit(main(SMALL))
