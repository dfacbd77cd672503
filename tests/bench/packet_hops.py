"""Packet-hops a second of both data planes, as ratios to plain SimPy in the same run.

Run by ``make bench`` as ``python -m tests.bench.packet_hops``; prints JSON. No test asserts a
timing: machines differ, and so does one machine from minute to minute. Each figure is the best of
a few runs in CPU time, and the ratios compare runs of the same minute. The hybrid plane is measured
with its kernels compiled, from the opening of the first stream to the records.
"""

import json
import os
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from time import process_time
from typing import Any

import simpy

from telemedsim.catalogue.default_parts import tcp
from telemedsim.catalogue.load import catalogue
from telemedsim.dataplane.base import DataPlane, Step, Stream, Transfer, Tree
from telemedsim.dataplane.hybrid.plane import HybridPlane
from telemedsim.dataplane.reference.plane import ReferencePlane
from telemedsim.parts.traffic import PacketSource
from telemedsim.parts.traffic.constant import Constant
from telemedsim.parts.traffic.video import LowDelay, Video

MS = 1_000_000
SECOND_NS = 1000 * MS
ROUNDS = 3
LEVELS = ((4, 100_000_000, 10 * MS), (16, 20_000_000, 5 * MS), (64, 10_000_000, 2 * MS))
"""The benchmark tree below its national centre: links, bit/s and propagation of each level."""
STREAM_BYTES = 1200
STREAM_PERIOD_NS = 2_400_000
"""1,200 bytes each 2.4 ms are 4 Mbit/s."""
QUEUE_PACKETS = 100
TRANSFER_BYTES = 10_000_000
HYBRID_SECONDS = 200
CAMERAS_A_LEAF = 16
CAMERA_BPS = 250_000
"""Sixteen cameras fill what one constant stream does: about one packet of 1,000 bytes a frame."""
CAMERA_FRAME_RATES = (25, 30)

Measured = tuple[int, float]
"""Packet-hops and the CPU seconds that they took."""


def plane(rates_bps: list[int], propagation_ns: list[int], limit: int) -> ReferencePlane:
    """Return a reference plane over interfaces of these rates and propagation times."""
    # Not at the top: pytest collects this file with another search path.
    from tests.plane_networks import interfaces, reference_plane

    table = interfaces(rates_bps, propagation_ns=propagation_ns, limit=limit)
    return reference_plane(table)


def run(one: ReferencePlane, until_ns: int) -> Measured:
    """Run a plane and return its packet-hops and CPU time."""
    began = process_time()
    one.advance(until_ns)
    took_s = process_time() - began
    return one.finish().packet_hops, took_s


def plain_simpy() -> Measured:
    """Sixty-four processes that do nothing but wait twice a hop: to send, and on the wire."""
    environment = simpy.Environment()
    hops = 0

    def source() -> Iterator[Any]:
        nonlocal hops
        while True:
            yield environment.timeout(960_000)
            yield environment.timeout(2 * MS)
            hops += 1

    for _ in range(64):
        environment.process(source())
    began = process_time()
    environment.run(until=2 * SECOND_NS)
    return hops, process_time() - began


