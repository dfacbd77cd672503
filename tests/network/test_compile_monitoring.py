"""Wearables of a site: what they load the line with, how often they raise an alarm, what is refused."""

from pathlib import Path
from typing import Any

import pytest

from network.test_compile_work import compiled
from telemedsim.core.errors import TelemedsimError
from telemedsim.network.work import MonitoringWork

HOUR = 3_600_000_000_000


def block(**others: Any) -> dict[str, Any]:
    return {
        "id": "watch",
        "workflow": "monitoring",
        "service": "health.remote_monitoring",
        "from": {"tier": "grassroots"},
        "to": "provincial",
        **others,
    }


def one(folder: Path, **others: Any) -> MonitoringWork:
    (work,) = compiled(folder, block(**others)).work
    assert isinstance(work, MonitoringWork)
    return work


def test_the_stream_has_the_rate_of_all_terminals_together(tmp_path: Path) -> None:
    work = one(tmp_path, wearables=120, report_period="1 min", message_size="300 B")
    # Two messages a second, each with 90 bytes of headers.
    assert work.telemetry.expected_rate_bps() == pytest.approx(2 * 390 * 8)
    twice = one(tmp_path, wearables=240, report_period="1 min", message_size="300 B")
    assert twice.telemetry.expected_rate_bps() == pytest.approx(4 * 390 * 8)


def test_alarms_are_raised_by_patient_and_day_at_night_as_at_noon(tmp_path: Path) -> None:
    work = one(tmp_path, wearables=100, alarms_per_wearable_per_day=2)
    assert work.alarms.expected(0, 24 * HOUR) == pytest.approx(200)
    assert work.alarms.expected(0, HOUR) == pytest.approx(
        work.alarms.expected(12 * HOUR, 13 * HOUR)
    )


def test_an_alarm_brings_half_a_minute_of_its_sensor(tmp_path: Path) -> None:
    assert one(tmp_path).alarm_bytes == 250 + 30 * 4000 // 8
    assert one(tmp_path, alarm_size="400 B").alarm_bytes == 400


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"message_size": "2 kB"}, "no single packet"),
        ({"report_period": "1 us", "wearables": 2000}, "more than one a nanosecond"),
        ({"to": "national"}, "tier 'national'"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    with pytest.raises(TelemedsimError, match=says):
        compiled(tmp_path, block(**change))
