"""Records of streams in few bytes: nothing is lost by packing, and memory is bounded in a long run."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plane_networks import SECOND_NS, interfaces, stream, trace
from random_networks import CLASSES, MS, differences, network, records_of
from telemedsim.dataplane.base import Tree
from telemedsim.dataplane.hybrid import collecting, layout
from telemedsim.dataplane.hybrid.kept_legs import packed, unpacked
from telemedsim.dataplane.hybrid.packets.kept_transfers import KeptTransfers
from telemedsim.dataplane.hybrid.plane import HybridPlane
from telemedsim.dataplane.reference.plane import ReferencePlane
from telemedsim.parts.impairments.exponential import Exponential
from telemedsim.parts.traffic import Playout
from telemedsim.records.flows import Mark, Split

SHORT_BYTES = 1_500
"""What a leg of a short consultation may cost."""
INTEGERS = st.one_of(
    st.integers(-(1 << 63), (1 << 63) - 1), st.integers(0, 63).map(lambda bits: (1 << bits) - 1)
)


@given(st.lists(INTEGERS))
def test_integers_of_any_size_come_back(numbers: list[int]) -> None:
    kept, ends = packed(numbers)
    assert unpacked(kept) == numbers
    begins = [0, *ends[:-1].tolist()]
    pieces = [unpacked(kept[a:b]) for a, b in zip(begins, ends.tolist(), strict=False)]
    assert pieces == [[number] for number in numbers]


@pytest.mark.parametrize("number", range(9))
def test_packets_written_down_survive_being_moved_at_every_window(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "MOST_EXEMPLARS", 0)
    one = network(number)
    planes = (
        ReferencePlane(one.table, CLASSES, 300 * MS, 100 * MS, number, 0),
        HybridPlane(one.table, CLASSES, 300 * MS, 100 * MS, number, 0, window_ns=50 * MS),
    )
    assert not differences(*(records_of(plane, one) for plane in planes))


def test_short_consultations_one_after_another_keep_little() -> None:
    """20 legs of 12 s of video over six hops that vary: few bytes a leg, and no packet of a leg that ended."""
    hops, lasts_ns, count = 6, 12 * SECOND_NS, 20
    vary = [Exponential(mean_ms=1)] * hops
    table = interfaces([10**9] * hops, propagation_ns=[2 * MS] * hops, variation=vary)
    plane = HybridPlane(table, ("data",), 300 * SECOND_NS, 300 * SECOND_NS, 1, 0)
    playout = Playout(jitter_buffer_ms=60, frame_period_ns=33 * MS, repair="nack")
    source = trace((np.arange(360) * 33 * MS).tolist(), 1_200)
    for flow in range(count):
        now = flow * lasts_ns
        plane.advance(now)
        tree = Tree.path(tuple(range(hops)))
        until_ns = now + lasts_ns
        plane.open(stream(flow, source, tree, stop_ns=until_ns, playout=playout, start_ns=now))
    plane.advance(count * lasts_ns + 10 * SECOND_NS)
    streams = plane.finish().streams
    assert list(streams) == list(range(count))
    legs = [leg for flow in streams for leg in streams[flow]]
    assert {leg.delivered_packets for leg in legs} == {360}
    assert sum(len(leg.buckets) for leg in legs) > 50 * count
    assert streams.kept_bytes() < SHORT_BYTES * count  # type: ignore[attr-defined]
    assert streams[7] == streams[7]
    assert streams[7] is not streams[7]


def test_what_legs_wrote_down_that_ended_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """The array holds at most twice what was named at once; legs that ended name nothing."""
    monkeypatch.setattr(collecting, "MOST_EXEMPLARS", 1_000)
    vary = [Exponential(mean_ms=1)]
    table = interfaces([10**9], propagation_ns=[2 * MS], variation=vary)
    source = trace((np.arange(1_500) * 10 * MS).tolist(), 1_200)
    used: list[int] = []
    for others in (0, 30):
        plane = HybridPlane(table, ("data",), 300 * SECOND_NS, 300 * SECOND_NS, 1, 0)
        plane.open(stream(others, source, (0,)))
        for flow in range(others):
            plane.open(stream(flow, source, (0,), stop_ns=5 * SECOND_NS))
        plane.advance(20 * SECOND_NS)
        plane._collector._move_exemplars()
        used.append(int(plane._tables.arrays["cursors"][layout.EXEMPLARS_USED]))
    assert 0 < used[1] < 2 * used[0]


def test_what_is_written_down_does_not_grow_with_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty legs, one after another: what the earlier ones wrote down is gone."""
    monkeypatch.setattr(collecting, "MOST_EXEMPLARS", 1_000)
    vary = [Exponential(mean_ms=1)]
    table = interfaces([10**9], propagation_ns=[2 * MS], variation=vary)
    source = trace((np.arange(100) * 10 * MS).tolist(), 1_200)
    plane = HybridPlane(table, ("data",), 300 * SECOND_NS, 300 * SECOND_NS, 1, 0)
    for flow in range(30):
        now = 2 * flow * SECOND_NS
        plane.advance(now)
        plane.open(stream(flow, source, (0,), start_ns=now, stop_ns=now + SECOND_NS))
        assert plane._tables.arrays["cursors"][layout.EXEMPLARS_USED] < 3_000


def test_a_transfer_comes_back_with_its_lines_that_cost_nothing() -> None:
    marks = [Mark(3, 700, Split({5: [1, 2, 0, 0, 9], 2: [0] * 5}, [4, 0, 0, 1]))]
    leg = b""
    kept = KeptTransfers(5)
    plane = HybridPlane(interfaces([10**9]), ("data",), SECOND_NS, SECOND_NS, 1, 0)
    plane.open(stream(0, trace([5], 100), (0,)))
    plane.advance(SECOND_NS)
    plane.finish()
    leg = plane._streams.records._kept[0][0]
    for flow, running in ((8, None), (4, Split({1: [0, 0, 7, 0, 0]}))):
        kept.keep(flow, (leg, leg), (10, -1, 3, 2, 1, 999), marks, running)
        record = kept[flow]
        assert (record.start_ns, record.end_ns, record.segments_sent) == (10, -1, 3)
        assert (record.segments_retransmitted, record.timeouts) == (2, 1)
        assert (record.delivered_bytes, record.marks) == (999, marks)
        assert record.running_split == running
        assert record.legs[0].delivered_packets == record.legs[1].delivered_packets == 1
    assert list(kept) == [8, 4]