def tree_streams() -> Measured:
    """A constant stream from each grassroots site up to the national centre, for a second."""
    rates = [rate for count, rate, _ in LEVELS for _ in range(count)]
    delays = [delay for count, _, delay in LEVELS for _ in range(count)]
    one = plane(rates, delays, QUEUE_PACKETS)
    source = Constant(period_ns=STREAM_PERIOD_NS, ip_bytes=STREAM_BYTES)
    for leaf in range(64):
        way = Tree.path((20 + leaf, 4 + leaf // 4, leaf // 16))
        one.open(Stream(leaf, leaf, 0, 0, SECOND_NS, source, way, None))
    return run(one, SECOND_NS)


def camera(number: int) -> Video:
    """Return a low-delay encoder of 250 kbit/s; every other one at 25 frames a second."""
    return Video(
        frame_rate_num=CAMERA_FRAME_RATES[number % 2],
        frame_rate_den=1,
        target_rate_bps=CAMERA_BPS,
        payload_bytes=1400,
        overhead_bytes=50,
        pacing_share=0,
        sizes=LowDelay(scale=0.15, bound=0.9),
    )


def hybrid_tree(sources: Sequence[Sequence[PacketSource]], seconds: int) -> Measured:
    """Streams of the sources of each grassroots site on the hybrid plane."""
    from tests.plane_networks import BIN_NS, interfaces

    rates = [rate for count, rate, _ in LEVELS for _ in range(count)]
    delays = [delay for count, _, delay in LEVELS for _ in range(count)]
    table = interfaces(rates, propagation_ns=delays, limit=QUEUE_PACKETS)
    began = process_time()
    one: DataPlane = HybridPlane(table, ("high", "low"), BIN_NS, SECOND_NS, 1, 0)
    flow = 0
    for leaf, at_leaf in enumerate(sources):
        for source in at_leaf:
            way = Tree.path((20 + leaf, 4 + leaf // 4, leaf // 16))
            one.open(Stream(flow, flow, 0, 0, seconds * SECOND_NS, source, way, None))
            flow += 1
    one.advance(seconds * SECOND_NS)
    hops = one.finish().packet_hops
    return hops, process_time() - began


def hybrid_constant(seconds: int = HYBRID_SECONDS) -> Measured:
    """The streams of `tree_streams` on the hybrid plane."""
    source = Constant(period_ns=STREAM_PERIOD_NS, ip_bytes=STREAM_BYTES)
    return hybrid_tree([[source]] * 64, seconds)


def hybrid_cameras(seconds: int = HYBRID_SECONDS) -> Measured:
    """1,024 encoders of variable rate on the same tree."""
    at_leaf = [camera(number) for number in range(CAMERAS_A_LEAF)]
    return hybrid_tree([at_leaf] * 64, seconds)


def transfer() -> Measured:
    """One TCP transfer of 10 MB over 20 Mbit/s, 25 ms one way."""
    one = plane([20_000_000, 20_000_000], [25 * MS, 25 * MS], QUEUE_PACKETS)
    steps = (Step(0, TRANSFER_BYTES, 0),)
    one.open(Transfer(0, 0, 0, 0, (0,), (1,), steps, tcp(catalogue())))
    return run(one, 20 * SECOND_NS)


def best(measure: Callable[[], Measured]) -> float:
    """Return the packet-hops a CPU second of the best of a few runs."""
    runs = [measure() for _ in range(ROUNDS)]
    return max(hops / took_s for hops, took_s in runs)


def peak_bytes() -> int:
    """Return the most memory that this process has had so far; Linux counts it in KiB."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    """Measure and print."""
    hybrid_constant(1)
    compiled_bytes = peak_bytes()
    speeds = {
        "hybrid_tree_streams": best(hybrid_constant),
        "hybrid_tree_1024_vbr": best(hybrid_cameras),
    }
    hybrid_bytes = peak_bytes()
    speeds |= {
        "plain_simpy": best(plain_simpy),
        "reference_tree_streams": best(tree_streams),
        "reference_tcp_transfer": best(transfer),
    }
    figures: dict[str, dict[str, float]] = {
        name: {
            "packet_hops_per_cpu_s": round(speed, -2),
            "ratio_to_plain_simpy": round(speed / speeds["plain_simpy"], 3),
        }
        for name, speed in speeds.items()
    }
    figures["memory"] = {
        "peak_mb_after_a_first_second": compiled_bytes // 10**6,
        "peak_mb_of_hybrid_runs": hybrid_bytes // 10**6,
    }
    figures["machine"] = {"load_average": os.getloadavg()[0], "cpus": os.cpu_count() or 1}
    json.dump(figures, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
