"""Online consultations: the queue for doctors, who gives up, and what the three phases send."""

import math
import statistics
from dataclasses import replace

import pytest

from control.control_plans import (
    HOUR,
    READING_CLASS,
    TCP,
    VIDEO,
    VIDEO_CLASS,
    NominalPlane,
    S,
    Star,
    arrivals,
)
from control.test_consultation import erlang_b
from control.test_sound_legs import SOUND
from telemedsim.control.replication import Replication
from telemedsim.control.world import simulate
from telemedsim.network.work import OnlineConsultationWork, Patients, Texting
from telemedsim.records.sessions import ControlRecords, SessionRecord

MINUTE = 60 * S
MEAN_OF_SIGMA = math.exp(0.5 * 0.5**2)
"""Mean over median of the lognormal durations."""
T_99_OF_7 = 3.499
"""Student's t, two-sided 99 %, 7 degrees of freedom."""


def online(
    star: Star, sites: int = 2, per_hour: float = 6.0, doctors: int = 3
) -> OnlineConsultationWork:
    return OnlineConsultationWork(
        scenario="online",
        service="health.online_consultation",
        class_index=VIDEO_CLASS,
        probe=None,
        doctors_at=star.place("centre.campus"),
        doctors=doctors,
        patients=tuple(
            Patients(star.place(f"s{site}.campus"), arrivals(per_hour)) for site in range(sites)
        ),
        patience_mean_ns=10 * MINUTE,
        phase_medians_ns=(3 * MINUTE, 3 * MINUTE, 6 * MINUTE),
        duration_sigma=0.5,
        texting=Texting(messages=8, message_bytes=600, class_index=READING_CLASS, tcp=TCP),
        video=VIDEO,
        sound=SOUND,
        lookback_ns=3 * HOUR,
    )


def fresh(control: ControlRecords) -> list[SessionRecord]:
    return [session for session in control.sessions if session.started_ns >= 0]


def share_abandoned(control: ControlRecords) -> float:
    offered = fresh(control)
    return sum(one.outcome == "abandoned" for one in offered) / len(offered)


@pytest.mark.oracle
def test_patients_without_patience_are_lost_by_erlang_b() -> None:
    """Erlang 1917: who does not wait at all is blocked, whatever the law of the durations."""
    star, shares = Star(2), []
    work = replace(online(star), patience_mean_ns=1)
    for seed in range(8):
        control, _ = simulate(star.plan([work], 60 * HOUR, seed=seed), NominalPlane())
        shares.append(share_abandoned(control))
    load = 12.0 * 12 / 60 * MEAN_OF_SIGMA
    theory = erlang_b(load, 3)
    margin = T_99_OF_7 * statistics.stdev(shares) / math.sqrt(len(shares))
    print(f"abandoned without patience: {theory:.4f}, {statistics.mean(shares):.4f} ± {margin:.4f}")
    assert abs(statistics.mean(shares) - theory) < margin


def test_one_doctor_fewer_is_felt_and_many_leave_nobody_waiting() -> None:
    star = Star(2)
    shares = []
    for doctors in (2, 3, 50):
        plan = star.plan([online(star, doctors=doctors)], 50 * HOUR)
        shares.append(share_abandoned(simulate(plan, NominalPlane())[0]))
    assert shares[0] > shares[1] > shares[2] == 0


def test_who_gives_up_is_recorded_with_what_was_waited_for_and_sends_nothing() -> None:
    star = Star(2)
    control, _ = simulate(star.plan([online(star, doctors=1)], 10 * HOUR), NominalPlane())
    gave_up = [one for one in control.sessions if one.outcome == "abandoned"]
    assert gave_up
    assert {one.blocked_by for one in gave_up} == {"doctors at centre"}
    assert not {one.session for one in gave_up} & {leg.session for leg in control.legs}


def test_nobody_is_lost_count_of() -> None:
    """Every patient who came in the window is served, has given up, or waits when it ends."""
    star = Star(2)
    work = online(star, doctors=1)
    plan = star.plan([work], 5 * HOUR)
    control, _ = simulate(plan, NominalPlane())
    came = 0
    for patients in work.patients:
        key = f"online/{patients.place.name}"
        came += len(Replication(plan, NominalPlane(), 0).arrivals(key, patients.arrivals, 0))
    assert len(fresh(control)) == came
    assert {one.outcome for one in fresh(control)} == {"completed", "abandoned", "running"}


def test_phases_follow_each_other_and_sound_lasts_through_the_picture() -> None:
    star, plane = Star(1), NominalPlane()
    work = online(star, sites=1, doctors=9)
    control, _ = simulate(star.plan([work], 10 * HOUR), plane)
    talked = [one for one in fresh(control) if one.outcome == "completed"]
    assert talked
    for session in talked:
        legs = [one for one in control.legs if one.session == session.session]
        texts = [one for one in legs if one.role == "text"]
        sounds = [one for one in legs if one.role == "sound"]
        pictures = [one for one in legs if one.role in ("patient", "doctor")]
        assert [one.direction for one in texts] == ["up", "down"] * 4
        assert [one.measures[0].name for one in texts] == ["text"] * 8
        assert {(one.site, one.peer) for one in sounds} == {("s0", "centre"), ("centre", "s0")}
        assert [(one.role, one.direction) for one in pictures] == [("patient", "up"), ("doctor", "down")]  # fmt: skip
        voice_begins, video_begins = sounds[0].joined_ns, pictures[0].joined_ns
        assert max(one.joined_ns for one in texts) < voice_begins < video_begins < session.ended_ns
        stops = {plane.streams[one.flow].stop_ns for one in (*sounds, *pictures)}
        assert stops == {session.ended_ns}
        assert [plane.transfers[one.flow].connected for one in texts] == [False] + [True] * 7


def test_the_window_opens_with_doctors_at_work() -> None:
    star = Star(2)
    seen = set()
    for seed in range(12):
        control, _ = simulate(star.plan([online(star)], HOUR, seed=seed), NominalPlane())
        before = [one for one in control.sessions if one.in_progress]
        legs = [leg for leg in control.legs if leg.session in {one.session for one in before}]
        seen |= {leg.role for leg in legs if leg.joined_ns < 0}
    # Messages of before the window are not sent again; streams go on.
    assert seen == {"sound", "patient", "doctor"}


def test_another_site_leaves_the_arrivals_of_the_first_alone() -> None:
    star = Star(3)
    few, _ = simulate(star.plan([online(star, sites=2)], 5 * HOUR), NominalPlane())
    more, _ = simulate(star.plan([online(star, sites=3)], 5 * HOUR), NominalPlane())
    for site in ("s0", "s1"):
        asked = sorted(one.started_ns for one in fresh(few) if one.site == site)
        assert asked == sorted(one.started_ns for one in fresh(more) if one.site == site)
