"""Names of the synthetic roads, in the manner of the city, each unique in the district.

Roads that run more east-west are 路, those more north-south are 街, lanes are 巷. All are
invented; where one equals a real road's name, it does not stand for that road.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from geodata.demo.division import Community, Street
from geodata.demo.mesh import XY

_DIGITS = "零一二三四五六七八九"
_TAIL = re.compile(
    r"(虚拟社区|社区居居委会|社区居委会|村民委员会|村委会|家属委员会居委会|家属居委会|居委会)$"
)
ARTERIALS = (
    "滨城大道", "海望大街", "振兴大道", "北岭大街", "山海大道", "渤湾大道", "槐城大街",
    "东联大道", "泉城大街", "青云大道", "明珠大街", "西拓大道", "朝阳大街", "盐湾大道",
    "长岭大街", "和平大道", "星海大道", "兴业大街", "凌海大道", "金岭大街",
)  # fmt: skip
WORDS = (
    "兴华", "振工", "春柳", "山河", "海宁", "松江", "明华", "永乐", "长兴", "安盛",
    "福林", "景山", "文苑", "学府", "同泰", "富民", "康宁", "瑞云", "锦华", "龙岗",
    "凤鸣", "玉泉", "清河", "碧海", "银帆", "红柳", "白云", "绿波", "金柳", "丰产",
    "友好", "团结", "民生", "和顺", "新建", "光华", "胜利", "建业", "迎春", "迎宾",
    "望海", "听涛", "观澜", "临港", "港湾", "船坞", "铁山", "石道", "柳林", "槐荫",
    "桃源", "杏林", "枫林", "梧桐", "松涛", "竹园", "兰亭", "梅岭", "菊香", "荷塘",
    "平安", "吉庆", "祥云", "嘉和", "泰来", "顺达", "通达", "宏业", "昌盛", "丰泽",
    "沃野", "田园", "果香", "樱桃", "苹果园", "南山坡", "北坡", "东岗", "西岗子", "沙河",
    "汇泉", "涌泉", "灵泉", "湾沿", "礁石", "渔港", "海韵", "帆影", "潮声", "贝壳湾",
    "盐场", "采石", "砖窑", "机车", "工人", "劳动", "创业", "科苑", "智谷", "数码",
    "软件园", "博学", "育才", "青年", "少年宫", "体育", "向阳", "朝晖", "晨光", "晚霞",
    "星月", "北斗", "银河", "长虹", "彩云", "霁月",
)  # fmt: skip


def stem_of(name: str) -> str:
    """Return the short form of an official name: '玉山社区居委会' is '玉山'."""
    short = _TAIL.sub("", name)
    return re.sub(r"(街道|社区)$", "", short) or name


def short_name(name: str) -> str:
    """Return what people say: '玉山社区', '由家村'; the official name is longer."""
    if name.endswith(("村委会", "村民委员会")):
        return stem_of(name) + "村"
    if name.endswith("虚拟社区"):
        return stem_of(name)
    return stem_of(name) + "社区"


def road_stems(streets: Sequence[Street]) -> dict[str, str]:
    """Return for each community code a short stem for its roads, unique in the district."""
    taken: dict[str, str] = {}
    stems: dict[str, str] = {}
    for street in streets:
        for community in street.communities:
            stem = next(s for s in _stem_choices(community, street) if s not in taken)
            taken[stem] = stems[community.code] = stem
    return stems


def chinese_number(number: int) -> str:
    """Return 1..99 in Chinese: 3 is '三', 12 '十二', 20 '二十'."""
    tens, ones = divmod(number, 10)
    text = ("" if tens < 2 else _DIGITS[tens]) + ("十" if tens else "")
    return text + (_DIGITS[ones] if ones else "")


def arterial_names() -> Iterator[str]:
    """Yield names for street cuts, one after the other."""
    yield from ARTERIALS
    for number in range(1, 100):
        yield f"环城{chinese_number(number)}路"


def secondary_names(words: Sequence[str], path: Sequence[XY], centre: XY) -> Iterator[str]:
    """Yield names for a community cut, from the plainest to the most qualified.

    Parameters
    ----------
    words
        Words not yet used up, in the order wanted.
    path
        The road's points in metres.
    centre
        Middle of its street: decides between 东, 西, 南, 北.
    """
    suffix = suffix_of(path)
    side = side_of(path, centre)
    for word in words:
        yield f"{word}{suffix}"
        yield f"{word}{side}{suffix}"
    for word in words:
        for other in "东西南北中":
            yield f"{word}{other}{suffix}"


def local_names(stem: str, path: Sequence[XY], centre: XY) -> Iterator[str]:
    """Yield names for a grid cut inside a community: 玉山路, 玉山东路, 玉山一路, 玉山二路..."""
    suffix = suffix_of(path)
    yield f"{stem}{suffix}"
    yield f"{stem}{side_of(path, centre)}{suffix}"
    for number in range(1, 100):
        yield f"{stem}{chinese_number(number)}{suffix}"


def lane_names(stem: str) -> Iterator[str]:
    """Yield names for micro-grid cuts inside a community: 玉山一巷, 玉山二巷..."""
    for number in range(1, 100):
        yield f"{stem}{chinese_number(number)}巷"


def suffix_of(path: Sequence[XY]) -> str:
    """Return 路 for what runs more east-west, 街 for what runs more north-south."""
    dx, dy = path[-1][0] - path[0][0], path[-1][1] - path[0][1]
    return "路" if abs(dx) >= abs(dy) else "街"


def side_of(path: Sequence[XY], centre: XY) -> str:
    """Return the side of the centre on which the road's middle lies: 东, 西, 南 or 北."""
    x, y = path[len(path) // 2]
    angle = math.degrees(math.atan2(y - centre[1], x - centre[0]))
    return "东北西南"[round(angle / 90) % 4]


def _stem_choices(community: Community, street: Street) -> Iterator[str]:
    stem = stem_of(community.name)
    if len(stem) <= 3:
        yield stem
    if not stem[:2].isascii():
        yield stem[:2]
    if "第" not in stem[-2:]:
        yield stem[-2:]
    yield stem
    yield stem + ("村" if community.rural else "里")
    yield stem_of(street.name) + stem
