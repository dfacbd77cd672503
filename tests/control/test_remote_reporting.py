"""Remote reporting: the worklist against queueing theory, its stages, hours, and what the window finds."""

import math
import statistics
from collections.abc import Mapping
from dataclasses import replace

import pytest

from control.control_plans import (
    HOUR,
    PROPAGATION_NS,
    PROTOCOL,
    READING_CLASS,
    TCP,
    UPLOAD_CLASS,
    NominalPlane,
    S,
    Star,
    arrivals,
)
from telemedsim.control.world import simulate
from telemedsim.network.work import (
    FetchWork,
    FrontEndProcessor,
    Readers,
    ReadingTime,
    ReportingWork,
    UploadWork,
)
from telemedsim.parts.traffic.studies import Modality, StudyMix
from telemedsim.records.sessions import ControlRecords, LegUse

MINUTE = 60 * S
MEAN_NS = 6 * MINUTE
VARIATION = 0.6
T_99 = 2.756
"""Student's t, 99 %, 29 degrees of freedom."""
SEEDS = 30
FILM = StudyMix(
    modalities=(
        Modality(name="CR", share=1, objects_median=2, sigma=0.1, object_raw_bytes=60_000,
                 lossless_ratio=3.0),
    )
)  # fmt: skip


def reading_time(mean_ns: float = MEAN_NS, variation: float = VARIATION) -> ReadingTime:
    spread = 1 + variation**2
    return ReadingTime(mean_ns / math.sqrt(spread), math.sqrt(math.log(spread)))


def reporting(
    star: Star,
    per_hour: float,
    readers: Readers,
    sites: int = 1,
    shares: Mapping[str, float] | None = None,
) -> ReportingWork:
    """Return cases of some sites, so many an hour at all of them together, with small studies."""
    common = {"scenario": "cases", "probe": None, "tcp": TCP}
    uploads = tuple(
        UploadWork(
            **common,
            service="pacs.upload",
            class_index=UPLOAD_CLASS,
            processor_at=star.place(f"s{site}"),
            archive_at=star.place("centre"),
            arrivals=arrivals(per_hour / sites),
            mix=FILM,
            processor=FrontEndProcessor(50, compression_bps=0, disk_bytes=10**15),
            protocol=PROTOCOL.model_copy(update={"kind": "streamed"}),
            lookback_ns=24 * HOUR,
        )
        for site in range(sites)
    )
    return ReportingWork(
        **common,
        service="records.result",
        class_index=READING_CLASS,
        uploads=uploads,
        fetch=FetchWork(
            **common,
            service="reading.cloud_desktop",
            class_index=READING_CLASS,
            terminals_at=star.place("centre.campus"),
            source_at=star.place("centre"),
            whole_study=True,
            first_image_bytes=10_000,
            request_bytes=600,
            server_ns=1_000_000,
            rendering_ns=0,
        ),
        readers=readers,
        priorities=tuple((shares or {"outpatient": 1.0}).items()),
        reading={"CR": reading_time()},
        report_bytes=200_000,
        lookback_ns=24 * HOUR,
    )


def reports(control: ControlRecords) -> list[LegUse]:
    return [leg for leg in control.legs if leg.role.startswith("report:")]


def stages(leg: LegUse) -> dict[str, int]:
    return dict(leg.measures[0].stages)


def mean_waits_h(
    star: Star, work: ReportingWork, seeds: int = SEEDS, hours: int = 60
) -> dict[str, tuple[float, float]]:
    """Return by class the mean wait over replications and half of its 99 % interval.

    Of cases that came early enough to be read in the window.
    """
    found: dict[str, list[float]] = {}
    for seed in range(seeds):
        control, _ = simulate(star.plan([work], hours * HOUR, seed=seed), NominalPlane())
        legs = [leg for leg in reports(control) if 0 <= leg.joined_ns < (hours - 10) * HOUR]
        for name, _ in work.priorities:
            mine = [leg for leg in legs if leg.role == f"report:{name}"]
            mean_ns = statistics.mean(stages(leg)["worklist"] for leg in mine)
            found.setdefault(name, []).append(mean_ns / HOUR)
    return {
        name: (statistics.mean(means), T_99 * statistics.stdev(means) / math.sqrt(seeds))
        for name, means in found.items()
    }


def residual_h(per_hour: float) -> float:
    """Return the mean work left of the case in service: rate times half of the second moment."""
    mean_h = MEAN_NS / HOUR
    return per_hour * mean_h**2 * (1 + VARIATION**2) / 2


