"""From a block of archiving to nights: which hours, which day's studies, how many."""

from pathlib import Path
from typing import Any

import pytest

import telemedsim as ts
from network.test_compile_work import S, compiled
from telemedsim.catalogue.load import catalogue
from telemedsim.model.experiment import Window
from telemedsim.model.workflows.archiving import NightHours
from telemedsim.network.compile_archiving import nights_within
from telemedsim.network.work import ArchivingWork

HOUR_S = 3600
DAY_NS = 86_400 * S
NIGHT = NightHours(start="22:00", end="06:00")


def block(**others: Any) -> dict[str, Any]:
    return {
        "id": "archive",
        "workflow": "archiving",
        "service": "storage.archive",
        "from": {"ids": "c1"},
        "to": "provincial",
        **others,
    }


def work(folder: Path, **others: Any) -> ArchivingWork:
    window = {"start": "22:00", "duration": "9 h"}
    (found,) = compiled(folder, block(**others), window=window).work
    assert isinstance(found, ArchivingWork)
    return found


@pytest.mark.parametrize(
    ("start", "hours", "nights"),
    [
        ("22:00", 9.0, [(0, 0, 8)]),
        ("09:30", 8.0, []),
        ("05:00", 2.0, [(-1, -7, 1)]),
        ("06:00", 16.0, []),
        ("21:00", 33.0, [(0, 1, 9), (1, 25, 33)]),
    ],
)
def test_the_nights_that_a_window_sees(
    start: str, hours: float, nights: list[tuple[int, int, int]]
) -> None:
    window = Window(start=start, duration_s=hours * HOUR_S)
    expected = [(day, begin * HOUR_S, end * HOUR_S) for day, begin, end in nights]
    assert list(nights_within(NIGHT, window)) == expected


def test_a_week_of_ages_sends_the_weeks_volume(tmp_path: Path) -> None:
    due = {}
    for age in range(1, 8):
        (night,) = work(tmp_path, age_days=age).nights
        due[age] = night.made.expected(0, DAY_NS)
    # A window opens on a Wednesday: its Saturday and Sunday lie three and four days back.
    assert due[4] == due[3] == pytest.approx(due[1] * catalogue().number("weekend_factor"))
    one = work(tmp_path)
    year_tb = sum(due.values()) * 365 / 7 * one.mix.mean_study_bytes / 1e12
    assert year_tb == pytest.approx(8, rel=1e-9) == one.annual_tb


def test_what_the_block_says_prevails(tmp_path: Path) -> None:
    hours = {"start": "23:00", "end": "04:00"}
    one = work(tmp_path, studies_per_day=30, night=hours, batch_studies=5, connections=3)
    (night,) = one.nights
    assert (night.start_ns, night.stop_ns) == (HOUR_S * S, 6 * HOUR_S * S)
    assert (one.batch_studies, one.connections) == (5, 3)
    weekdays = 365 / 7 * (5 + 2 * catalogue().number("weekend_factor"))
    assert one.annual_tb == pytest.approx(30 * weekdays * one.mix.mean_study_bytes / 1e12)


def test_its_own_archive_sends_nothing(tmp_path: Path) -> None:
    assert compiled(tmp_path, block(**{"from": {"ids": "p"}, "to": "p"})).work == ()


def test_a_window_by_day_is_warned_of(tmp_path: Path) -> None:
    compiled(tmp_path, block())
    faults = ts.check([tmp_path / "e.yaml"])
    assert any("sees nothing of the nights" in fault.message for fault in faults)
