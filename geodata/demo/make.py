"""Make the whole ground of the demo in one call."""

from __future__ import annotations

from datetime import datetime

from geodata.demo.address import make_addresses
from geodata.demo.ground import Ground
from geodata.demo.plan import make_plan
from geodata.demo.plot import make_plots
from geodata.demo.progress import Progress
from geodata.demo.road import make_roads


def make_ground(seed: int, as_of: datetime, progress: Progress) -> Ground:
    """Make the demo district's areas, roads, plots and addresses.

    Parameters
    ----------
    seed
        The same seed gives the same ground.
    as_of
        Aware moment that the demo pretends is now; the ground itself does not depend on it.
    progress
        Hears of the stages 'plan', 'roads', 'plots' and 'addresses'.
    """
    plan = make_plan(seed, progress)
    nodes, edges = make_roads(plan, seed, progress)
    plots = make_plots(plan, seed, progress)
    addresses = make_addresses(plan, plots, edges, seed, progress)
    return Ground(seed, as_of, plan, nodes, edges, plots, addresses)
