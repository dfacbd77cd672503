"""Reading: how many reads, where from, and what a response and a whole study are."""

import math
from dataclasses import replace

from control.control_plans import (
    HOUR,
    MIX,
    PROBE,
    READING_CLASS,
    TCP,
    NominalPlane,
    S,
    Star,
    arrivals,
)
from telemedsim.control.world import simulate
from telemedsim.network.work import ReadingWork
from telemedsim.records.sessions import ControlRecords, LegUse

Z_99 = 2.576
FIRST_BYTES = 5_000_000


def reading(
    star: Star,
    source: str = "centre",
    cached: float = 0.0,
    terminals: int = 10,
    per_hour: float = 6.0,
    whole: bool = True,
) -> ReadingWork:
    return ReadingWork(
        scenario="reading",
        service="reading.in_hospital",
        class_index=READING_CLASS,
        probe=PROBE,
        terminals_at=star.place("s0.campus"),
        source_at=star.place(source),
        cache_at=star.place("s0"),
        cached_share=cached,
        terminals=terminals,
        arrivals=arrivals(per_hour),
        mix=MIX,
        whole_study=whole,
        first_image_bytes=FIRST_BYTES,
        request_bytes=600,
        server_ns=100_000_000,
        rendering_ns=80_000_000,
        tcp=TCP,
        lookback_ns=900 * S,
    )


def reads(control: ControlRecords) -> list[LegUse]:
    return [leg for leg in control.legs if leg.role == "reader"]


def test_reads_follow_terminals_and_rate() -> None:
    star = Star(1)
    control, _ = simulate(star.plan([reading(star)], 8 * HOUR), NominalPlane())
    fresh = [session for session in control.sessions if not session.in_progress]
    expected = 10 * 6.0 * 8
    assert abs(len(fresh) - expected) < Z_99 * math.sqrt(expected)


def test_prefetched_reads_stay_inside_the_hospital() -> None:
    star = Star(1)
    control, _ = simulate(star.plan([reading(star, cached=0.8)], 20 * HOUR), NominalPlane())
    legs = reads(control)
    inside = [leg for leg in legs if leg.peer == "s0"]
    assert all(len(leg.path) == 1 for leg in inside)
    assert all(len(leg.path) == 2 for leg in legs if leg.peer == "centre")
    deviation = math.sqrt(0.8 * 0.2 / len(legs))
    assert abs(len(inside) / len(legs) - 0.8) < Z_99 * deviation
    probes = {leg.leg: leg.path for leg in control.legs if leg.kind == "probe"}
    assert all(probes[leg.probe_leg] == leg.path for leg in legs)


def test_response_is_the_first_image_and_the_study_all_of_it() -> None:
    star = Star(1)
    plane = NominalPlane()
    control, _ = simulate(star.plan([reading(star)], 2 * HOUR), plane)
    longer = 0
    for leg in reads(control):
        if leg.joined_ns < 0:
            continue
        transfer = plane.transfers[leg.flow]
        response, study = leg.measures
        assert (response.name, study.name) == ("response", "study")
        assert response.object_bytes == FIRST_BYTES
        assert response.server_after_ns == 80_000_000
        assert transfer.steps[0].sender == 0
        assert transfer.steps[0].size_bytes == 600
        assert transfer.steps[response.step].size_bytes == FIRST_BYTES
        assert transfer.steps[response.step].sender == leg.flow_leg == 1
        data = sum(step.size_bytes for step in transfer.steps if step.sender == 1)
        assert data == study.object_bytes
        longer += study.object_bytes > FIRST_BYTES
    assert longer > 0


def test_first_image_alone() -> None:
    star = Star(1)
    plane = NominalPlane()
    control, _ = simulate(star.plan([reading(star, whole=False)], HOUR), plane)
    for leg in reads(control):
        assert [measure.name for measure in leg.measures] == ["response"]
        if leg.joined_ns >= 0:
            assert [step.sender for step in plane.transfers[leg.flow].steps] == [0, 1]


def test_fetches_under_way_have_no_handshake_and_less_to_send() -> None:
    star = Star(1)
    found = 0
    for seed in range(10):
        plane = NominalPlane()
        work = reading(star, terminals=20)
        control, _ = simulate(star.plan([work], S, seed=seed), plane)
        for leg in reads(control):
            transfer = plane.transfers[leg.flow]
            assert transfer.connected == (leg.joined_ns < 0)
            if transfer.connected:
                found += 1
                study = leg.measures[-1]
                data = sum(step.size_bytes for step in transfer.steps if step.sender == 1)
                assert transfer.steps[0].sender == 1
                assert transfer.steps[-1].report
                assert data <= study.object_bytes
                assert study.waiting_ns == transfer.start_ns - leg.joined_ns
    assert found > 0


def test_a_cache_behind_no_link_is_read_without_traffic() -> None:
    star = Star(1)
    work = reading(star, cached=1.0)
    work = type(work)(**{**vars(work), "cache_at": work.terminals_at})
    plane = NominalPlane()
    control, _ = simulate(star.plan([work], HOUR), plane)
    assert control.sessions
    assert not reads(control)
    assert not plane.transfers
    assert {session.outcome for session in control.sessions} == {"completed"}


class ClosingPlane(NominalPlane):
    """Remembers what was closed, and when."""

    def __init__(self) -> None:
        super().__init__()
        self.closed: dict[int, int] = {}

    def close(self, flow: int) -> None:
        self.closed[flow] = self._now_ns


def test_who_waits_longer_than_patience_gives_up_and_the_transfer_ends() -> None:
    star, plane, patience_ns = Star(1), ClosingPlane(), 30 * S
    work = replace(reading(star), patience_ns=patience_ns)
    control, _ = simulate(star.plan([work], 4 * HOUR), plane)
    waits = {
        leg.session: control.sessions[leg.session].ended_ns - leg.joined_ns
        for leg in reads(control)
        if control.sessions[leg.session].outcome != "running"
    }
    gave_up = {one.session for one in control.sessions if one.outcome == "abandoned"}
    # A study of CT takes a minute at the star's rate, a radiograph a few seconds.
    assert 0 < len(gave_up) < len(waits)
    assert all((waits[session] == patience_ns) == (session in gave_up) for session in waits)
    flows = {leg.session: leg.flow for leg in reads(control)}
    assert set(plane.closed) == {flows[session] for session in gave_up}


def test_endless_patience_changes_nothing() -> None:
    star = Star(1)
    plain, _ = simulate(star.plan([reading(star)], 2 * HOUR), NominalPlane())
    patient = replace(reading(star), patience_ns=1000 * HOUR)
    waiting, _ = simulate(star.plan([patient], 2 * HOUR), NominalPlane())
    assert waiting.sessions == plain.sessions
