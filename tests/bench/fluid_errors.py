"""How far the fluid is from the packets: completion times of both, as a table and as CSV.

`PYTHONPATH=tests python tests/bench/fluid_errors.py docs/fluid_errors.csv`; three minutes. One bottleneck of 50 Mbit/s with a buffer
of a bandwidth-delay product, at least 100 packets; half the round trip each way. Flows start 3 ms
apart. Under strict priority and WFQ (weights 3 : 1) they belong to two classes in turn.
"""

import csv
import sys
import time
from collections.abc import Iterator
from itertools import product
from typing import Any

from dataplane.transfer_lines import MS, SECOND, tcp
from plane_networks import BIN_NS, interfaces
from telemedsim.dataplane.base import Step, Transfer
from telemedsim.dataplane.hybrid.fluid.transfers import FluidTransfers
from telemedsim.dataplane.reference.plane import ReferencePlane
from telemedsim.parts.impairments.independent import Independent
from telemedsim.parts.impairments.none import NoLoss
from telemedsim.parts.schedulers.fifo import Fifo
from telemedsim.parts.schedulers.strict_priority import StrictPriority
from telemedsim.parts.schedulers.wfq import Wfq

CLASSES = ("high", "low")
RATE_BPS = 50_000_000
SCHEDULERS: dict[str, Any] = {
    "fifo": Fifo(),
    "strict_priority": StrictPriority(),
    "wfq": Wfq(weights={"high": 3, "low": 1}),
}
LOSSES = (0.0, 1e-4, 1e-3, 1e-2)
Case = tuple[int, int, float, int, str, str]
"""Bytes, round trip in ms, loss, flows, scheduler, congestion control."""
COLUMNS = (
    "size_bytes",
    "round_trip_ms",
    "loss",
    "flows",
    "scheduler",
    "tcp",
    "reference_mean_s",
    "fluid_mean_s",
    "ratio_of_means",
    "ratio_of_last",
)


def cases() -> Iterator[Case]:
    """Yield the grid: every size, round trip and loss alone; then flows and schedulers without loss."""
    alone = product((100_000, 1_000_000, 10_000_000, 50_000_000), (2, 20, 100, 600), LOSSES)
    for size, round_trip_ms, loss in alone:
        if size <= 10_000_000 or loss <= 1e-3:
            yield size, round_trip_ms, loss, 1, "fifo", "cubic"
    for size, round_trip_ms, loss in product((1_000_000, 10_000_000), (20, 100), LOSSES[2:]):
        yield size, round_trip_ms, loss, 1, "fifo", "new_reno"
    together = product((100_000, 1_000_000, 5_000_000), (2, 20, 100), (2, 8), SCHEDULERS)
    for size, round_trip_ms, flows, scheduler in together:
        yield size, round_trip_ms, 0.0, flows, scheduler, "cubic"


def completions(plane: Any, case: Case) -> list[int]:
    """Return each flow's completion time in ns, on a plane over interfaces 0 (there) and 1."""
    size, _, _, flows, _, algorithm = case
    starts = []
    for flow in range(flows):
        starts.append(flow * 3 * MS)
        steps = (Step(0, size, 0, report=True),)
        parameters = tcp(algorithm=algorithm)
        plane.open(Transfer(flow, 77 + flow, flow % 2, starts[flow], (0,), (1,), steps, parameters))
    ends = [0] * flows
    missing, now = flows, 0
    while missing:
        now, reports = plane.advance(now + 3600 * SECOND)
        for report in reports:
            ends[report.flow] = report.time_ns
            missing -= 1
    return [end - start for start, end in zip(starts, ends, strict=True)]


def table_of(case: Case) -> Any:
    """Return the interfaces of a case."""
    _, round_trip_ms, loss, _, scheduler, _ = case
    packets = max(100, RATE_BPS * round_trip_ms // 1000 // 8 // 1500)
    return interfaces(
        [RATE_BPS, RATE_BPS],
        propagation_ns=round_trip_ms * MS // 2,
        limit=packets,
        scheduler=SCHEDULERS[scheduler],
        loss=[Independent(probability=loss) if loss else NoLoss(), NoLoss()],
    )


def compare(case: Case) -> tuple[float, ...]:
    """Return mean times in s of both planes, and the ratios fluid / packets of mean and last."""
    table = table_of(case)
    fluid = completions(FluidTransfers(table, CLASSES, BIN_NS, SECOND), case)
    # One connection's losses are luck: short ones are repeated.
    seeds = (8 if case[0] <= 1_000_000 else 3) if case[2] else 1
    means, lasts = [], []
    for seed in range(seeds):
        times = completions(ReferencePlane(table, CLASSES, BIN_NS, SECOND, seed, 0), case)
        means.append(sum(times) / len(times))
        lasts.append(max(times))
    mean, last = sum(means) / seeds, sum(lasts) / seeds
    fluid_mean = sum(fluid) / len(fluid)
    return mean / SECOND, fluid_mean / SECOND, fluid_mean / mean, max(fluid) / last


def main(path: str) -> None:
    """Write the CSV and print it."""
    begin = time.perf_counter()
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for case in cases():
            row = (*case, *(f"{value:.4g}" for value in compare(case)))
            writer.writerow(row)
            print(*(f"{value!s:>15}" for value in row), flush=True)
    print(f"{time.perf_counter() - begin:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1])
