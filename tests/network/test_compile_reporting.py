"""From the block of remote reporting to a centre's sites, readers, hours and reading times."""

import math
from pathlib import Path
from typing import Any

import pytest

from network.test_compile_work import S, compiled
from telemedsim.catalogue.load import catalogue
from telemedsim.model.experiment import Window
from telemedsim.model.workflows.remote_reporting import ReadingHours
from telemedsim.network.compile_reporting import away_spans
from telemedsim.network.participants import Unworkable
from telemedsim.network.work import ReportingWork

HOUR = 3600 * S


def cases(folder: Path, **others: Any) -> list[ReportingWork]:
    """Return the work of a block on the small topology."""
    block = {
        "id": "cases",
        "workflow": "remote_reporting",
        "service": "records.result",
        "services": {"upload": "pacs.upload", "reading": "reading.cloud_desktop"},
        "from": {"tier": ["county", "grassroots"]},
        "centre": "municipal",
        **others,
    }
    works = compiled(folder, block).work
    assert all(isinstance(one, ReportingWork) for one in works)
    return [one for one in works if isinstance(one, ReportingWork)]


def test_sites_of_a_centre_share_its_readers(tmp_path: Path) -> None:
    (work,) = cases(tmp_path)
    assert [one.processor_at.site for one in work.uploads] == ["c1", "c2", "g1"]
    assert {one.archive_at.name for one in work.uploads} == {"m"}
    assert (work.fetch.terminals_at.name, work.fetch.source_at.name) == ("m.campus", "m")
    assert (work.service, work.fetch.service) == ("records.result", "reading.cloud_desktop")
    assert {one.service for one in work.uploads} == {"pacs.upload"}
    assert work.readers.count == catalogue().number("reporting_readers")
    assert (work.readers.away, work.readers.away_ns) == (0, ())


def test_no_site_asks_itself(tmp_path: Path) -> None:
    (work,) = cases(tmp_path, **{"from": {}, "centre": "p"})
    assert [one.processor_at.site for one in work.uploads] == ["m", "c1", "c2", "g1"]


def test_each_site_asks_its_nearest_centre(tmp_path: Path) -> None:
    found = [
        cases(tmp_path, **{"from": {"ids": ["g1"]}, "centre": tier})[0].fetch.terminals_at.site
        for tier in ("county", "municipal")
    ]
    assert found == ["c1", "m"]


def test_images_may_lie_in_a_cloud_away_from_the_readers(tmp_path: Path) -> None:
    (work,) = cases(tmp_path, archive="parent")
    assert {one.archive_at.name for one in work.uploads} == {"p"}
    assert (work.fetch.terminals_at.name, work.fetch.source_at.name) == ("m.campus", "p")


def test_reading_times_have_their_mean_and_variation(tmp_path: Path) -> None:
    (usual,), (written,) = (
        cases(tmp_path, **others)
        for others in ({}, {"reading_mean": "6 min", "reading_variation": 1.5})
    )
    for work, mean_min, variation in ((usual, 16.6, 0.6), (written, 6.0, 1.5)):
        law = work.reading["CT"]
        mean = law.median_ns * math.exp(law.sigma**2 / 2)
        assert mean == pytest.approx(mean_min * 60 * S)
        assert math.exp(law.sigma**2) - 1 == pytest.approx(variation**2)


def test_priorities_stand_in_the_order_of_urgency(tmp_path: Path) -> None:
    (work,) = cases(tmp_path, priorities={"outpatient": 3, "emergency": 1})
    assert work.priorities == (("emergency", 1.0), ("inpatient", 0.0), ("outpatient", 3.0))


def test_a_centre_without_a_campus_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unworkable, match="between the readers and their source at 'g1'"):
        cases(tmp_path, **{"from": {"ids": ["c2"]}, "centre": "g1"})


def test_a_service_that_names_no_image_is_named(tmp_path: Path) -> None:
    services = {"upload": "pacs.upload", "reading": "records.result"}
    with pytest.raises(Exception, match="names no image to judge"):
        cases(tmp_path, services=services)


@pytest.mark.parametrize(
    ("hours", "spans"),
    [
        # The window is 09:00 to 21:00: the night before, from 8 h before the window, and the evening.
        (("08:00", "17:30"), ((-8, -1), (8.5, 23))),
        (("00:00", "00:00"), ()),
        # Night work: away by day.
        (("20:00", "06:00"), ((-3, 11),)),
    ],
)
def test_readers_are_away_outside_of_their_hours(
    hours: tuple[str, str], spans: tuple[tuple[float, float], ...]
) -> None:
    of = ReadingHours(start=hours[0], end=hours[1], on_duty=0)
    window = Window.model_validate({"start": "09:00", "duration": "12 h"})
    found = away_spans(of, window, 8 * HOUR)
    inside = [(begin / HOUR, end / HOUR) for begin, end in found if begin < 12 * HOUR]
    assert inside == list(spans)
