"""Front-end processors: volumes, slots, what the window finds, what still waits at its end."""

import math
import statistics
from dataclasses import replace

import pytest

from control.control_plans import (
    FLAT,
    HOUR,
    MIX,
    PROBE,
    PROTOCOL,
    RATE_BPS,
    TCP,
    UPLOAD_CLASS,
    NominalPlane,
    S,
    Star,
    arrivals,
)
from telemedsim.control.world import simulate
from telemedsim.network.work import FrontEndProcessor, UploadWork
from telemedsim.records.sessions import ControlRecords

Z_99 = 2.576


def upload(
    star: Star, site: str = "s0", per_hour: float = 20.0, slots: int = 2, disk_bytes: int = 10**13
) -> UploadWork:
    return UploadWork(
        scenario="upload",
        service="pacs.upload",
        class_index=UPLOAD_CLASS,
        probe=PROBE,
        processor_at=star.place(site),
        archive_at=star.place("centre"),
        arrivals=arrivals(per_hour),
        mix=MIX,
        processor=FrontEndProcessor(slots, 1_200_000_000, disk_bytes),
        protocol=PROTOCOL,
        tcp=TCP,
        lookback_ns=2 * HOUR,
    )


def test_a_day_carries_its_share_of_the_annual_volume() -> None:
    star, annual_tb = Star(1), 8.0
    per_day = MIX.studies_per_day(annual_tb, FLAT.weekday_equivalents(365))
    sent = []
    for seed in range(12):
        # A study at once: the volume does not depend on the protocol, and it is quicker.
        streamed = PROTOCOL.model_copy(update={"kind": "streamed"})
        work = replace(upload(star, per_hour=per_day / 24), protocol=streamed)
        control, _ = simulate(star.plan([work], 24 * HOUR, seed=seed), NominalPlane())
        offered = [leg for leg in control.legs if leg.role == "upload" and leg.joined_ns >= 0]
        sent.append(sum(leg.measures[0].object_bytes for leg in offered))
    half_width = 3.106 * statistics.stdev(sent) / math.sqrt(len(sent))  # t, 99 %, 11 degrees
    assert half_width < 0.1 * annual_tb * 1e12 / 365
    assert abs(statistics.mean(sent) - annual_tb * 1e12 / 365) < half_width


def test_never_more_studies_at_once_than_associations() -> None:
    star = Star(1)
    plane = NominalPlane()
    control, _ = simulate(star.plan([upload(star, per_hour=60, slots=3)], 2 * HOUR), plane)
    ended = {session.session: session.ended_ns for session in control.sessions}
    changes: list[tuple[int, int]] = []
    for leg in control.legs:
        if leg.role == "upload" and leg.flow >= 0:
            changes.append((plane.opened_ns[leg.flow], 1))
            if ended[leg.session] >= 0:
                changes.append((ended[leg.session], -1))
    busy, most = 0, 0
    for _, change in sorted(changes):
        busy += change
        most = max(most, busy)
    assert most == 3


def test_lag_counts_from_the_arrival_and_waiting_is_named() -> None:
    star = Star(1)
    plane = NominalPlane()
    control, _ = simulate(star.plan([upload(star, per_hour=60, slots=1)], HOUR), plane)
    waited = 0
    for leg in control.legs:
        if leg.role != "upload":
            continue
        (measure,) = leg.measures
        session = control.sessions[leg.session]
        assert measure.name == "lag"
        assert measure.origin_ns == session.started_ns == leg.joined_ns
        if leg.flow >= 0:
            transfer = plane.transfers[leg.flow]
            assert measure.waiting_ns == transfer.start_ns - measure.origin_ns
            assert transfer.steps[measure.step].report
            assert transfer.steps[measure.step].sender == 0
            waited += measure.waiting_ns > S
    assert waited > 0


def test_studies_still_waiting_at_the_end_are_recorded_with_their_age() -> None:
    star = Star(1)
    plan = star.plan([upload(star, per_hour=400, slots=1)], HOUR)
    control, _ = simulate(plan, NominalPlane())
    waiting = [leg for leg in control.legs if leg.flow == -1]
    assert waiting
    for leg in waiting:
        assert control.sessions[leg.session].outcome == "running"
        assert leg.measures[0].waiting_ns == plan.duration_ns - leg.measures[0].origin_ns
    uploads = [leg for leg in control.legs if leg.role == "upload"]
    assert len(uploads) == len(control.sessions)


