"""Streams in sampled time: the parts of a window, one after the other, add up to the whole of it.

The oracle is the unsampled plane. A lead-in that is longer than any queue stays full leaves a part
with the packets that the whole window has there, so the parts that partition a window must count, in
sum, what the window counts: each packet once, each frame once, each freeze where it ends.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from plane_networks import interfaces, stream, trace
from telemedsim.dataplane.base import Stream, Tree
from telemedsim.dataplane.hybrid import collecting
from telemedsim.dataplane.hybrid.plane import HybridPlane
from telemedsim.network.plan import Interfaces
from telemedsim.network.sampling import SampledTime
from telemedsim.parts.impairments.independent import Independent
from telemedsim.parts.schedulers.strict_priority import StrictPriority
from telemedsim.parts.traffic import Playout
from telemedsim.parts.traffic.constant import Constant
from telemedsim.parts.traffic.video import LowDelay, Video
from telemedsim.records.flows import FlowRecords, LegRecord

MS = 1_000_000
S = 1000 * MS
CLASSES = ("high", "low")
TURN, LEAD_IN, GRACE = 2 * S, 1 * S, S // 2
DURATION = 10 * S
TURNS = tuple((begin, begin + TURN) for begin in range(0, DURATION, TURN))
BURSTS = np.concatenate([np.arange(4_600, 5_100) * MS, np.arange(5_700, 6_300) * MS])
PLAYOUT = Playout(jitter_buffer_ms=30, frame_period_ns=33_333_333, repair="none")
ADDED = (
    "sent_packets",
    "sent_bytes",
    "delivered_packets",
    "delivered_bytes",
    "late_packets",
    "delay_sum_ns",
    "frames_sent",
    "frames_shown",
    "frames_skipped",
    "freezes",
    "freeze_ns",
    "interruptions",
    "interruption_ns",
)


def video(rate_bps: int) -> Video:
    return Video(
        frame_rate_num=30,
        frame_rate_den=1,
        target_rate_bps=rate_bps,
        payload_bytes=1200,
        overhead_bytes=62,
        pacing_share=0.5,
        sizes=LowDelay(scale=0.15, bound=0.8),
    )


def network() -> Interfaces:
    """Return two access lines into a third that overflows now and then."""
    return interfaces(
        [20_000_000, 20_000_000, 10_000_000],
        propagation_ns=[2 * MS, 3 * MS, 5 * MS],
        limit=[50, 50, 20],
        scheduler=StrictPriority(),
    )


def busy_streams() -> list[Stream]:
    """Return four videos, a probe and bursts on it; one ends, one begins within the window.

    Bursts of the high class starve the low one for half a second, once within a turn and once
    across the end of one.
    """
    return [
        stream(0, video(2_500_000), (0, 2), playout=PLAYOUT),
        stream(1, video(2_500_000), (1, 2), 1, playout=PLAYOUT, start_ns=3 * S, stop_ns=9 * S),
        stream(2, video(2_000_000), (1, 2), 1, playout=PLAYOUT, stop_ns=5 * S + 77),
        stream(3, Constant(period_ns=10 * MS, ip_bytes=200), (0, 2), 1),
        stream(6, video(300_000), (0, 2), 1, playout=PLAYOUT, stop_ns=TURNS[1][1]),
        stream(5, trace(BURSTS, 1200), (1, 2), 0, stop_ns=7 * S),
        stream(4, trace(np.arange(0, 10 * S, 7 * MS), 900), Tree((0, 2, 2), (-1, 0, 0), (0, 1, 2))),
    ]


def run(
    streams: Sequence[Stream],
    parts: tuple[tuple[int, int], ...] | None,
    table: Interfaces | None = None,
    until_ns: int = DURATION,
    window_ns: int = 250 * MS,
) -> FlowRecords:
    sampled = None if parts is None else SampledTime(5, 1, parts, LEAD_IN, GRACE)
    one = network() if table is None else table
    plane = HybridPlane(one, CLASSES, TURN, TURN, 1, 0, window_ns=window_ns, sampled=sampled)
    now = 0
    for each in sorted(streams, key=lambda one: one.start_ns):
        now, _ = plane.advance(max(now, each.start_ns - 1, 0))
        plane.open(each)
    plane.advance(until_ns)
    return plane.finish()


def leg(records: FlowRecords, flow: int, number: int = 0) -> LegRecord:
    legs = records.streams.get(flow)
    return legs[number] if legs else LegRecord(measured_ns=0)


def added(records: Sequence[LegRecord]) -> dict[str, object]:
    """Return what several records count together."""
    sums: dict[str, object] = {name: sum(getattr(one, name) for one in records) for name in ADDED}
    counters = {"buckets": Counter[object](), "lost": Counter[object](), "hops": Counter[object]()}
    for one in records:
        counters["buckets"].update(one.buckets)
        counters["lost"].update(one.lost)
        for line, parts in one.split.hops.items():
            counters["hops"].update({(line, part): ns for part, ns in enumerate(parts)})
    return sums | {name: {k: v for k, v in found.items() if v} for name, found in counters.items()}


@pytest.mark.parametrize("repair", ["none", "nack", "fec"])
def test_the_parts_of_a_window_add_up_to_it(repair: str) -> None:
    playout = PLAYOUT.model_copy(update={"repair": repair, "fec_overhead": 0.2})
    streams = [
        one if one.playout is None else replace(one, playout=playout) for one in busy_streams()
    ]
    whole = run(streams, None)
    parts = [run(streams, (turn,)) for turn in TURNS]
    starved = leg(whole, 1)
    assert starved.late_packets > 0
    assert starved.lost
    assert starved.freezes > 1
    for flow in range(len(streams)):
        for number, one in enumerate(whole.streams[flow]):
            found = added([leg(part, flow, number) for part in parts])
            assert found == added([one])


def test_a_part_has_the_bins_of_the_whole_window() -> None:
    whole, part = run(busy_streams(), None), run(busy_streams(), TURNS[1:2] + TURNS[3:4])
    for flow in range(7):
        bins = {number: one for number, one in leg(whole, flow).bins.items() if number in (1, 3)}
        assert leg(part, flow).bins == bins
        if leg(whole, flow).bin_buckets:
            found = leg(whole, flow).bin_buckets
            assert leg(part, flow).bin_buckets == {n: found[n] for n in found if n in (1, 3)}


def test_several_parts_of_one_run_are_the_sum_of_single_ones() -> None:
    streams = busy_streams()
    both = run(streams, (TURNS[0], TURNS[3]))
    single = [run(streams, (TURNS[0],)), run(streams, (TURNS[3],))]
    for flow in range(len(streams)):
        assert added([leg(both, flow)]) == added([leg(one, flow) for one in single])
        assert leg(both, flow).measured_ns == sum(leg(one, flow).measured_ns for one in single)


@pytest.mark.parametrize("window_ns", [7 * MS, 1000 * MS])
def test_the_length_of_windows_changes_nothing(window_ns: int) -> None:
    parts = (TURNS[1], TURNS[3])
    one, other = run(busy_streams(), parts), run(busy_streams(), parts, window_ns=window_ns)
    assert one == other


def test_without_numba_the_same_text_gives_the_same_records(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = run(busy_streams(), TURNS[2:3])
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    assert run(busy_streams(), TURNS[2:3]) == one


def test_packets_written_down_in_a_part_survive_being_moved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Streams that are put aside between two parts keep theirs, and those yet to be measured have none."""
    parts = (TURNS[1], TURNS[3])
    expected = dict(run(busy_streams(), parts).streams)
    monkeypatch.setattr(collecting, "MOST_EXEMPLARS", 0)
    assert dict(run(busy_streams(), parts).streams) == expected


