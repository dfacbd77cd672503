"""Flow events a second of the fluid on a country's tree; run by hand: `python tests/bench/flow_events.py`.

The tree: a national site, 22 provinces, 1,800 counties, 11,000 leaves. An event is one departure or one
arrival, solved exactly, with the next completion found; the number of transfers stays as it was. Seconds are the
process's own.
"""

import json
import sys
import time

import numpy as np

from telemedsim.core.random_streams import draw_53
from telemedsim.dataplane.hybrid.fluid.network import FluidNetwork
from telemedsim.dataplane.hybrid.fluid.state import FIFO, FULL_SOLVES

PROVINCES, COUNTIES, LEAVES = 22, 1_800, 11_000
MBPS = 1e6 / 8 / 1e9
LEAF_MBPS, COUNTY_MBPS = (10, 20, 50, 100), (100, 200, 500)
PROVINCE_MBPS = (5_000, 10_000)
CAP_MBPS = (2, 10, 40, 200)
SIZES = (100e3, 1e6, 1e7, 5e7)


class Draws:
    """Uniform choices in a fixed order."""

    def __init__(self) -> None:
        self._count = 0

    def below(self, count: int) -> int:
        self._count += 1
        return draw_53(17, self._count) * count >> 53


class Country:
    """The tree's interfaces: up 0 … n - 1, then down n … 2n - 1."""

    def __init__(self, core_share: float, visits: tuple[float, float]) -> None:
        self.draws = draws = Draws()
        first_county, first_leaf = PROVINCES, PROVINCES + COUNTIES
        self.nodes = first_leaf + LEAVES
        self.parent = [-1] * PROVINCES
        self.parent += [draws.below(PROVINCES) for _ in range(COUNTIES)]
        self.parent += [first_county + draws.below(COUNTIES) for _ in range(LEAVES)]
        tiers = [PROVINCE_MBPS] * PROVINCES + [COUNTY_MBPS] * COUNTIES + [LEAF_MBPS] * LEAVES
        rates = [tier[draws.below(len(tier))] * MBPS for tier in tiers]
        core = [rate * core_share if node < PROVINCES else rate for node, rate in enumerate(rates)]
        both = core + core
        self.network = FluidNetwork(both, [FIFO] * len(both), [[1.0]] * len(both), visits=visits)

    def up(self, leaf: int) -> list[int]:
        path = [leaf]
        while self.parent[path[-1]] >= 0:
            path.append(self.parent[path[-1]])
        return path

    def add(self, leaf_share: float) -> None:
        draws = self.draws
        leaf = self.nodes - 1 - draws.below(LEAVES)
        path = self.up(leaf)
        if draws.below(1000) < leaf_share * 1000:
            other = self.up(self.nodes - 1 - draws.below(LEAVES))
            path = [n for n in path if n not in other] + [
                self.nodes + n for n in reversed(other) if n not in path
            ]
            if not path:
                path = [leaf]
        cap = CAP_MBPS[draws.below(4)] * MBPS
        size = SIZES[draws.below(4)] * (0.5 + draws.below(1000) / 1000)
        self.network.add(path, [1.04] * len(path), cap, size)


def measure(
    transfers: int,
    leaf_share: float = 0.0,
    core_share: float = 1.0,
    visits: tuple[float, float] = (2.0, 256),
    seconds: float = 3.0,
) -> dict[str, float]:
    """Return events a second and what they took."""
    country = Country(core_share, visits)
    network = country.network
    for _ in range(transfers):
        country.add(leaf_share)
    network.solve(1)
    held = int(np.isfinite(network.state.queues.level).sum())
    network.state.counts[FULL_SOLVES] = 0
    events = 0
    begin = time.process_time()
    while time.process_time() - begin < seconds:
        due, flow = network.next_finish()
        network.remove(flow)
        network.solve(due)
        country.add(leaf_share)
        network.solve(due)
        events += 2
    cpu_s = time.process_time() - begin
    return {
        "transfers": transfers,
        "leaf_to_leaf": leaf_share,
        "full_queues": held,
        "events_per_s": round(events / cpu_s),
        "full_solves_per_event": float(network.state.counts[FULL_SOLVES]) / events,
    }


def main() -> None:
    """Print one line of JSON a case."""
    never, always = (0.0, 1e18), (0.0, 0.0)
    for count in (100, 1_000, 20_000):
        print(json.dumps({"case": "tree", **measure(count)}), flush=True)
    for core in (1.0, 0.2):
        case = f"a fifth leaf to leaf, core at {core}"
        print(json.dumps({"case": case, **measure(20_000, 0.2, core)}), flush=True)
        print(
            json.dumps({"case": case + ", never anew", **measure(20_000, 0.2, core, never)}),
            flush=True,
        )
        print(
            json.dumps({"case": case + ", always anew", **measure(20_000, 0.2, core, always)}),
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
