"""The real part of the demo: the outline, and the official streets and communities of 2016.

See data/PROVENANCE.md. The sites and sizes of streets are ours: rough, from common knowledge of
the city, so that the synthetic streets lie where a resident would look for them.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

DISTRICT_CODE = "210211"
DISTRICT_NAME = "甘井子区"
LonLat = tuple[float, float]

STREET_SITES: dict[str, tuple[float, float, float, str]] = {
    "210211001": (121.5720, 38.9610, 11.0, "Zhoushuizi"),
    "210211002": (121.5560, 38.9790, 10.0, "Jiaojinshan"),
    "210211004": (121.6190, 38.9700, 13.0, "Ganjingzi"),
    "210211006": (121.5950, 39.0230, 22.0, "Nanguanling"),
    "210211007": (121.5420, 39.0020, 12.0, "Paoya"),
    "210211008": (121.5850, 38.9840, 10.0, "Zhonghualu"),
    "210211009": (121.5980, 38.9600, 9.0, "Xinghua"),
    "210211010": (121.5170, 38.9560, 19.0, "Jichang"),
    "210211014": (121.4800, 38.9800, 45.0, "Xinzhaizi"),
    "210211015": (121.4800, 38.9160, 48.0, "Hongqi"),
    "210211016": (121.4970, 38.8560, 42.0, "Lingshui"),
    "210211017": (121.6900, 39.0450, 62.0, "Dalianwan"),
    "210211018": (121.6150, 39.0010, 14.0, "Quanshui"),
    "210211019": (121.4700, 39.0070, 46.0, "Gezhenpu"),
    "210211020": (121.3500, 38.9750, 84.0, "Yingchengzi"),
    "210211021": (121.5290, 38.8560, 5.0, "Qixianling"),
    "210211400": (121.4150, 38.9280, 45.0, "Overseas Chinese Orchard"),
}
"""Street code -> lon, lat (EPSG:4326) of its centre, size wanted in km², English name."""
OUTLYING: dict[str, LonLat] = {"210211006": (121.598, 39.118)}
"""Street code -> another place that belongs to it: the artificial island, with Nanguanling."""


@dataclass(frozen=True)
class Community:
    """A community or village of the 2016 edition."""

    code: str
    name: str

    @property
    def rural(self) -> bool:
        """Tell whether it is a village (村)."""
        return "村委会" in self.name or "村民委员会" in self.name


@dataclass(frozen=True)
class Street:
    """A street of the 2016 edition with its site in the synthetic plan."""

    code: str
    name: str
    name_en: str
    site: LonLat
    outlying: LonLat | None
    size_km2: float
    communities: tuple[Community, ...]


def read_outline() -> list[LonLat]:
    """Return the outline's corners as (lon, lat) in CGCS2000 (EPSG:4490), not closed."""
    text = (_data() / "district_210211_tianditu_cgcs2000.geojson").read_text("utf-8")
    ring = json.loads(text)["features"][0]["geometry"]["coordinates"][0][0]
    return [(lon, lat) for lon, lat in ring[:-1]]


def read_streets() -> list[Street]:
    """Return the 17 streets with their 237 communities, by code."""
    members: dict[tuple[str, str], list[Community]] = {}
    lines = (_data() / "divisions_2016.csv").read_text("utf-8-sig").splitlines()
    for row in csv.DictReader(lines):
        community = Community(row["community_code"], row["community_name"])
        members.setdefault((row["street_code"], row["street_name"]), []).append(community)
    return [_street(code, name, rows) for (code, name), rows in sorted(members.items())]


def _street(code: str, name: str, communities: list[Community]) -> Street:
    lon, lat, size_km2, name_en = STREET_SITES[code]
    outlying = OUTLYING.get(code)
    return Street(code, name, name_en, (lon, lat), outlying, size_km2, tuple(communities))


def _data() -> Traversable:
    return files("geodata.demo") / "data"
