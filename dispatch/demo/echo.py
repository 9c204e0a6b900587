"""New incidents like those of the past: what the risk map found goes on happening."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial import KDTree

from dispatch.demo.place import Homes, IntArray
from geodata.db.query import query
from geodata.db.scope import Conn

NEIGHBOURS = 12
"""A new incident happens at one of this many homes nearest to an old one, of the same use."""


@dataclass(frozen=True)
class Echo:
    """Draws incidents from the last months, moved to a home close by.

    Parameters
    ----------
    homes
        Where it may happen.
    home
        Shape (n,): rows of ``homes`` of past incidents.
    type_code
        Their types, by the same order.
    """

    homes: Homes
    home: IntArray
    type_code: list[str]

    @classmethod
    def read(cls, conn: Conn, homes: Homes) -> Echo:
        """Gather the cases of the last months that happened at a home."""
        row_of = {building: row for row, building in enumerate(homes.id.tolist())}
        past = [
            (row_of[row["building_id"]], row["type_code"])
            for row in conn.execute(query("dispatch.demo", "list_past")).fetchall()
            if row["building_id"] in row_of
        ]
        return cls(
            homes, np.array([home for home, _ in past], dtype=np.int64), [t for _, t in past]
        )

    def draw(self, rng: np.random.Generator) -> tuple[int, str]:
        """Return the row of a home and a type; the same state of ``rng`` gives the same pair.

        Raises
        ------
        LookupError
            There is no past to draw from.
        """
        if not self.type_code:
            raise LookupError("the district has no past cases to draw from")
        chosen = int(rng.integers(len(self.type_code)))
        _, near = self._tree.query(self.homes.xy_m[self.home[chosen]], k=NEIGHBOURS)
        use = self.homes.use[int(self.home[chosen])]
        close: IntArray = np.asarray(near, dtype=np.int64)
        rows = [row for row in close.tolist() if self.homes.use[row] == use]
        return rows[int(rng.integers(len(rows)))], self.type_code[chosen]

    @cached_property
    def _tree(self) -> KDTree:
        return KDTree(self.homes.xy_m)
