"""Invented names and telephone numbers; any likeness to a person is an accident.

Numbers begin with 100, which no mobile network of the country hands out.
"""

from __future__ import annotations

import numpy as np

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁"
    "魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段"
)
_FIRST = "建志文明国家春玉秀海晓丽红永金桂德振立庆思雨子嘉俊泽欣宏兰长凤学小美佳宝新伟"
_SECOND = "华国平明军伟芳英敏静强磊洋艳勇杰娟涛超霞刚玲辉鹏琳波宁颖晶慧峰雪梅龙凯莹浩宇婷"


def make_names(rng: np.random.Generator, count: int) -> list[str]:
    """Return ``count`` invented names; a fifth have a one-character given name."""
    surname = rng.integers(len(_SURNAMES), size=count)
    first = rng.integers(len(_FIRST), size=count)
    second = rng.integers(len(_SECOND), size=count)
    short = rng.random(count) < 0.2
    return [
        _SURNAMES[s] + ("" if one else _FIRST[a]) + _SECOND[b]
        for s, a, b, one in zip(surname, first, second, short, strict=True)
    ]


def make_phones(start: int, count: int) -> list[str]:
    """Return ``count`` telephone numbers that can belong to nobody, from ``start`` on."""
    return [f"100{start + index:08d}" for index in range(count)]
