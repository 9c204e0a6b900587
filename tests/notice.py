"""The State Council's notices for 2025 and 2026, typed from their text: ground truth of clocks.

2025: 国办发明电〔2024〕12号, Xinhua 2024-11-12 (https://m.gmw.cn/2024-11/12/content_1303894933.htm).
2026: 国务院办公厅关于2026年部分节假日安排的通知, Xinhua 2025-11-04
(https://politics.gmw.cn/2025-11/04/content_38391083.htm).
"""

from __future__ import annotations

from datetime import date, timedelta

from dispatch.clock.calendar import WorkCalendar

HOLIDAYS = {
    2025: (  # first and last day, both included
        ("元旦", (1, 1), (1, 1)),  # Wed
        ("春节", (1, 28), (2, 4)),  # Tue to Tue
        ("清明节", (4, 4), (4, 6)),  # Fri to Sun
        ("劳动节", (5, 1), (5, 5)),  # Thu to Mon
        ("端午节", (5, 31), (6, 2)),  # Sat to Mon
        ("国庆节、中秋节", (10, 1), (10, 8)),  # Wed to Wed
    ),
    2026: (
        ("元旦", (1, 1), (1, 3)),  # Thu to Sat
        ("春节", (2, 15), (2, 23)),  # Sun to Mon
        ("清明节", (4, 4), (4, 6)),  # Sat to Mon
        ("劳动节", (5, 1), (5, 5)),  # Fri to Tue
        ("端午节", (6, 19), (6, 21)),  # Fri to Sun
        ("中秋节", (9, 25), (9, 27)),  # Fri to Sun
        ("国庆节", (10, 1), (10, 7)),  # Thu to Wed
    ),
}
MAKE_UP = {
    2025: ((1, 26), (2, 8), (4, 27), (9, 28), (10, 11)),  # Sun, Sat, Sun, Sun, Sat
    2026: ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)),  # Sun, Sat, Sat, Sat, Sun, Sat
}


def free_days() -> frozenset[date]:
    """Return all days of the holidays, weekends in them included."""
    return frozenset(
        date(year, *first) + timedelta(days=n)
        for year, holidays in HOLIDAYS.items()
        for _, first, last in holidays
        for n in range((date(year, *last) - date(year, *first)).days + 1)
    )


def worked_days() -> frozenset[date]:
    """Return the days worked to make up for holidays."""
    return frozenset(date(year, *day) for year, days in MAKE_UP.items() for day in days)


NOTICED = WorkCalendar(free=free_days(), worked=worked_days(), published=frozenset(HOLIDAYS))
