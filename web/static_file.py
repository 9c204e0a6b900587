"""Static files under a version in the path, so that a browser may keep them for a year.

``/static/<version>/wall.js``: the version is a digest of the whole tree. A module's relative
imports stay under the same version, which a query string on the first file would not give them.
"""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from flask import Flask, Response, send_from_directory

YEAR_S = 31_536_000
TYPES = {".mjs": "text/javascript", ".js": "text/javascript", ".json": "application/json"}


@dataclass(frozen=True)
class StaticFiles:
    """The folder of static files and the digest of what is in it."""

    folder: Path
    version: str

    def url(self, name: str) -> str:
        """Return the address of a file, by its path within the folder."""
        return f"/static/{self.version}/{name.lstrip('/')}"


def read_static(folder: Path | None = None) -> StaticFiles:
    """Return the package's static files with the digest of their names and contents."""
    root = folder or Path(str(files("web") / "static"))
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(root)).encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return StaticFiles(root, digest.hexdigest()[:12])


def register(app: Flask, static: StaticFiles) -> None:
    """Serve the files of ``static``: for ever under the present version, else to be asked again."""

    def send_static(version: str, name: str) -> Response:
        """Send one static file; paths out of the folder are not found."""
        current = version == static.version
        media = TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0]
        response = send_from_directory(
            static.folder, name, mimetype=media, max_age=YEAR_S if current else 0
        )
        response.cache_control.public = True
        if current:
            response.cache_control.immutable = True
        return response

    app.add_url_rule("/static/<version>/<path:name>", "static_file", send_static)
