"""The asset catalogue: one declaration per kind. Adding a kind is adding one to ``KINDS``.

The declaration is all there is: the import checks against it, the API publishes it, tiles take
their first zoom from it and the map its icon.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from geodata.errors import InvalidInput
from layers.attribute import Attribute, Choice

GeometryType = Literal["Point", "Polygon"]


@dataclass(frozen=True)
class Kind:
    """One kind of asset.

    Parameters
    ----------
    id
        Stored in ``layers.assets.kind``.
    geometry
        Geometry type of every asset of the kind, EPSG:4326.
    zh, en
        Labels.
    icon
        Name of the icon in the map's sprite (mapsvc/style/icon.json).
    min_zoom
        From this zoom on each asset is drawn; below, counts.
    attributes
        What is told of each asset.
    """

    id: str
    geometry: GeometryType
    zh: str
    en: str
    icon: str
    min_zoom: int
    attributes: tuple[Attribute, ...]


_STATUS = Attribute(
    "status",
    "choice",
    "状态",
    "status",
    choices=(Choice("in_service", "在用", "in service"), Choice("fault", "故障", "fault")),
)
_RISK_LEVEL = Attribute(
    "risk_level",
    "choice",
    "风险等级",
    "risk level",
    choices=(
        Choice("major", "重大", "major"),
        Choice("considerable", "较大", "considerable"),
        Choice("general", "一般", "general"),
        Choice("low", "低", "low"),
    ),
)
_MEMBERS = Attribute("members", "integer", "党员数", "members", most=10_000)

ALARM_PILLAR = Kind(
    "alarm_pillar",
    "Point",
    "报警柱",
    "Alarm pillar",
    "pillar",
    12,
    (
        # GB/T 28181: 8 centre + 2 trade + 3 type + 1 network + 6 serial; 134 is an alarm input.
        Attribute(
            "device_id",
            "text",
            "设备编码",
            "device id",
            pattern=r"[0-9]{10}134[0-9]{7}",
            secret=True,
        ),
        Attribute("video", "boolean", "带视频", "with video"),
        _STATUS,
    ),
)
CAMERA = Kind(
    "camera",
    "Point",
    "视频探头",
    "Camera",
    "camera",
    13,
    (
        # GB/T 28181: type 131 camera, 132 IP camera.
        Attribute(
            "device_id",
            "text",
            "国标编码",
            "GB/T 28181 id",
            pattern=r"[0-9]{10}13[12][0-9]{7}",
            secret=True,
        ),
        Attribute(
            "form",
            "choice",
            "类型",
            "form",
            choices=(
                Choice("fixed", "枪机", "fixed"),
                Choice("dome", "球机", "dome"),
                Choice("face", "卡口", "checkpoint"),
            ),
        ),
        Attribute("heading_deg", "integer", "朝向", "heading", unit="deg", most=359),
        Attribute("height_m", "number", "安装高度", "height", unit="m", most=60),
        _STATUS,
    ),
)
HAZCHEM_FIRM = Kind(
    "hazchem_firm",
    "Point",
    "危化企业",
    "Hazardous-chemical firm",
    "hazchem",
    9,
    (
        Attribute(
            "business",
            "choice",
            "类别",
            "business",
            choices=(
                Choice("production", "生产", "production"),
                Choice("storage", "储存", "storage"),
                Choice("trade", "经营", "trade"),
                Choice("use", "使用", "use"),
            ),
        ),
        Attribute("substance", "text", "主要物质", "main substance"),
        Attribute("quantity_t", "number", "最大存量", "largest quantity", unit="t", most=1e6),
        # GB 18218 needs R = alpha * sum(beta * q / Q); the licence states the class found so.
        Attribute(
            "major_hazard_class",
            "choice",
            "重大危险源级别",
            "major hazard class (GB 18218)",
            choices=(
                Choice("I", "一级", "I"),
                Choice("II", "二级", "II"),
                Choice("III", "三级", "III"),
                Choice("IV", "四级", "IV"),
                Choice("none", "不构成", "none"),
            ),
        ),
        _RISK_LEVEL,
        Attribute("licence_until", "date", "许可证有效期至", "licence valid until"),
    ),
)
GAS_FIRM = Kind(
    "gas_firm",
    "Point",
    "燃气企业",
    "Gas firm",
    "gas",
    9,
    (
        Attribute(
            "business",
            "choice",
            "类别",
            "business",
            choices=(
                Choice("pipeline", "管道燃气", "pipeline"),
                Choice("cylinder", "瓶装液化气", "cylinder"),
                Choice("filling", "加气站", "filling station"),
            ),
        ),
        Attribute("storage_m3", "number", "储气容积", "storage volume", unit="m3", most=100_000),
        Attribute("households", "integer", "供气户数", "households served", most=1_000_000),
        _RISK_LEVEL,
    ),
)
FUEL_STATION = Kind(
    "fuel_station",
    "Point",
    "加油站",
    "Fuel station",
    "fuel",
    10,
    (
        Attribute("brand", "text", "品牌", "brand"),
        Attribute("tank_m3", "number", "油罐总容积", "tank volume", unit="m3", most=210),
        Attribute(
            "station_class",
            "choice",
            "等级",
            "class by tank volume",
            choices=(
                Choice("I", "一级", "I"),
                Choice("II", "二级", "II"),
                Choice("III", "三级", "III"),
            ),
        ),
        Attribute("nozzles", "integer", "加油枪", "nozzles", most=100),
    ),
)
BUNGALOW_AREA = Kind(
    "bungalow_area",
    "Polygon",
    "平房区",
    "Bungalow area",
    "bungalow",
    11,
    (
        Attribute("buildings", "integer", "平房栋数", "buildings", least=1, most=100_000),
        Attribute("households", "integer", "户数", "households", most=1_000_000),
        Attribute("residents", "integer", "人数", "residents", most=1_000_000),
        Attribute(
            "heating",
            "choice",
            "取暖",
            "heating",
            choices=(
                Choice("coal", "燃煤", "coal"),
                Choice("electric", "电", "electric"),
                Choice("mixed", "混合", "mixed"),
            ),
        ),
        _RISK_LEVEL,
    ),
)
VENUE = Kind(
    "venue",
    "Point",
    "评理说事点",
    "Say-your-piece venue",
    "venue",
    12,
    (
        Attribute(
            "form",
            "choice",
            "类型",
            "form",
            choices=(
                Choice("council", "居民议事会", "residents' council"),
                Choice("say_point", "评理说事点", "have-your-say point"),
            ),
        ),
        Attribute("seats", "integer", "座位", "seats", least=1, most=1000),
        Attribute("open_hours", "text", "开放时间", "opening hours"),
    ),
)
PARTY_BRANCH = Kind(
    "party_branch", "Point", "网格党支部", "Party branch", "party_branch", 13, (_MEMBERS,)
)
PARTY_GROUP = Kind("party_group", "Point", "党小组", "Party group", "party_group", 14, (_MEMBERS,))
PARTY_HOUSEHOLD = Kind(
    "party_household",
    "Point",
    "党员中心户",
    "Party-member household",
    "party_household",
    15,
    (Attribute("building_id", "integer", "楼栋", "building", least=1, secret=True),),
)
STATIONED_BODY = Kind(
    "stationed_body",
    "Point",
    "驻街站所",
    "Stationed body",
    "body",
    10,
    (
        Attribute(
            "body",
            "choice",
            "单位",
            "body",
            choices=(
                Choice("police_post", "派出所", "police post"),
                Choice("justice_office", "司法所", "justice office"),
                Choice("fire_station", "消防救援站", "fire station"),
                Choice("urban_management", "城管执法中队", "urban management"),
                Choice("market_supervision", "市场监督管理所", "market supervision"),
                Choice("gas_repair", "燃气抢修站", "gas repair"),
            ),
        ),
        Attribute("always_open", "boolean", "24小时值守", "open day and night"),
    ),
)

KINDS: dict[str, Kind] = {
    kind.id: kind
    for kind in (
        ALARM_PILLAR,
        CAMERA,
        HAZCHEM_FIRM,
        GAS_FIRM,
        FUEL_STATION,
        BUNGALOW_AREA,
        VENUE,
        PARTY_BRANCH,
        PARTY_GROUP,
        PARTY_HOUSEHOLD,
        STATIONED_BODY,
    )
}


def fuel_station_class(tank_m3: float) -> str:
    """Return the class of a petrol station by its tank volume: I 150<V<=210, II 90<V<=150, III.

    Source: common knowledge of the field after GB 50156, to be checked against the edition in force
    before it is quoted to a user. Diesel counts in full here, which makes the class the strict one.
    """
    if tank_m3 > 150:
        return "I"
    return "II" if tank_m3 > 90 else "III"


def check_kinds(kinds: Sequence[str], *, field: str = "kind") -> Sequence[str]:
    """Return the kinds if the catalogue knows each of them.

    Raises
    ------
    InvalidInput
        One is unknown; the message lists those that exist.
    """
    for kind in kinds:
        if kind not in KINDS:
            known = ", ".join(KINDS)
            raise InvalidInput(f"Unknown kind of asset {kind!r:.40}; known: {known}", field=field)
    return kinds


def check_asset(kind: str, attributes: Mapping[str, Any], *, row: int) -> dict[str, Any]:
    """Return the attributes of one asset at import if they fit its kind.

    Parameters
    ----------
    row
        Number of the row in the file or list, from 1: errors name it.

    Raises
    ------
    InvalidInput
        ``field`` is ``rows[<row>].<attribute>``: unknown, missing, or not as declared.
    """
    check_kinds([kind], field=f"rows[{row}].kind")
    declared = {attribute.name: attribute for attribute in KINDS[kind].attributes}
    for name in attributes:
        if name not in declared:
            field = f"rows[{row}].{name:.40}"
            raise InvalidInput(f"{field}: {kind} has no such attribute", field=field)
    checked = {}
    for name, attribute in declared.items():
        field = f"rows[{row}].{name}"
        if name in attributes:
            checked[name] = attribute.check(attributes[name], field=field)
        elif attribute.required:
            raise InvalidInput(f"{field}: {kind} needs {name}", field=field)
    return checked


def check_geometry_type(kind: str, geometry_type: str, *, row: int) -> None:
    """Refuse a geometry that is not of the kind's type.

    Raises
    ------
    InvalidInput
        ``field`` is ``rows[<row>].geometry``.
    """
    check_kinds([kind], field=f"rows[{row}].kind")
    wanted = KINDS[kind].geometry
    if geometry_type not in (wanted, f"Multi{wanted}" if wanted == "Polygon" else wanted):
        field = f"rows[{row}].geometry"
        raise InvalidInput(f"{field}: {kind} is a {wanted}, found {geometry_type}", field=field)


def public_attributes(kind: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes that any signed-in user may read."""
    declared = KINDS[kind].attributes
    return {a.name: attributes[a.name] for a in declared if not a.secret and a.name in attributes}
