"""Copies to a survivor: lags against closed forms, commits, order, and the loss of a primary."""

from dataclasses import replace
from typing import Any, Literal

import pytest
from scipy import stats

from control.control_plans import (
    HOUR,
    MIX,
    PROPAGATION_NS,
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
from telemedsim.dataplane.base import Step
from telemedsim.network.work import RecoveryWork, ReplicationWork, Work
from telemedsim.records.sessions import ControlRecords, LegUse

STREAMED = PROTOCOL.model_copy(update={"kind": "streamed"})
PERIOD = 600 * S
DOWN = (60 * S, 120 * S, 300 * S)
LOST_AT = HOUR
ROUNDING_NS = 3
"""A decision acts 1 ns later, and the plane rounds each step."""


class CuttingPlane(NominalPlane):
    """The nominal plane, on which a transfer may be cut off."""

    def close(self, flow: int) -> None:
        self._reports = sorted(report for report in self._reports if report[1] != flow)


def replication(
    star: Star,
    mode: Literal["synchronous", "asynchronous", "periodic"],
    primary: str = "s0",
    survivor: str = "centre",
    per_hour: float = 20.0,
    **others: Any,
) -> ReplicationWork:
    work = ReplicationWork(
        scenario=f"copy-{survivor}",
        service="storage.dr_replication",
        class_index=UPLOAD_CLASS,
        probe=None,
        primary_at=star.place(primary),
        survivor_at=star.place(survivor),
        mode=mode,
        period_ns=PERIOD if mode == "periodic" else 0,
        first_period_ns=0,
        connections=1,
        arrivals=arrivals(per_hour),
        mix=MIX,
        protocol=STREAMED,
        tcp=TCP,
        lookback_ns=2 * HOUR,
        recovery=None,
    )
    return replace(work, **others)


def recovery(star: Star, users: str = "s1") -> RecoveryWork:
    return RecoveryWork(
        scenario="copy-centre",
        service="storage.dr_recovery",
        class_index=UPLOAD_CLASS,
        probe=None,
        at_ns=LOST_AT,
        detection_ns=DOWN[0],
        switch_over_ns=DOWN[1],
        restart_ns=DOWN[2],
        users_at=star.place(users),
        working_set_bytes=10**9,
        request_bytes=600,
        server_ns=0,
    )


def run(
    star: Star, duration_ns: int, *works: Work, seed: int = 1
) -> tuple[ControlRecords, NominalPlane]:
    plane = CuttingPlane()
    control, _ = simulate(star.plan(works, duration_ns, seed=seed), plane)
    return control, plane


def copies(control: ControlRecords) -> list[LegUse]:
    """Return the legs of copies that began in the window."""
    return [leg for leg in control.legs if leg.role == "replication" and leg.joined_ns >= 0]


def step_ns(step: Step, hops: int) -> int:
    return step.delay_ns + step.size_bytes * 8 * S // RATE_BPS + PROPAGATION_NS * hops


def lag_ns(leg: LegUse, plane: NominalPlane, hops: int = 1) -> int:
    """Return from writing to the last byte at the survivor, as the plane delivers it."""
    opened_ns = plane.opened_ns[leg.flow]
    return opened_ns + step_ns(plane.transfers[leg.flow].steps[0], hops) - leg.joined_ns


def test_alone_on_the_line_a_copy_lags_by_its_transfer() -> None:
    star = Star(1)
    work = replication(star, "asynchronous", per_hour=3.0, connections=50)
    control, plane = run(star, 10 * HOUR, work)
    found = copies(control)
    assert len(found) > 10
    for leg in found:
        own_ns = step_ns(plane.transfers[leg.flow].steps[0], hops=1)
        assert abs(lag_ns(leg, plane) - own_ns) <= ROUNDING_NS
        assert leg.measures[0].waiting_ns <= ROUNDING_NS


def test_copied_by_periods_the_wait_is_uniform() -> None:
    """Poisson arrivals see the period uniformly, so that lag less transfer is uniform on [0, period]:
    the recovery point is at most the period and the transfer."""
    star = Star(1)
    work = replication(star, "periodic", per_hour=60.0, connections=1000)
    control, plane = run(star, 12 * HOUR, work)
    waits = [
        leg.measures[0].waiting_ns / PERIOD
        for leg in copies(control)
        if leg.flow >= 0 and leg.joined_ns < 11 * HOUR
    ]
    assert len(waits) > 500
    assert 0 <= min(waits) <= max(waits) <= 1 + ROUNDING_NS / PERIOD
    assert stats.kstest(waits, "uniform").pvalue > 0.01
    for leg in copies(control):
        if leg.flow >= 0:
            own_ns = step_ns(plane.transfers[leg.flow].steps[0], hops=1)
            assert own_ns <= lag_ns(leg, plane) <= PERIOD + own_ns + ROUNDING_NS
    opened = {plane.opened_ns[leg.flow] % PERIOD for leg in copies(control) if leg.flow >= 0}
    assert opened == {0}


def test_a_synchronous_commit_over_a_longer_way_takes_exactly_the_round_trips_more() -> None:
    star, took = Star(2), []
    for survivor in ("centre", "s1"):
        work = replication(star, "synchronous", survivor=survivor, per_hour=3.0, connections=50)
        # The same scenario, so that the survivor's own times are the same.
        control, _ = run(star, 10 * HOUR, replace(work, scenario="copy"))
        ended = {one.session: one.ended_ns for one in control.sessions}
        took.append([ended[leg.session] - leg.joined_ns for leg in copies(control)])
    near, far = took
    assert len(near) > 10
    # One hop more each way, one exchange a study.
    assert [b - a for a, b in zip(near, far, strict=True)] == [2 * PROPAGATION_NS] * len(near)


def test_one_connection_keeps_the_order_of_writing() -> None:
    star = Star(1)
    control, plane = run(star, 4 * HOUR, replication(star, "asynchronous", per_hour=60.0))
    sent = [(leg.joined_ns, plane.opened_ns[leg.flow]) for leg in copies(control) if leg.flow >= 0]
    assert any(opened > written + S for written, opened in sent), "some waited"
    assert [opened for _, opened in sorted(sent)] == sorted(opened for _, opened in sent)


def test_two_pairs_of_a_primary_copy_the_same_studies_and_disturb_no_draw() -> None:
    star = Star(3)
    first = replication(star, "asynchronous", connections=50)
    alone, _ = run(star, 2 * HOUR, first)
    other = replication(star, "asynchronous", survivor="s1", connections=50)
    elsewhere = replication(star, "periodic", primary="s2", survivor="s1")
    control, _ = run(star, 2 * HOUR, first, other, elsewhere)

    def studies(control: ControlRecords, peer: str) -> list[tuple[int, int]]:
        mine = [leg for leg in copies(control) if (leg.site, leg.peer) == ("s0", peer)]
        return [(leg.joined_ns, leg.measures[0].object_bytes) for leg in mine]

    assert studies(control, "centre") == studies(alone, "centre")
    assert studies(control, "centre") == studies(control, "s1")


@pytest.mark.parametrize("mode", ["asynchronous", "periodic"])
def test_what_the_survivor_lacks_is_lost_with_the_primary(
    mode: Literal["asynchronous", "periodic"],
) -> None:
    star = Star(2)
    work = replication(star, mode, per_hour=300.0)
    control, plane = run(star, 2 * HOUR, replace(work, recovery=recovery(star)))
    sessions = {one.session: one for one in control.sessions}
    written = [leg for leg in copies(control) if leg.joined_ns < LOST_AT]
    assert written == copies(control), "nothing is written after the loss"
    lost = [leg for leg in written if sessions[leg.session].outcome == "lost"]
    assert lost
    for leg in written:
        session = sessions[leg.session]
        if leg in lost:
            assert session.ended_ns == LOST_AT
            assert leg.flow < 0 or lag_ns(leg, plane) + leg.joined_ns > LOST_AT - S
        else:
            assert session.outcome == "completed"
            assert session.ended_ns <= LOST_AT
    unsent = [leg for leg in lost if leg.flow < 0]
    assert all(leg.measures[0].waiting_ns == LOST_AT - leg.joined_ns for leg in unsent)


def test_the_service_is_back_when_the_working_set_is_there() -> None:
    star = Star(2)
    work = replication(star, "asynchronous")
    control, plane = run(star, 2 * HOUR, replace(work, recovery=recovery(star)))
    (leg,) = (leg for leg in control.legs if leg.role == "recovery")
    (measure,) = leg.measures
    assert (measure.name, measure.origin_ns, leg.site) == ("recovery", LOST_AT, "s1")
    assert measure.stages == tuple(zip(("detection", "switch_over", "restart"), DOWN, strict=True))
    assert plane.opened_ns[leg.flow] == LOST_AT + sum(DOWN)
    session = control.sessions[leg.session]
    steps = plane.transfers[leg.flow].steps
    took_ns = sum(DOWN) + sum(step_ns(step, hops=1) for step in steps)
    assert session.service == "storage.dr_recovery"
    assert abs(session.ended_ns - LOST_AT - took_ns) <= ROUNDING_NS


def test_a_recovery_that_the_window_does_not_see_the_end_of_is_recorded() -> None:
    star = Star(2)
    work = replication(star, "asynchronous")
    control, _ = run(star, LOST_AT + 100 * S, replace(work, recovery=recovery(star)))
    (leg,) = (leg for leg in control.legs if leg.role == "recovery")
    assert leg.flow < 0
    assert leg.measures[0].waiting_ns == 100 * S