def test_one_reader_is_pollaczek_and_khinchine() -> None:
    star, per_hour = Star(1), 7.0
    load = per_hour * MEAN_NS / HOUR
    expected = residual_h(per_hour) / (1 - load)
    waits = mean_waits_h(star, reporting(star, per_hour, Readers(1, 0, ())))
    mean, half = waits["outpatient"]
    assert half < 0.2 * expected
    assert mean == pytest.approx(expected, abs=half)


@pytest.mark.nightly
def test_classes_wait_as_cobham_says() -> None:
    star, per_hour = Star(1), 7.0
    shares = {"emergency": 0.2, "inpatient": 0.3, "outpatient": 0.5}
    work = reporting(star, per_hour, Readers(1, 0, ()), shares=shares)
    load = per_hour * MEAN_NS / HOUR
    waits, above = mean_waits_h(star, work), 0.0
    for name, share in shares.items():
        upto = above + load * share
        expected = residual_h(per_hour) / ((1 - above) * (1 - upto))
        mean, half = waits[name]
        assert half < 0.25 * expected
        assert mean == pytest.approx(expected, abs=half), name
        above = upto


def erlang_wait_h(per_hour: float, readers: int) -> float:
    """Return the mean wait of M/M/c by Erlang's C."""
    offered = per_hour * MEAN_NS / HOUR
    blocked = 1.0
    for servers in range(1, readers + 1):
        blocked = offered * blocked / (servers + offered * blocked)
    waits = blocked / (1 - offered / readers * (1 - blocked))
    return waits * (MEAN_NS / HOUR) / (readers - offered)


@pytest.mark.nightly
def test_one_reader_fewer_waits_as_erlang_says() -> None:
    """M/G/c by Lee and Longton: Erlang's wait times (1 + c²)/2, some per cent off at such a c."""
    star, per_hour = Star(2), 16.0
    found = {}
    for readers in (2, 3):
        expected = erlang_wait_h(per_hour, readers) * (1 + VARIATION**2) / 2
        work = reporting(star, per_hour, Readers(readers, 0, ()), sites=2)
        mean, half = mean_waits_h(star, work)["outpatient"]
        assert mean == pytest.approx(expected, abs=half + 0.06 * expected), readers
        found[readers] = mean
    assert found[2] > 5 * found[3]


def test_the_window_opens_with_the_cases_that_are_always_there() -> None:
    """Little: cases under way at the opening are rate times time in the system."""
    star, per_hour, found = Star(1), 7.0, []
    work = reporting(star, per_hour, Readers(1, 0, ()))
    for seed in range(100):
        control, _ = simulate(star.plan([work], S, seed=seed), NominalPlane())
        cases = [one for one in control.sessions if one.service == "records.result"]
        found.append(sum(one.in_progress for one in cases))
    load = per_hour * MEAN_NS / HOUR
    expected = load + per_hour * residual_h(per_hour) / (1 - load)
    half = 2.6 * statistics.stdev(found) / math.sqrt(len(found))
    assert statistics.mean(found) == pytest.approx(expected, abs=half)


def test_a_case_is_its_upload_wait_fetch_reading_and_report() -> None:
    star, plane = Star(2), NominalPlane()
    work = reporting(star, 12.0, Readers(2, 0, ()), sites=2)
    control, _ = simulate(star.plan([work], 8 * HOUR), plane)
    uploads = {leg.joined_ns: leg for leg in control.legs if leg.role == "upload"}
    fetches = {s.started_ns: s for s in control.sessions if s.service == "reading.cloud_desktop"}
    seen = 0
    for leg in reports(control):
        (measure,) = leg.measures
        if leg.flow < 0 or measure.origin_ns < 0:
            continue
        seen += 1
        times = stages(leg)
        assert list(times) == ["upload", "worklist", "fetch", "reading"]
        assert control.sessions[leg.session].site == leg.site == uploads[leg.joined_ns].site
        upload = control.sessions[uploads[leg.joined_ns].session]
        assert times["upload"] == upload.ended_ns - measure.origin_ns
        opened_ns = upload.ended_ns + times["worklist"]
        assert times["fetch"] == fetches[opened_ns].ended_ns - opened_ns
        report = plane.transfers[leg.flow]
        assert report.start_ns - 1 == opened_ns + times["fetch"] + times["reading"]
        assert measure.waiting_ns == sum(times.values()) + 1
        assert (report.steps[0].size_bytes, report.steps[0].sender) == (200_000, 0)
    assert seen > 50


