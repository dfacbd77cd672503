"""Two TCP transfers and a video in one queue: 20 runs of 120 s, with their spread, on `make oracles`.

That both planes give the same packets is held by `test_hybrid_transfers`; here the fast one shows what
they do: how much the transfers get, and what becomes of the video beside them.
"""

from collections.abc import Sequence

import numpy as np
import pytest
from scipy import stats

from dataplane.transfer_lines import MS, SECOND, tcp
from plane_networks import interfaces
from telemedsim.core.random_streams import draw_uniform, stream_key
from telemedsim.dataplane.base import Step, Stream, Transfer, Tree
from telemedsim.dataplane.hybrid.plane import HybridPlane
from telemedsim.parts.traffic.video import LowDelay, Video
from telemedsim.records.flows import FlowRecords
from telemedsim.records.histogram import bucket_bounds
from telemedsim.records.quantiles import bucket_of_quantile

pytestmark = [pytest.mark.oracle, pytest.mark.nightly]

RUNS, SECONDS = 20, 120
RATE_BPS, QUEUE_PACKETS, LARGEST_BYTES = 10_000_000, 100, 1500
VIDEO_BPS = 4_000_000


def video() -> Video:
    """Return an encoder of 4 Mbit/s for conversation, paced over half a frame."""
    return Video(
        frame_rate_num=30,
        frame_rate_den=1,
        target_rate_bps=VIDEO_BPS,
        payload_bytes=1200,
        overhead_bytes=62,
        pacing_share=0.5,
        sizes=LowDelay(scale=0.15, bound=0.8),
    )


def run(number: int) -> FlowRecords:
    """Run the network of issue 5 once: 10 Mbit/s for all; 10 ms one way, and 25 ms for one transfer."""
    table = interfaces(
        [RATE_BPS, RATE_BPS, 10**9, 10**9],
        propagation_ns=[10 * MS, 10 * MS, 15 * MS, 15 * MS],
        limit=QUEUE_PACKETS,
    )
    plane = HybridPlane(table, ("media", "data"), SECOND, SECOND, number, 0, transfers="packets")
    steps = (Step(0, 10**9, 0),)
    key = stream_key(number, 0, "oracle", "start")
    starts_ns = [int(draw_uniform(key, flow) * SECOND) for flow in range(3)]
    end_ns = SECONDS * SECOND
    plane.open(Transfer(0, 77, 1, starts_ns[0], (0,), (1,), steps, tcp()))
    plane.open(Transfer(1, 78, 1, starts_ns[1], (2, 0), (1, 3), steps, tcp()))
    plane.open(Stream(2, key, 0, starts_ns[2], end_ns, video(), Tree.path((0,)), None))
    plane.advance(end_ns)
    return plane.finish()


def show(name: str, values: Sequence[float], unit: str) -> None:
    """Print the mean of the runs with its 95 % interval, and their spread."""
    mean, error = float(np.mean(values)), float(stats.sem(values))
    half = error * float(stats.t.ppf(0.975, len(values) - 1))
    print(
        f"{name}: mean {mean:.4g} {unit}, 95 % [{mean - half:.4g}, {mean + half:.4g}],"
        f" standard deviation {np.std(values, ddof=1):.3g},"
        f" {min(values):.4g} to {max(values):.4g} in {len(values)} runs of {SECONDS} s"
    )


def test_two_transfers_and_a_video_of_4_mbit_s_share_10_mbit_s() -> None:
    goodput, mean_ms, p99_ms, loss = [], [], [], []
    for number in range(RUNS):
        records = run(number)
        leg = records.streams[2][0]
        delivered = sum(records.transfers[flow].delivered_bytes for flow in (0, 1))
        goodput.append(delivered * 8 / SECONDS / 1e6)
        mean_ms.append(leg.delay_sum_ns / leg.delivered_packets / MS)
        p99_ms.append(bucket_bounds(bucket_of_quantile(leg.buckets, 0.99))[1] / MS)
        loss.append(100 * (1 - leg.delivered_packets / leg.sent_packets))
        # A full queue of the largest packets, the packet's own bits and the way: no packet waits longer.
        longest_ms = (QUEUE_PACKETS + 1) * LARGEST_BYTES * 8 / RATE_BPS * 1e3 + 10
        assert leg.delay_max_ns / MS <= longest_ms
        # Both at the IP layer: nothing is carried twice over.
        carried_bps = 8 * (delivered + leg.delivered_bytes) / SECONDS
        assert carried_bps <= RATE_BPS
        # CUBIC leaves 0.7 of a window, and the queue alone is worth 3 round trips: once full, the line is
        # never idle again. All start within a second, and a slow start is over within another.
        assert records.interfaces[0].busy_ns >= (SECONDS - 2) * SECOND
    print()
    show("TCP goodput, both transfers", goodput, "Mbit/s")
    show("video, mean one-way delay", mean_ms, "ms")
    show("video, p99 one-way delay", p99_ms, "ms")
    show("video, loss", loss, "%")