def test_an_interruption_is_counted_where_it_ends() -> None:
    sent_ms = [*range(0, 2_500, 10), *range(5_500, 10_000, 10)]
    streams = [stream(0, trace(np.array(sent_ms) * MS, 500), (0, 2))]
    counts = [leg(run(streams, (turn,)), 0).interruptions for turn in TURNS]
    assert counts == [0, 0, 1, 0, 0]


def test_the_life_of_a_stream_is_measured_where_parts_see_it() -> None:
    found = run(busy_streams(), (TURNS[1], TURNS[4]))
    assert [leg(found, flow).measured_ns for flow in range(4)] == [4 * S, 2 * S, 2 * S, 4 * S]
    assert found.sampled_parts == (TURNS[1], TURNS[4])


def test_streams_between_the_parts_have_no_records_and_no_places() -> None:
    streams = [
        stream(flow, video(2_000_000), (0, 2), start_ns=5 * S, stop_ns=6 * S, playout=PLAYOUT)
        for flow in range(50)
    ]
    found = run(streams, (TURNS[0],))
    assert found.streams == {}
    assert found.packet_hops == 0


def test_the_first_frame_is_known_only_where_the_stream_began_in_a_part() -> None:
    streams = busy_streams()
    whole = leg(run(streams, None), 1).first_shown_ns
    assert leg(run(streams, (TURNS[1],)), 1).first_shown_ns == whole >= 3 * S
    assert leg(run(streams, (TURNS[2],)), 1).first_shown_ns == -1
    assert leg(run(streams, (TURNS[1], TURNS[4])), 1).first_shown_ns == whole


