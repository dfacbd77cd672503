"""Copies for disaster recovery: when they begin, how many at once, what still waits at the end."""

import itertools
from dataclasses import replace

import pytest
from scipy import stats

from control.control_plans import (
    HOUR,
    MIX,
    PROTOCOL,
    TCP,
    UPLOAD_CLASS,
    NominalPlane,
    S,
    Star,
    arrivals,
)
from telemedsim.control.world import simulate
from telemedsim.network.work import ReplicationWork
from telemedsim.parts.traffic.studies import Modality, StudyMix

MINUTE = 60 * S
SMALL = StudyMix(
    modalities=(
        Modality(
            name="CR",
            share=1.0,
            objects_median=1,
            sigma=0.01,
            object_raw_bytes=300_000,
            lossless_ratio=3.0,
        ),
    )
)
"""Studies of 100 kB: 40 ms on the star's lines, next to nothing beside a period."""


def replication(star: Star, per_hour: float = 20.0, period_ns: int = 0) -> ReplicationWork:
    return ReplicationWork(
        scenario="backup",
        service="storage.dr_replication",
        class_index=UPLOAD_CLASS,
        probe=None,
        primary_at=star.place("s0"),
        survivor_at=star.place("centre"),
        arrivals=arrivals(per_hour),
        mix=SMALL,
        connections=1 if period_ns else 4,
        period_ns=period_ns,
        since_copy_ns=0,
        protocol=PROTOCOL.model_copy(update={"kind": "streamed"}),
        tcp=TCP,
        lookback_ns=2 * HOUR,
    )


def waits_s(work: ReplicationWork, star: Star, duration_ns: int) -> list[float]:
    """Return how long the studies of a window waited until they were sent."""
    control, _ = simulate(star.plan([work], duration_ns), NominalPlane())
    fresh = [leg for leg in control.legs if leg.flow >= 0 and leg.joined_ns >= 0]
    return [leg.measures[0].waiting_ns / S for leg in fresh]


def test_an_asynchronous_copy_begins_when_the_study_is_stored() -> None:
    star = Star(1)
    found = waits_s(replication(star, per_hour=2), star, 24 * HOUR)
    assert len(found) > 20
    assert max(found) <= 2e-9


@pytest.mark.parametrize("since_min", [0, 7])
def test_the_wait_for_a_periodic_copy_is_uniform_over_the_period(since_min: int) -> None:
    """Poisson arrivals see the time to the next copy as it is over time: uniform (PASTA)."""
    star, period_s = Star(1), 600.0
    work = replication(star, period_ns=10 * MINUTE)
    work = replace(work, since_copy_ns=since_min * MINUTE)
    found = waits_s(work, star, 48 * HOUR)
    # Behind a few others of the same copy, each some 0.1 s with its acknowledgement.
    assert min(found) >= 0
    assert max(found) < period_s + 2
    assert stats.kstest(found, stats.uniform(0, period_s).cdf).pvalue > 0.01


def test_a_periodic_copy_is_due_at_the_times_of_day_and_one_after_another() -> None:
    star, plane = Star(1), NominalPlane()
    work = replace(replication(star, period_ns=10 * MINUTE), since_copy_ns=4 * MINUTE)
    control, _ = simulate(star.plan([work], 3 * HOUR), plane)
    first_of_copy = {}
    for leg in control.legs:
        if leg.flow >= 0:
            opened_ns = plane.opened_ns[leg.flow]
            first_of_copy.setdefault((opened_ns + 4 * MINUTE) // (10 * MINUTE), opened_ns)
    assert len(first_of_copy) > 10
    assert all((opened + 4 * MINUTE) % (10 * MINUTE) == 0 for opened in first_of_copy.values())
    busy = sorted(
        (plane.opened_ns[leg.flow], control.sessions[leg.session].ended_ns)
        for leg in control.legs
        if leg.flow >= 0 and control.sessions[leg.session].ended_ns >= 0
    )
    assert all(ended <= begun for (_, ended), (begun, _) in itertools.pairwise(busy))


def test_a_line_that_is_too_slow_leaves_data_at_the_primary_with_its_age() -> None:
    star = Star(1)
    plan = star.plan([replace(replication(star, per_hour=400), mix=MIX, connections=1)], HOUR)
    control, _ = simulate(plan, NominalPlane())
    waiting = [leg for leg in control.legs if leg.flow == -1]
    assert waiting
    for leg in waiting:
        (measure,) = leg.measures
        assert measure.name == "lag"
        assert measure.origin_ns == leg.joined_ns
        assert measure.waiting_ns == plan.duration_ns - leg.joined_ns
    assert len(control.legs) == len(control.sessions)


def test_another_site_changes_no_draw() -> None:
    alone, beside = Star(1), Star(2)
    other = replace(replication(beside), primary_at=beside.place("s1"))
    one, _ = simulate(alone.plan([replication(alone)], HOUR), NominalPlane())
    both, _ = simulate(beside.plan([other, replication(beside)], HOUR), NominalPlane())
    stored = [[leg.joined_ns for leg in run.legs if leg.site == "s0"] for run in (one, both)]
    assert stored[0]
    assert stored[0] == stored[1]
