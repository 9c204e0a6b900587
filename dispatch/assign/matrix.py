"""Who is how far from which open case: sparse travel times, kept as cases and people come and move.

A case that is new or has moved is searched for, once per mode of travel. A person who has moved is
looked up in the fields that the searches left (geodata/road/field.py): only their column changes.
Times are those of :class:`dispatch.assign.travel.Goal`, to the last bit. Pure but for its own
memory: it reads no database, and who calls keeps it to one thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dispatch.assign.travel import usable
from geodata.errors import NotFound
from geodata.road.field import Fields
from geodata.road.field_loop import Pairs
from geodata.road.graph import RoadGraph
from geodata.road.position import Positions
from geodata.road.profile import PROFILES, Mode
from geodata.road.snap import Snapper

MODES = tuple(PROFILES)
IdArray = NDArray[np.int64]
RowArray = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Times:
    """Travel times by case and person, shape (k,); who is not here is out of reach."""

    case_id: IdArray
    person_id: IdArray
    travel_s: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.case_id)


class TravelMatrix:
    """The travel times of people to cases within a limit.

    People who do not travel have no place here: they are nowhere late.

    Parameters
    ----------
    graph
        The road graph; a new one needs a new matrix.
    limit_s
        Who needs longer is left out.

    Raises
    ------
    InvalidInput
        The limit is negative or not finite.
    """

    def __init__(self, graph: RoadGraph, limit_s: float) -> None:
        self._fields = {mode: Fields(graph, mode, limit_s) for mode in MODES}
        self._cases, self._people = _Index(), _Index()
        self._mode = np.zeros(0, np.int8)
        self._edge, self._fraction = np.zeros(0, np.int32), np.zeros(0)
        self._pairs = Pairs.empty()

    def place(self, case_id: Sequence[int], at: Mapping[Mode, Positions]) -> None:
        """Add cases, or move them: one search per case and mode.

        Parameters
        ----------
        case_id
            None twice.
        at
            For each mode the cases' positions on streets that it may use (:func:`goals`).
        """
        rows = self._cases.rows(case_id)
        self._drop(self._pairs.place, rows)
        found = [self._search(mode, rows, at[mode]) for mode in MODES if len(rows)]
        self._add(found)

    def close(self, case_id: Iterable[int]) -> None:
        """Remove cases; ids that are not here are passed over."""
        rows = self._cases.release(case_id)
        self._drop(self._pairs.place, rows)
        for fields in self._fields.values():
            fields.forget(rows)

    def move(self, person_id: Sequence[int], mode: Mode, at: Positions) -> None:
        """Add people, or move them, who travel by one mode: looked up, nothing is searched.

        Parameters
        ----------
        person_id
            None twice.
        at
            Their positions on streets that the mode may use.
        """
        columns = self._people.rows(person_id)
        self._widen(int(columns.max(initial=-1)) + 1)
        self._drop(self._pairs.position, columns)
        self._mode[columns] = MODES.index(mode)
        self._edge[columns], self._fraction[columns] = at.edge, at.fraction
        pairs = self._fields[mode].look_up(at)
        self._add([pairs._replace(position=columns[pairs.position])])

    def leave(self, person_id: Iterable[int]) -> None:
        """Remove people, who are off duty or no longer travel; unknown ids are passed over."""
        columns = self._people.release(person_id)
        self._drop(self._pairs.position, columns)
        self._mode[columns] = -1

    def times(self) -> Times:
        """Return all travel times, by case, then time, then person."""
        pairs = self._pairs
        case_id = self._cases.ids()[pairs.place]
        person_id = self._people.ids()[pairs.position]
        order = np.lexsort((person_id, pairs.travel_s, case_id))
        return Times(case_id[order], person_id[order], pairs.travel_s[order])

    def between(self, case_id: Sequence[int], mode: Mode, at: Positions) -> NDArray[np.float64]:
        """Return the travel time from one position each to one case each, shape (k,).

        Nobody needs to be here for it: the fields of the cases know. inf where out of reach.

        Parameters
        ----------
        case_id
            Shape (k,): cases that are here.
        at
            Shape (k,): on streets that the mode may use.

        Raises
        ------
        NotFound
            One of the cases is not here.
        """
        rows = self._cases.find(case_id)
        if (rows < 0).any():
            raise NotFound("A case has no place in the travel matrix")
        return self._fields[mode].between(rows, at)

    @property
    def nbytes(self) -> int:
        """Return the memory of fields and times."""
        fields = sum(fields.nbytes for fields in self._fields.values())
        return fields + sum(part.nbytes for part in self._pairs)

    def _search(self, mode: Mode, rows: RowArray, at: Positions) -> Pairs:
        columns = np.flatnonzero(self._mode == MODES.index(mode)).astype(np.int32)
        people = Positions(self._edge[columns], self._fraction[columns], np.zeros(len(columns)))
        pairs = self._fields[mode].search(rows, at, people)
        return pairs._replace(position=columns[pairs.position])

    def _drop(self, side: RowArray, gone: RowArray) -> None:
        """Forget the pairs of cases or people."""
        if not len(gone) or not len(side):
            return
        out = np.zeros(int(max(side.max(), gone.max())) + 1, bool)
        out[gone] = True
        kept = ~out[side]
        self._pairs = self._pairs.take(kept)

    def _add(self, found: Sequence[Pairs]) -> None:
        self._pairs = Pairs.join([self._pairs, *found])

    def _widen(self, count: int) -> None:
        more = count - len(self._mode)
        if more > 0:
            self._mode = np.append(self._mode, np.full(more, -1, np.int8))
            self._edge = np.append(self._edge, np.zeros(more, np.int32))
            self._fraction = np.append(self._fraction, np.zeros(more))


def goals(roads: Snapper, lon: ArrayLike, lat: ArrayLike) -> dict[Mode, Positions]:
    """Return where each mode arrives at places: the nearest street, or the nearest it may use.

    Parameters
    ----------
    lon, lat
        Shape (n,), degrees, EPSG:4326.
    """
    lon, lat = np.atleast_1d(np.asarray(lon, float)), np.atleast_1d(np.asarray(lat, float))
    nearest = roads.snap(lon, lat)
    return {mode: _for_mode(roads, lon, lat, nearest, mode) for mode in MODES}


def _for_mode(
    roads: Snapper,
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    nearest: Positions,
    mode: Mode,
) -> Positions:
    rest = np.flatnonzero(~usable(roads.graph, mode, nearest.edge))
    if not len(rest):
        return nearest
    other = roads.snap(lon[rest], lat[rest], mode)
    edge, fraction, snap_m = nearest.edge.copy(), nearest.fraction.copy(), nearest.snap_m.copy()
    edge[rest], fraction[rest], snap_m[rest] = other.edge, other.fraction, other.snap_m
    return Positions(edge, fraction, snap_m)


class _Index:
    """Rows of ids: a row that was given up is used again."""

    def __init__(self) -> None:
        self._row: dict[int, int] = {}
        self._free: list[int] = []
        self._id: list[int] = []

    def rows(self, ids: Sequence[int]) -> RowArray:
        """Return the row of each id, a new one where it has none."""
        return np.fromiter((self._of(one) for one in ids), np.int32, len(ids))

    def find(self, ids: Sequence[int]) -> RowArray:
        """Return the row of each id, -1 where it has none."""
        return np.fromiter((self._row.get(one, -1) for one in ids), np.int32, len(ids))

    def release(self, ids: Iterable[int]) -> RowArray:
        """Give up the rows of ids that have one, and return them."""
        rows = [self._row.pop(one) for one in set(ids) if one in self._row]
        self._free.extend(rows)
        return np.array(rows, np.int32)

    def ids(self) -> IdArray:
        """Return the id of each row; rows that were given up have their last one."""
        return np.array(self._id, np.int64)

    def _of(self, one: int) -> int:
        row = self._row.get(one)
        if row is None:
            if self._free:
                row = self._free.pop()
                self._id[row] = one
            else:
                row = len(self._id)
                self._id.append(one)
            self._row[one] = row
        return row