LOSSY = replace(network(), loss=(Independent(probability=0.05),) * 3)


def test_losses_of_numbered_frames_are_those_of_the_whole_window() -> None:
    streams = [stream(0, Constant(period_ns=10 * MS, ip_bytes=200), (0, 2))]
    whole = leg(run(streams, None, LOSSY), 0)
    assert whole.lost
    assert added([leg(run(streams, (turn,), LOSSY), 0) for turn in TURNS]) == added([whole])


def test_losses_are_drawn_anew_in_each_part() -> None:
    source = trace(np.arange(0, DURATION, 10 * MS), 500)
    streams = [stream(0, source, (0, 2), playout=PLAYOUT)]
    parts = [leg(run(streams, (turn,), LOSSY), 0) for turn in TURNS]
    lost = [one.lost_packets for one in parts]
    # Two lines lose 1 - 0.95^2 of 1,000; five standard deviations of a binomial count.
    assert abs(sum(lost) - 97.5) < 5 * 97.5**0.5
    assert len(set(lost)) > 2


def test_lines_stand_for_the_whole_bin_by_what_was_measured() -> None:
    streams = [stream(0, Constant(period_ns=MS, ip_bytes=500), (0, 2))]
    whole, part = run(streams, None), run(streams, ((2 * S, 3 * S), (6 * S, 8 * S)))
    of_whole, of_part = whole.interfaces[2], part.interfaces[2]
    bins = {int(row[0]): row[1:3] for row in of_whole.series.rows}
    assert of_part.series.rows[:, 0].tolist() == [1, 3]
    for number, *counts, _ in of_part.series.rows:
        for mine, yours in zip(counts, bins[number], strict=True):
            # A transmission and a packet at each end of the part.
            assert abs(mine - yours) <= yours * 2 / 1000
    assert of_part.carried_packets == 3000


def test_a_closed_stream_sends_nothing_more() -> None:
    sampled = SampledTime(5, 2, (TURNS[0], TURNS[2]), LEAD_IN, GRACE)
    plane = HybridPlane(network(), CLASSES, TURN, TURN, 1, 0, sampled=sampled)
    plane.open(stream(0, Constant(period_ns=10 * MS, ip_bytes=200, fixed_phase_ns=0), (0, 2)))
    plane.advance(1 * S)
    plane.close(0)
    plane.advance(DURATION)
    found = leg(plane.finish(), 0)
    assert found.sent_packets == found.delivered_packets == 101
    assert found.measured_ns == 1 * S + 1


def test_a_part_that_the_end_of_the_run_cuts_is_like_the_end_of_a_whole_window() -> None:
    until_ns = DURATION - 3 * MS
    streams = [replace(one, stop_ns=10**15) for one in busy_streams() if one.flow != 5]
    whole = run(streams, None, until_ns=until_ns)
    parts = [run(streams, (turn,), until_ns=until_ns) for turn in TURNS[:-1]]
    parts.append(run(streams, ((TURNS[-1][0], until_ns),), until_ns=until_ns))
    for one in streams:
        found = added([leg(part, one.flow) for part in parts])
        assert found == added([leg(whole, one.flow)])
