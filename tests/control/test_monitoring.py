"""Monitoring: alarms come by their own rate day and night, telemetry is one stream and is not judged."""

import math

from control.control_plans import HOUR, READING_CLASS, TCP, NominalPlane, S, Star, arrivals
from telemedsim.control.world import simulate
from telemedsim.network.work import MonitoringWork
from telemedsim.parts.traffic.constant import Constant

Z_99 = 2.576
ALARM_BYTES = 15_250


def monitoring(star: Star, site: int = 0, per_hour: float = 12.0) -> MonitoringWork:
    return MonitoringWork(
        scenario="wearables",
        service="health.remote_monitoring",
        class_index=READING_CLASS,
        probe=None,
        patients_at=star.place(f"s{site}.campus"),
        centre_at=star.place("centre"),
        telemetry=Constant(period_ns=S // 10, ip_bytes=340),
        alarms=arrivals(per_hour),
        alarm_bytes=ALARM_BYTES,
        tcp=TCP,
    )


def test_each_alarm_is_a_session_that_ends_when_its_last_byte_has_come() -> None:
    star, plane = Star(1), NominalPlane()
    control, _ = simulate(star.plan([monitoring(star)], 20 * HOUR), plane)
    expected = 12.0 * 20
    assert abs(len(control.sessions) - expected) < Z_99 * math.sqrt(expected)
    for leg in control.legs:
        if leg.kind != "transfer":
            continue
        (measure,) = leg.measures
        assert (measure.name, leg.role, leg.direction) == ("alarm", "alarm", "up")
        session = control.sessions[leg.session]
        assert measure.origin_ns == session.started_ns == leg.joined_ns
        assert not plane.transfers[leg.flow].connected
        assert session.ended_ns > session.started_ns


def test_telemetry_runs_through_the_window_and_belongs_to_no_session() -> None:
    star, plane = Star(1), NominalPlane()
    control, _ = simulate(star.plan([monitoring(star)], HOUR), plane)
    (leg,) = [one for one in control.legs if one.role == "telemetry"]
    assert (leg.session, leg.kind, leg.path) == (-1, "probe", star.path(3, 0))
    (stream,) = plane.streams.values()
    assert stream.stop_ns == HOUR


def test_another_site_leaves_the_alarms_of_the_first_alone() -> None:
    star = Star(2)
    alone, _ = simulate(star.plan([monitoring(star)], 5 * HOUR), NominalPlane())
    both, _ = simulate(star.plan([monitoring(star, 1), monitoring(star)], 5 * HOUR), NominalPlane())
    raised = [session.started_ns for session in both.sessions if session.site == "s0"]
    assert raised == [session.started_ns for session in alone.sessions]
