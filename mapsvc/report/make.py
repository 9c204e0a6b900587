"""One report in every form: which function makes which file, and what the file is called."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import cast

from mapsvc.report.form import Format
from mapsvc.report.subject import Subject

_MAKERS = {
    Format.HTML: ("page", "make_html"),
    Format.PNG: ("sheet", "make_png"),
    Format.PDF: ("sheet", "make_pdf"),
    Format.GEOTIFF: ("gis", "make_geotiff"),
    Format.GEOJSON: ("gis", "make_geojson"),
    Format.XLSX: ("book", "make_book"),
}
"""Module of this package and its function: folium, matplotlib and openpyxl take a second to load,
which those who ask for no report do not wait for."""


def make_report(subject: Subject, form: Format) -> bytes:
    """Return the file of one form."""
    module, function = _MAKERS[form]
    make = cast(
        "Callable[[Subject], bytes]",
        getattr(import_module(f"mapsvc.report.{module}"), function),
    )
    return make(subject)


def file_name(subject: Subject, form: Format) -> str:
    """Return a name that says place, what, last day: ``甘井子区-风险报告-2026-11-25.pdf``.

    Characters that some system does not take in a name become hyphens.
    """
    words, base = subject.words, subject.base
    place = words.name(base.name, base.name_en)
    safe = "".join(char if char.isalnum() or char in "-_" else "-" for char in place)
    last = subject.question.period.until - timedelta(microseconds=1)
    return f"{safe}-{words('file')}-{words.day(last)}.{form}"
