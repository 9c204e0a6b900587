"""What a page carries with it: Leaflet with its images, and our own script and style.

``bin/setup`` copies Leaflet from node_modules to ``mapsvc/report/vendor``. Nothing in what is
returned here refers to another file.
"""

from __future__ import annotations

import base64
import re
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from geodata.errors import Unavailable

URL = re.compile(r"url\((?!#)[\"']?([^)\"']+)[\"']?\)")
SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)


def leaflet_js() -> str:
    """Return Leaflet's script."""
    return SOURCE_MAP.sub("", _vendor("leaflet.js"))


@cache
def leaflet_css() -> str:
    """Return Leaflet's style with its images inside."""
    return URL.sub(_inside, _vendor("leaflet.css"))


def leaflet_license() -> str:
    """Return the licence that has to come with every copy."""
    return _vendor("LICENSE")


def own(name: str) -> str:
    """Return a file of this package as text."""
    return (files("mapsvc.report") / name).read_text("utf-8")


def data_uri(content: bytes, media_type: str) -> str:
    """Return content as an address that holds it."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def _inside(found: re.Match[str]) -> str:
    image = _folder() / found[1]
    return f"url({data_uri(image.read_bytes(), 'image/png')})"


@cache
def _vendor(name: str) -> str:
    return (_folder() / name).read_text("utf-8")


def _folder() -> Traversable:
    """Return the folder of vendor files.

    Raises
    ------
    Unavailable
        They were not copied.
    """
    folder = files("mapsvc.report") / "vendor"
    if not (folder / "leaflet.js").is_file():
        raise Unavailable("The files of Leaflet are missing here: run bin/setup")
    return folder
