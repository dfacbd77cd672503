"""Licences of a reading platform: blocked by Erlang's formula, shared by sites, held before the window."""

import math
import statistics
from dataclasses import replace

import pytest

from control.control_plans import HOUR, NominalPlane, S, Star
from control.test_consultation import erlang_b
from control.test_image_reading import reading
from telemedsim.control.world import simulate
from telemedsim.dataplane.null import NullPlane
from telemedsim.network.work import Licences, ReadingTime, ReadingWork
from telemedsim.records.sessions import ControlRecords, SessionRecord

MINUTE = 60 * S
SIGMA = 0.5
MEDIAN_NS = 8.0 * MINUTE
MEAN_H = 8 / 60 * math.exp(0.5 * SIGMA**2)
POOL = "licences of desktops at centre"
T_99_OF_7 = 3.499
"""Student's t, two-sided 99 %, 7 degrees of freedom."""
Z_99 = 2.576


def desktops(star: Star, count: int, sites: int, per_hour: float = 0.6) -> list[ReadingWork]:
    """Return sites of ten terminals that share licences; fetches are short beside the reading."""
    time = ReadingTime(MEDIAN_NS, SIGMA)
    licences = Licences(POOL, count, {"CR": time, "CT": time})
    works = []
    for site in range(sites):
        work = reading(star, per_hour=per_hour, whole=False)
        at, own = star.place(f"s{site}.campus"), star.place(f"s{site}")
        work = replace(work, terminals_at=at, cache_at=own, first_image_bytes=1000)
        works.append(replace(work, server_ns=0, lookback_ns=3 * HOUR, licences=licences))
    return works


def fresh(control: ControlRecords) -> list[SessionRecord]:
    return [session for session in control.sessions if session.started_ns >= 0]


@pytest.mark.oracle
def test_refusals_are_erlang_b_over_all_sites_together() -> None:
    """Erlang 1917: the two sites' readers share one pool; any law of the holding time."""
    star, shares = Star(2), []
    works = desktops(star, count=3, sites=2)
    for seed in range(8):
        control, _ = simulate(star.plan(works, 80 * HOUR, seed=seed), NominalPlane())
        blocked = [one for one in fresh(control) if one.outcome == "blocked"]
        assert {one.blocked_by for one in blocked} == {POOL}
        shares.append(len(blocked) / len(fresh(control)))
    theory = erlang_b(2 * 10 * 0.6 * MEAN_H, 3)
    margin = T_99_OF_7 * statistics.stdev(shares) / math.sqrt(len(shares))
    print(f"refused licences: {theory:.4f}, {statistics.mean(shares):.4f} ± {margin:.4f}")
    assert abs(statistics.mean(shares) - theory) < margin


def test_the_window_opens_with_licences_taken() -> None:
    """From the first minute on as many are refused as later: readers of before still hold theirs."""
    star = Star(2)
    works = desktops(star, count=3, sites=2, per_hour=6.0)
    blocked = offered = 0
    for seed in range(40):
        control, _ = simulate(star.plan(works, 2 * MINUTE, seed=seed), NominalPlane())
        offered += len(fresh(control))
        blocked += sum(one.outcome == "blocked" for one in fresh(control))
    theory = erlang_b(2 * 10 * 6.0 * MEAN_H, 3)
    assert abs(blocked / offered - theory) < Z_99 * math.sqrt(theory * (1 - theory) / offered)


def test_enough_licences_refuse_nobody_and_change_nothing() -> None:
    star = Star(1)
    licensed = desktops(star, count=10_000, sites=1)
    free = [replace(work, licences=None) for work in licensed]
    found = [
        [(one.started_ns, one.outcome) for one in fresh(control)]
        for control, _ in (
            simulate(star.plan(works, 20 * HOUR), NominalPlane()) for works in (licensed, free)
        )
    ]
    ended = [[outcome for _, outcome in rows] for rows in found]
    assert "blocked" not in ended[0]
    assert [start for start, _ in found[0]] == [start for start, _ in found[1]]


def test_who_gives_up_gives_his_licence_back_at_once() -> None:
    """No fetch ends in a nanosecond, so that all of them give up and hold a licence for no time."""
    star = Star(1)
    (work,) = desktops(star, count=1, sites=1, per_hour=6.0)
    plan = star.plan([replace(work, patience_ns=1)], 20 * HOUR)
    plane = NullPlane(plan.interfaces, plan.classes, HOUR, HOUR, plan.seed, plan.replication)
    control, _ = simulate(plan, plane)
    assert {one.outcome for one in fresh(control)} == {"abandoned"}
