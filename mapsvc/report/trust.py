"""The trust card: what is measured, from what, with which bandwidth and why, how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from geodata.clock import LOCAL_ZONE
from layers.risk.finding import Warning
from layers.risk.question import Kind, Question, Source, Urgency
from mapsvc.report.proof import SAME_M, Proof
from mapsvc.report.subject import Subject
from mapsvc.report.words import Words


@dataclass(frozen=True)
class Line:
    """One line of the card."""

    label: str
    value: str


def list_lines(subject: Subject) -> list[Line]:
    """Return the lines of the card, from what is shown to how it was tried."""
    words, question = subject.words, subject.question
    told = {
        "unit": words("trust.unit.weighted" if subject.surface.weighted else "trust.unit.plain"),
        "period": tell_period(words, question),
        "filter": tell_filter(subject),
        "n": _count(subject),
        "found": words.share(subject.surface.found_share),
        "bandwidth": _bandwidth(subject),
        "backtest": _backtest(words, question, subject.proof),
        "edge": words("trust.edge.value"),
        "as_of": words.moment(subject.incidents.read_at),
    }
    return [Line(words(f"trust.{name}"), value) for name, value in told.items()]


def list_warnings(subject: Subject) -> list[str]:
    """Return what the reader has to know, of the surface and of maps by area."""
    words = subject.words
    told = [tell_warning(words, one) for one in subject.surface.warnings]
    told += _beaten(words, subject.proof)
    if subject.surface.n:
        told.append(words("warning.small_areas"))
        told.append(words("warning.place"))
    return told


def _beaten(words: Words, proof: Proof | None) -> list[str]:
    """Say so where plain counts of cells would have caught more."""
    if proof is None or proof.asked.pai >= proof.choice.counts.pai:
        return []
    counts, asked = proof.choice.counts.pai, proof.asked.pai
    return [words("warning.counts", counts=f"{counts:.1f}", pai=f"{asked:.1f}")]


def tell_warning(words: Words, warning: Warning) -> str:
    """Return a warning in words."""
    communities = words.name(words.join(warning.communities), words.join(warning.communities_en))
    return words(
        f"warning.{warning.code}",
        share=words.share(warning.share),
        count=words.number(warning.count),
        communities=communities,
    )


def tell_period(words: Words, question: Question) -> str:
    """Return the period: whole days by the first and the last, else to the minute."""
    since, until = question.period.since, question.period.until
    told = words.moment
    if _is_midnight(since) and _is_midnight(until):
        told, until = words.day, until - timedelta(microseconds=1)
    days = words.number(question.period.days)
    return words("trust.period.value", since=told(since), until=told(until), days=days)


def _is_midnight(at: datetime) -> bool:
    return at.astimezone(LOCAL_ZONE).time() == time()


def tell_filter(subject: Subject) -> str:
    """Return which incidents count: kinds, times, places, weights."""
    words, question = subject.words, subject.question
    parts = [*_kinds(subject), *_times(words, question.kind), *_weights(words, question)]
    if question.within != (subject.base.code,):
        parts.append(words("filter.area", names=words.join(_areas(subject))))
    return words("filter.join").join(parts) if parts else words("filter.none")


def _kinds(subject: Subject) -> list[str]:
    words, kind = subject.words, subject.question.kind
    parts = [words(f"family.{family}") for family in kind.families]
    names = {one.code: words.name(one.name, one.name_en) for one in subject.base.types}
    parts += [names.get(code, code) for code in kind.types]
    told = [words.join(parts)] if parts else []
    if kind.urgency is not Urgency.ALL:
        told.append(words(f"filter.urgency.{kind.urgency}"))
    if kind.source is not Source.ALL:
        told.append(words(f"filter.source.{kind.source}"))
    return told


def _times(words: Words, kind: Kind) -> list[str]:
    told = []
    if kind.weekdays:
        told.append(words.join(words(f"weekday.{day}") for day in sorted(set(kind.weekdays))))
    if kind.hours:
        told.append(words("filter.hours", hours=words.join(_runs(kind.hours))))
    if kind.months:
        told.append(words("filter.months", months=words.join(map(str, sorted(set(kind.months))))))
    return told


def _runs(hours: Sequence[int]) -> list[str]:
    """Return hours as stretches.

    >>> _runs((22, 7, 8, 23))
    ['7:00-9:00', '22:00-24:00']
    """
    stretches: list[list[int]] = []
    for hour in sorted(set(hours)):
        if stretches and stretches[-1][1] == hour:
            stretches[-1][1] = hour + 1
        else:
            stretches.append([hour, hour + 1])
    return [f"{begin}:00-{end}:00" for begin, end in stretches]


def _weights(words: Words, question: Question) -> list[str]:
    told, weight = [], question.weight
    if weight.urgent != 1.0:
        told.append(words("filter.urgent_weight", weight=f"{weight.urgent:g}"))
    if weight.half_life_days is not None:
        told.append(words("filter.half_life", days=f"{weight.half_life_days:g}"))
    return told


def _areas(subject: Subject) -> list[str]:
    words, ground = subject.words, subject.ground
    names = {s.code: words.name(s.name, s.name_en) for s in subject.base.streets}
    for areas in (ground.communities, ground.grids):
        pairs = zip(areas.names, areas.names_en, strict=True)
        names |= {
            str(code): words.name(*pair) for code, pair in zip(areas.codes, pairs, strict=True)
        }
    return [names.get(code, code) for code in subject.question.within]


def _count(subject: Subject) -> str:
    words, surface = subject.words, subject.surface
    n = words.number(surface.n)
    if not surface.weighted:
        return n
    return words("trust.n.weighted", n=n, effective=words.number(surface.effective_n))


def _bandwidth(subject: Subject) -> str:
    """Return the bandwidth with what the backtest and the likelihood say to it."""
    words, proof = subject.words, subject.proof
    asked = f"{subject.question.bandwidth_m:g}"
    if proof is None:
        return words("trust.bandwidth.unproven", asked=asked)
    choice = proof.choice
    same = abs(choice.chosen_m - subject.question.bandwidth_m) < SAME_M
    likelihood = "" if choice.likelihood_m is None else words(
        "trust.bandwidth.likelihood", metres=f"{choice.likelihood_m:g}"
    )  # fmt: skip
    text = words(
        "trust.bandwidth.chosen" if same else "trust.bandwidth.by_hand",
        asked=asked, chosen=f"{choice.chosen_m:g}", weeks=proof.plan.windows,
    )  # fmt: skip
    return text + likelihood


def _backtest(words: Words, question: Question, proof: Proof | None) -> str:
    """Return what the surface would have caught; of measures that compare it says nothing."""
    if proof is None:
        return words("trust.backtest.none")
    asked, counts = proof.asked, proof.choice.counts
    return words(
        "trust.backtest.value", metres=f"{question.bandwidth_m:g}",
        pai=f"{asked.pai:.1f}", low=f"{asked.pai_low:.1f}", high=f"{asked.pai_high:.1f}",
        area=f"{100 * proof.plan.area_share:g} %", weeks=proof.plan.windows,
        hits=words.share(asked.hit_rate), pei=f"{asked.pei:.2f}", counts=f"{counts.pai:.1f}",
    )  # fmt: skip
