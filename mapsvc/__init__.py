"""Map products, rendering only: tiles, live snapshots, styles."""