def test_no_more_cases_are_open_than_readers_and_the_urgent_go_first() -> None:
    star = Star(1)
    shares = {"emergency": 0.2, "outpatient": 0.8}
    work = reporting(star, 60.0, Readers(3, 0, ()), shares=shares)
    control, _ = simulate(star.plan([work], 4 * HOUR), NominalPlane())
    changes = []
    waits: dict[str, list[int]] = {"report:emergency": [], "report:outpatient": []}
    for leg in reports(control):
        times = stages(leg)
        if "reading" in times and leg.joined_ns >= 0:
            opened_ns = leg.joined_ns + times["upload"] + times["worklist"]
            changes += [(opened_ns, 1), (opened_ns + times["fetch"] + times["reading"], -1)]
            waits[leg.role].append(times["worklist"])
    busy = most = 0
    for _, change in sorted(changes):
        busy += change
        most = max(most, busy)
    assert most <= 3
    # Twice the load that three readers can take: outpatients starve, emergencies hardly wait.
    assert statistics.mean(waits["report:emergency"]) < 5 * MINUTE
    left = [leg for leg in reports(control) if leg.flow < 0]
    assert {leg.role for leg in left if "reading" not in stages(leg)} == {"report:outpatient"}


def test_nobody_opens_a_case_while_all_are_away() -> None:
    star = Star(1)
    away = tuple((day * 24 * HOUR + 8 * HOUR, (day + 1) * 24 * HOUR) for day in range(-1, 2))
    control, _ = simulate(
        star.plan([reporting(star, 6.0, Readers(2, 2, away))], 30 * HOUR), NominalPlane()
    )
    night_cases = 0
    for leg in reports(control):
        times = stages(leg)
        if "fetch" in times:
            opened_ns = leg.joined_ns + times["upload"] + times["worklist"]
            assert opened_ns % (24 * HOUR) <= 8 * HOUR
            night_cases += leg.joined_ns % (24 * HOUR) > 8 * HOUR
    assert night_cases > 20


def test_cases_without_a_report_at_the_end_are_recorded_with_their_age() -> None:
    star = Star(1)
    plan = star.plan([reporting(star, 40.0, Readers(1, 0, ()))], 2 * HOUR)
    control, _ = simulate(plan, NominalPlane())
    cases = [one for one in control.sessions if one.service == "records.result"]
    assert sorted(leg.session for leg in reports(control)) == [one.session for one in cases]
    left = [leg for leg in reports(control) if leg.flow < 0]
    assert left
    for leg in left:
        assert control.sessions[leg.session].outcome == "running"
        assert sum(stages(leg).values()) == plan.duration_ns - leg.measures[0].origin_ns


def test_another_site_changes_nobody_elses_cases() -> None:
    star, found = Star(3), []
    for sites in (2, 3):
        work = reporting(star, 4.0 * sites, Readers(9, 0, ()), sites=sites)
        control, _ = simulate(star.plan([work], 6 * HOUR), NominalPlane())
        legs = [leg for leg in reports(control) if leg.site in ("s0", "s1") and leg.flow >= 0]
        found.append({(leg.site, leg.joined_ns): stages(leg).get("reading") for leg in legs})
    assert found[0] == found[1]


def test_faster_lines_leave_the_worklist_as_it_is() -> None:
    """Arrivals at the worklist move by less than what the uploads gain, and so does the wait."""
    star, means, uploads = Star(1), [], []
    work = reporting(star, 7.0, Readers(1, 0, ()))
    slower = replace(
        work.uploads[0],
        protocol=PROTOCOL.model_copy(update={"kind": "c_store", "archive_ns": S}),
    )
    for one in (work, replace(work, uploads=(slower,))):
        control, _ = simulate(star.plan([one], 60 * HOUR), NominalPlane())
        legs = [leg for leg in reports(control) if leg.flow >= 0 and leg.joined_ns >= 0]
        means.append(statistics.mean(stages(leg)["worklist"] for leg in legs))
        uploads.append(statistics.mean(stages(leg)["upload"] for leg in legs))
    assert uploads[1] > 2 * S + 4 * PROPAGATION_NS > uploads[0]
    assert abs(means[1] - means[0]) < uploads[1] - uploads[0]
    assert means[0] > 5 * MINUTE
