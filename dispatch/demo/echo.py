"""New incidents like those of the past: what the risk map found goes on happening."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial import KDTree

from dispatch.demo.place import IntArray, Sites
from geodata.db.query import query
from geodata.db.scope import Conn

NEIGHBOURS = 12
"""A new incident happens at one of this many sites nearest to an old one, of the same use."""


@dataclass(frozen=True)
class Echo:
    """Draws incidents from the last months, moved to a site close by.

    Parameters
    ----------
    sites
        Where it may happen.
    site
        Shape (n,): rows of ``sites`` of past incidents.
    type_code
        Their types, by the same order.
    """

    sites: Sites
    site: IntArray
    type_code: list[str]

    @classmethod
    def read(cls, conn: Conn, sites: Sites) -> Echo:
        """Gather the cases of the last months that happened at a site."""
        row_of = {building: row for row, building in enumerate(sites.id.tolist())}
        past = [
            (row_of[row["building_id"]], row["type_code"])
            for row in conn.execute(query("dispatch.demo", "list_past")).fetchall()
            if row["building_id"] in row_of
        ]
        return cls(
            sites, np.array([site for site, _ in past], dtype=np.int64), [t for _, t in past]
        )

    def draw(self, rng: np.random.Generator) -> tuple[int, str]:
        """Return the row of a site and a type; the same state of ``rng`` gives the same pair.

        Raises
        ------
        LookupError
            There is no past to draw from.
        """
        if not self.type_code:
            raise LookupError("the district has no past cases to draw from")
        chosen = int(rng.integers(len(self.type_code)))
        _, near = self._tree.query(self.sites.xy_m[self.site[chosen]], k=NEIGHBOURS)
        use = self.sites.use[int(self.site[chosen])]
        close: IntArray = np.asarray(near, dtype=np.int64)
        rows = [row for row in close.tolist() if self.sites.use[row] == use]
        return rows[int(rng.integers(len(rows)))], self.type_code[chosen]

    @cached_property
    def _tree(self) -> KDTree:
        return KDTree(self.sites.xy_m)
