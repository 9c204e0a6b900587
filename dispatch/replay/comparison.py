"""Policies compared: the same cases under each, at each load, and the table that tells of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from dispatch.replay.figure import Figures, measure
from dispatch.replay.play import Record, play
from dispatch.replay.policy import Nearest, Policy, ResponsibleFirst, WholeQueue
from dispatch.replay.town import Town, multiply
from geodata.demo.progress import NoProgress, Progress

LOADS = (1, 5, 20)
ROUNDS_MIN = (1.0, 5.0)
"""Minutes between two solutions of the whole queue."""


@dataclass(frozen=True)
class Compared:
    """The figures of one policy at one load, of all cases and of each family."""

    load: int
    policy: str
    figures: Figures
    of_family: Mapping[str, Figures]


def policies(rounds_min: Sequence[float] = ROUNDS_MIN) -> dict[str, Policy]:
    """Return the policies that are compared, by name; the second is the product's default."""
    named: dict[str, Policy] = {
        "nearest": Nearest(),
        "responsible first (default)": ResponsibleFirst(),
        "responsible first, leads alone": ResponsibleFirst(leads_alone=True),
    }
    return named | {
        f"whole queue, every {minutes:g} min": WholeQueue(minutes * 60.0) for minutes in rounds_min
    }


def compare(
    town: Town,
    named: Mapping[str, Policy],
    loads: Sequence[int] = LOADS,
    *,
    seed: int,
    progress: Progress | None = None,
) -> Iterator[Compared]:
    """Yield the figures of each policy at each load, on the same cases."""
    told = progress or NoProgress()
    for load in loads:
        busier = multiply(town, load, seed)
        for name, policy in named.items():
            record = play(busier, policy, partial(told.step, f"{load}x {name}"))
            yield Compared(load, name, measure(record), _of_family(record))


def _of_family(record: Record) -> dict[str, Figures]:
    families = sorted({case.place.family for case in record.town.cases})
    return {family: measure(record, family) for family in families}


HEAD = (
    "load", "policy", "cases of", "cases", "road min, mean", "road min, p90",
    "arrival min, mean", "arrival min, p90", "late", "responsible", "nobody", "Gini, all",
)  # fmt: skip


def cells(one: Compared, roles: Sequence[str], family: str | None = None) -> tuple[str, ...]:
    """Return a row under HEAD, with the Gini coefficient of each of some roles after it."""
    found = one.figures if family is None else one.of_family[family]
    minutes = (
        found.road_mean_min, found.road_p90_min, found.wait_mean_min, found.wait_p90_min,
    )  # fmt: skip
    shares = (found.late, found.responsible, found.unassigned)
    ginis = (found.gini, *(found.gini_of_role.get(role) for role in roles))
    return (
        f"{one.load}×",
        one.policy,
        family or "all",
        f"{found.cases:,}",
        *(_told(value, "{:.1f}") for value in minutes),
        *(_told(value, "{:.1%}") for value in shares),
        *(_told(value, "{:.2f}") for value in ginis),
    )


def _told(value: float | None, form: str) -> str:
    return "–" if value is None else form.format(value)