def test_window_opens_with_the_backlog_and_no_handshake_of_what_is_under_way() -> None:
    star = Star(1)
    work = upload(star, per_hour=400, slots=2)
    plane = NominalPlane()
    control, _ = simulate(star.plan([work], 60 * S), plane)
    before = [session for session in control.sessions if session.in_progress]
    offered_before = work.arrivals.expected(-work.lookback_ns, 0)
    drained = work.lookback_ns / S * RATE_BPS / 8 / MIX.mean_study_bytes
    # The overload's backlog: Poisson arrivals less what the line can drain at most.
    assert len(before) > offered_before - Z_99 * math.sqrt(offered_before) - drained
    connected = [transfer for transfer in plane.transfers.values() if transfer.connected]
    assert len(connected) == 2
    for transfer in connected:
        assert transfer.steps[0].size_bytes > PROTOCOL.request_bytes
        assert transfer.steps[0].sender == 0


def test_a_light_load_leaves_next_to_nothing() -> None:
    star = Star(1)
    found = 0
    for seed in range(20):
        control, _ = simulate(
            star.plan([upload(star, per_hour=2, slots=4)], S, seed=seed), NominalPlane()
        )
        found += sum(session.in_progress for session in control.sessions)
    # Little's law with no waiting: 2 an hour, each alone for its own time.
    study_s = MIX.mean_study_bytes * 8 / RATE_BPS
    images = sum(m.share * m.mean_objects for m in MIX.modalities)
    alone_s = study_s + images * (PROTOCOL.archive_ns + 10_000_000) / S
    load = 20 * 2 * alone_s / 3600
    assert found <= load + Z_99 * math.sqrt(load) + 1


@pytest.mark.parametrize("kind", ["c_store", "streamed"])
def test_compression_and_protocol_shape_the_messages(kind: str) -> None:
    star = Star(1)
    protocol = PROTOCOL.model_copy(update={"kind": kind})
    work = replace(upload(star), protocol=protocol)
    plane = NominalPlane()
    simulate(star.plan([work], HOUR), plane)
    fresh = [transfer for transfer in plane.transfers.values() if not transfer.connected]
    assert fresh
    for transfer in fresh:
        assert transfer.steps[0].delay_ns > 0
        assert transfer.steps[-1].report
        senders = [step.sender for step in transfer.steps]
        assert senders == [0, 1] * (len(senders) // 2)
        assert (len(senders) == 2) == (kind == "streamed")


def test_transfers_are_judged_by_the_probe_of_their_path_and_class() -> None:
    star = Star(2)
    works = [upload(star, "s0"), upload(star, "s1")]
    control, _ = simulate(star.plan(works, HOUR), NominalPlane())
    legs = {leg.leg: leg for leg in control.legs}
    probes = [leg for leg in control.legs if leg.kind == "probe"]
    assert len(probes) == 2
    for leg in control.legs:
        if leg.role == "upload":
            probe = legs[leg.probe_leg]
            assert (probe.path, probe.class_index) == (leg.path, leg.class_index)


def test_work_without_a_bound_on_loss_sends_no_probe() -> None:
    star = Star(1)
    control, _ = simulate(star.plan([replace(upload(star), probe=None)], HOUR), NominalPlane())
    assert {leg.kind for leg in control.legs} == {"transfer"}
    assert {leg.probe_leg for leg in control.legs} == {-1}


def at_modality(disk_bytes: int) -> tuple[ControlRecords, list[int]]:
    """Return what was recorded with a disk of that size, and how long each study waited to begin."""
    star, plane = Star(1), NominalPlane()
    work = upload(star, per_hour=60, slots=2, disk_bytes=disk_bytes)
    control, _ = simulate(star.plan([work], 2 * HOUR), plane)
    waited = [
        plane.opened_ns[leg.flow] - leg.joined_ns
        for leg in control.legs
        if leg.role == "upload" and leg.flow >= 0 and leg.joined_ns >= 0
    ]
    return control, waited


def test_a_full_disk_keeps_studies_at_the_modality_and_their_lag_counts() -> None:
    (_, roomy), (full, narrow) = at_modality(10**13), at_modality(100_000_000)
    (disk,) = full.resources
    assert disk.resource == "front-end processor disk"
    assert disk.waited > 0
    # A CT study takes all of it, so it is full at some time and never more than that.
    assert disk.peak == disk.capacity
    assert statistics.mean(narrow) > statistics.mean(roomy)
    offered = [leg for leg in full.legs if leg.role == "upload" and leg.joined_ns >= 0]
    assert all(leg.measures[0].origin_ns == leg.joined_ns for leg in offered)


def test_a_disk_that_never_fills_changes_nothing() -> None:
    (large, first), (larger, second) = at_modality(10**13), at_modality(10**14)
    assert first == second
    assert [one.waited for one in (*large.resources, *larger.resources)] == [0, 0]
    # What lies there at once is a part of all that came.
    raw = sum(leg.measures[0].object_bytes for leg in large.legs if leg.role == "upload") * 3
    assert 0 < large.resources[0].peak <= raw
