"""The forms of a report, what they are sent as, and which of them need no backtest."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """The forms of a report; the value is the ending of the file's name."""

    HTML = "html"
    PNG = "png"
    PDF = "pdf"
    GEOTIFF = "tif"
    GEOJSON = "geojson"
    XLSX = "xlsx"


MEDIA_TYPES = {
    Format.HTML: "text/html",
    Format.PNG: "image/png",
    Format.PDF: "application/pdf",
    Format.GEOTIFF: "image/tiff",
    Format.GEOJSON: "application/geo+json",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
PLAIN = frozenset({Format.GEOTIFF, Format.GEOJSON})
"""Forms that hold no trust card, so that nobody need go back over half a year for them."""
