"""From blocks and sites to work: places, volumes, rates, classes, schedules, routes."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from telemedsim.catalogue.load import catalogue
from telemedsim.core.errors import TelemedsimError
from telemedsim.model.load import load
from telemedsim.network.compile import compile_plan
from telemedsim.network.plan import Plan
from telemedsim.network.work import (
    BroadcastWork,
    ConsultationWork,
    ExaminationWork,
    LessonWork,
    MorningReadingWork,
    ReadingWork,
    UploadWork,
)

S = 1_000_000_000
CAMPUS = {"technology": "campus"}


def site(name: str, tier: str, offset: float, **others: Any) -> dict[str, Any]:
    return {"id": name, "tier": tier, "latitude": 26.0, "longitude": 106.0 + offset, **others}


SITES = [
    site("p", "provincial", 0.0, scale="tertiary_grade_a", annual_tb=50, campus=CAMPUS),
    site("m", "municipal", 0.5, scale="tertiary", annual_tb=15, campus=CAMPUS),
    site("c1", "county", 0.7, scale="secondary", annual_tb=8, campus=CAMPUS),
    site("c2", "county", 0.9, beds=250, campus=CAMPUS),
    site("g1", "grassroots", 1.0, scale="grassroots"),
]
LINKS = [
    {"id": "m-p", "ends": ["m", "p"], "technology": "sdh"},
    {"id": "c1-m", "ends": ["c1", "m"], "technology": "mpls_vpn", "rate": "20 Mbit/s"},
    {"id": "c2-m", "ends": ["c2", "m"], "technology": "mpls_vpn", "rate": "20 Mbit/s"},
    {"id": "g1-c1", "ends": ["g1", "c1"], "technology": "4g"},
]


def compiled(folder: Path, *blocks: dict[str, Any], **experiment: Any) -> Plan:
    """Return the plan of some blocks on the small topology."""
    topology = {"telemedsim": 1, "kind": "topology", "name": "t", "sites": SITES, "links": LINKS}
    written = {
        "telemedsim": 1,
        "kind": "experiment",
        "name": "e",
        "topology": "t.yaml",
        "window": {"start": "09:30", "duration": "1 h"},
        "scenarios": list(blocks),
        **experiment,
    }
    (folder / "t.yaml").write_text(yaml.safe_dump(topology), encoding="utf-8")
    (folder / "e.yaml").write_text(yaml.safe_dump(written), encoding="utf-8")
    return compile_plan(load(folder / "e.yaml"))


def upload(**others: Any) -> dict[str, Any]:
    return {
        "id": "up",
        "workflow": "study_upload",
        "service": "pacs.upload",
        "from": {"tier": ["county", "grassroots"]},
        "to": "provincial",
        **others,
    }


def test_a_years_arrivals_close_with_the_annual_volume(tmp_path: Path) -> None:
    works = compiled(tmp_path, upload()).work
    volumes = {}
    for work in works:
        assert isinstance(work, UploadWork)
        week = work.arrivals.expected(0, 7 * 86_400 * S)
        volumes[work.processor_at.site] = week * 365 / 7 * work.mix.mean_study_bytes / 1e12
    assert volumes["c1"] == pytest.approx(8, rel=1e-9)
    # By its beds: half of the largest of its row (500 beds, 10 TB).
    assert volumes["c2"] == pytest.approx(10 * 250 / 500, rel=1e-9)
    # g1 gives neither volume nor beds: the studies of its scale.
    weekday = next(w for w in works if isinstance(w, UploadWork) and w.processor_at.site == "g1")
    assert weekday.arrivals.model_dump()["per_weekday"] == pytest.approx(30)


def test_the_scenarios_volume_prevails(tmp_path: Path) -> None:
    (first, *_) = compiled(tmp_path, upload(studies_per_day=40)).work
    assert isinstance(first, UploadWork)
    assert first.arrivals.model_dump()["per_weekday"] == 40


def test_uploads_go_to_the_nearest_site_of_the_tier(tmp_path: Path) -> None:
    plan = compiled(tmp_path, upload(**{"from": {"tier": "grassroots"}, "to": "county"}))
    (work,) = plan.work
    assert isinstance(work, UploadWork)
    assert (work.archive_at.site, work.archive_at.name) == ("c1", "c1")
    assert len(plan.routes[work.processor_at.node, work.archive_at.node]) == 1
    assert plan.routes.keys() == {
        (work.processor_at.node, work.archive_at.node),
        (work.archive_at.node, work.processor_at.node),
    }


def test_a_tier_that_is_not_on_the_way_is_named(tmp_path: Path) -> None:
    with pytest.raises(TelemedsimError, match="tier 'national' is on the way up from 'c1'"):
        compiled(tmp_path, upload(to="national"))


def test_compression_changes_bytes_and_takes_time(tmp_path: Path) -> None:
    (plain, *_) = compiled(tmp_path, upload(front_end_processor={"compress": False})).work
    (packed, *_) = compiled(tmp_path, upload()).work
    (light, *_) = compiled(
        tmp_path, upload(front_end_processor={"codec": "jpeg_lossless", "associations": 7})
    ).work
    assert isinstance(plain, UploadWork)
    assert isinstance(packed, UploadWork)
    assert isinstance(light, UploadWork)
    assert plain.processor.compression_bps == 0
    assert packed.processor.compression_bps == 150 * 8_000_000
    sizes = [work.mix.mean_study_bytes for work in (packed, light, plain)]
    assert sizes == sorted(sizes)
    assert light.processor.associations == 7
    # The volume is what crosses the wire, so fewer and larger studies make it.
    assert plain.arrivals.expected(0, S) < packed.arrivals.expected(0, S)


def reading(**others: Any) -> dict[str, Any]:
    return {
        "id": "read",
        "workflow": "image_reading",
        "service": "reading.in_hospital",
        "from": {"tier": "county"},
        **others,
    }


def test_reading_inside_and_across(tmp_path: Path) -> None:
    inside, across = (
        compiled(tmp_path, reading(**others)).work[0]
        for others in ({}, {"source": "provincial", "access": "prefetch"})
    )
    assert isinstance(inside, ReadingWork)
    assert isinstance(across, ReadingWork)
    assert (inside.terminals_at.name, inside.source_at.name) == ("c1.campus", "c1")
    assert (across.source_at.name, across.cache_at.name) == ("p", "c1")
    assert (inside.cached_share, across.cached_share) == (0.0, 0.8)
    assert inside.first_image_bytes == 5_000_000
    assert inside.terminals == catalogue().scales["secondary"].reading_terminals
    assert inside.probe is not None


def test_reads_by_terminal_and_hour(tmp_path: Path) -> None:
    (work, *_) = compiled(tmp_path, reading(reads_per_terminal_per_hour=5, terminals=3)).work
    assert isinstance(work, ReadingWork)
    assert work.terminals == 3
    assert work.arrivals.expected(0, 24 * 3600 * S) == pytest.approx(5 * 8)


def test_readers_without_a_campus_are_named(tmp_path: Path) -> None:
    with pytest.raises(
        TelemedsimError, match="between the readers and their source at 'g1'"
    ) as caught:
        compiled(tmp_path, reading(**{"from": {"tier": "grassroots"}}))
    assert "campus" in str(caught.value.remedy)


def consultation(**others: Any) -> dict[str, Any]:
    return {
        "id": "talk",
        "workflow": "consultation",
        "service": "consult.high_end_room",
        "host": "p",
        "participants": {"tier": "county"},
        **others,
    }


def test_consultation_by_the_catalogue(tmp_path: Path) -> None:
    plan = compiled(tmp_path, consultation(sessions_per_day=9))
    (work,) = plan.work
    assert isinstance(work, ConsultationWork)
    assert work.bridge_at.name == "p"
    assert [rooms.place.name for rooms in work.asking] == ["c1.campus", "c2.campus"]
    assert [rooms.place.name for rooms in work.answering] == ["p.campus"]
    assert {rooms.screens for rooms in (*work.asking, *work.answering)} == {3}
    asked = [rooms.arrivals for rooms in work.asking]
    day = sum(one.expected(0, 24 * 3600 * S) for one in asked if one is not None)
    assert day == pytest.approx(9)
    assert work.push is not None
    assert plan.classes[work.class_index] == "multimedia_conferencing"
    assert plan.classes[work.push.class_index] == "low_latency_data"
    assert work.bridge_ports == 30


def test_h265_halves_the_rate_and_a_written_rate_prevails(tmp_path: Path) -> None:
    rates = []
    for others in ({}, {"codec": "h265"}, {"codec": "h265", "target_rate": "5 Mbit/s"}):
        (work,) = compiled(tmp_path, consultation(video="1080p30", **others)).work
        assert isinstance(work, ConsultationWork)
        rates.append(work.video.target_rate_bps)
    assert rates == [8_000_000, 4_000_000, 5_000_000]


def test_longer_consultations_look_further_back(tmp_path: Path) -> None:
    lookbacks = []
    for others in ({}, {"duration_median": "10 min"}, {"duration_median": "60 min"}):
        (work,) = compiled(tmp_path, consultation(**others)).work
        assert isinstance(work, ConsultationWork)
        lookbacks.append(work.lookback_ns)
    assert lookbacks[0] == lookbacks[1] < lookbacks[2]


def broadcast(**others: Any) -> dict[str, Any]:
    return {
        "id": "show",
        "workflow": "broadcast",
        "service": "education.broadcast_4k",
        "source": "p",
        "viewers": {"tier": ["municipal", "county"]},
        "delivery": "unicast",
        **others,
    }


def test_relays_are_the_nearest_of_their_tier(tmp_path: Path) -> None:
    (work,) = compiled(tmp_path, broadcast(delivery="relay", relay_tier="municipal")).work
    assert isinstance(work, BroadcastWork)
    relays = {one.place.site: one.relay_at and one.relay_at.name for one in work.viewers}
    assert relays == {"m": "m", "c1": "m", "c2": "m"}


def test_nobody_asks_a_source_unless_the_block_says_so(tmp_path: Path) -> None:
    (work,) = compiled(tmp_path, broadcast()).work
    assert isinstance(work, BroadcastWork)
    assert (work.questions, work.cameras) == (None, ("",))


def test_questions_go_past_the_relay(tmp_path: Path) -> None:
    asked = {"questions_per_viewer_per_hour": 12, "answer_size": "5 kB", "cameras": ["a", "b"]}
    plan = compiled(tmp_path, broadcast(delivery="relay", relay_tier="municipal", **asked))
    (work,) = plan.work
    assert isinstance(work, BroadcastWork)
    assert work.questions is not None
    assert (work.questions.per_hour, work.questions.answer_bytes) == (12, 5000)
    assert work.cameras == ("a", "b")
    for viewers in work.viewers:
        ends = (viewers.place.node, work.source_at.node)
        assert ends in plan.routes
        assert ends[::-1] in plan.routes


def test_schedule_against_the_window(tmp_path: Path) -> None:
    shows = [
        {"start": "09:00", "duration": "45 min"},
        {"start": "10:00", "duration": "2 h"},
        {"start": "12:00", "duration": "1 h"},
    ]
    (work,) = compiled(tmp_path, broadcast(schedule=shows)).work
    assert isinstance(work, BroadcastWork)
    assert work.shows == ((-1800 * S, 900 * S), (1800 * S, 9000 * S))


def test_a_night_show_goes_on_over_midnight(tmp_path: Path) -> None:
    shows = [{"start": "23:30", "duration": "2 h"}]
    (work,) = compiled(
        tmp_path, broadcast(schedule=shows), window={"start": "00:30", "duration": "24 h"}
    ).work
    assert isinstance(work, BroadcastWork)
    assert work.shows == ((-3600 * S, 3600 * S), (23 * 3600 * S, 25 * 3600 * S))


def test_without_a_schedule_it_is_on_before_and_after(tmp_path: Path) -> None:
    (work,) = compiled(tmp_path, broadcast()).work
    assert isinstance(work, BroadcastWork)
    ((start, stop),) = work.shows
    assert start < 0
    assert stop > 3600 * S


def test_connections_up_and_inside(tmp_path: Path) -> None:
    plan = compiled(
        tmp_path,
        connections=[
            {"id": "lines", "service": "conn.county_hospital", "sites": {"tier": "county"}},
            {"id": "lans", "service": "conn.campus", "sites": {"ids": ["m", "g1"]}},
        ],
    )
    ends = [(one.connection, one.place.name, one.towards.name) for one in plan.connections]
    # g1 has no campus network, so there is nothing to probe.
    assert ends == [("lines", "c1", "m"), ("lines", "c2", "m"), ("lans", "m.campus", "m")]


def test_only_a_bound_on_loss_asks_for_a_probe(tmp_path: Path) -> None:
    works = compiled(tmp_path, upload(), reading()).work
    assert {type(work).__name__: work.probe is not None for work in works} == {
        "UploadWork": False,
        "ReadingWork": True,
    }


def examination(**others: Any) -> dict[str, Any]:
    return {
        "id": "exam",
        "workflow": "examination",
        "service": "education.exam",
        "server": "provincial",
        "candidates": {"tier": ["provincial", "county", "grassroots"]},
        "candidates_per_site": 40,
        "schedule": [{"start": "10:00", "duration": "1 h"}],
        **others,
    }


def test_candidates_go_to_the_nearest_server_of_the_tier_or_to_their_own(tmp_path: Path) -> None:
    works = compiled(tmp_path, examination()).work
    ends = {}
    for work in works:
        assert isinstance(work, ExaminationWork)
        ends[work.candidates_at.name] = work.server_at.name
        assert work.sittings == ((1800 * S, 5400 * S),)
    assert ends == {"p.campus": "p", "c1.campus": "p", "c2.campus": "p", "g1": "p"}


def test_candidates_behind_no_link_load_nothing(tmp_path: Path) -> None:
    block = examination(server="g1", candidates={"ids": ["g1", "c1"]})
    (work,) = compiled(tmp_path, block).work
    assert isinstance(work, ExaminationWork)
    assert (work.candidates_at.name, work.server_at.name) == ("c1.campus", "g1")


def test_a_written_size_prevails_and_the_catalogue_gives_the_rest(tmp_path: Path) -> None:
    usual, *_ = compiled(tmp_path, examination()).work
    assert isinstance(usual, ExaminationWork)
    facts = catalogue()
    images = facts.number("examination_images") * facts.number("examination_image_bytes")
    assert usual.images_bytes == images
    assert 200_000 <= usual.paper_bytes + usual.images_bytes <= 2_000_000
    written = examination(images=3, image_size="100 kB", server_time="20 ms", entry="0 s")
    small, *_ = compiled(tmp_path, written).work
    assert isinstance(small, ExaminationWork)
    assert (small.images_bytes, small.server_ns, small.entry_ns) == (300_000, 20_000_000, 0)
    assert small.answers == usual.answers


def lesson(**others: Any) -> dict[str, Any]:
    return {
        "id": "lesson",
        "workflow": "lesson",
        "service": "education.lesson",
        "server": "municipal",
        "learners": {"tier": ["municipal", "county", "grassroots"]},
        **others,
    }


def test_learners_watch_from_their_own_server_or_the_nearest(tmp_path: Path) -> None:
    plan = compiled(tmp_path, lesson())
    ends = {}
    for work in plan.work:
        assert isinstance(work, LessonWork)
        ends[work.learners_at.name] = work.server_at.name
        ((nodes, _),) = work.stream_ways()
        assert nodes in plan.routes
        assert nodes[::-1] in plan.routes
    assert ends == {"m.campus": "m", "c1.campus": "m", "c2.campus": "m", "g1": "m"}


def test_questions_of_a_lesson_have_the_class_of_transfers_unless_the_block_names_one(
    tmp_path: Path,
) -> None:
    classes = list(catalogue().classes)
    usual, *_ = compiled(tmp_path, lesson()).work
    asked, *_ = compiled(tmp_path, lesson(class_of_service="high_throughput_data")).work
    assert isinstance(usual, LessonWork)
    assert isinstance(asked, LessonWork)
    assert classes[usual.class_index] == "multimedia_streaming"
    assert classes[usual.questions.class_index] == "low_latency_data"
    assert asked.class_index == asked.questions.class_index == classes.index("high_throughput_data")


def test_a_lessons_figures_are_written_or_the_catalogues(tmp_path: Path) -> None:
    usual, *_ = compiled(tmp_path, lesson()).work
    written = lesson(
        video="vr_8k30", duration_median="10 min", interactions_per_hour=60, answer_size="3 kB"
    )
    other, *_ = compiled(tmp_path, written).work
    assert isinstance(usual, LessonWork)
    assert isinstance(other, LessonWork)
    assert usual.questions.per_hour == catalogue().number("lesson_interactions_per_hour")
    assert (usual.video.target_rate_bps, other.video.target_rate_bps) == (5_000_000, 80_000_000)
    assert other.duration_median_ns == 600 * S
    assert (other.questions.per_hour, other.questions.answer_bytes) == (60, 3000)
    assert other.questions.question_bytes == usual.questions.question_bytes


def morning(**others: Any) -> dict[str, Any]:
    return {
        "id": "morning",
        "workflow": "morning_reading",
        "service": "education.conference_1080p",
        "services": {"reading": "reading.cloud_desktop"},
        "host": "p",
        "participants": {"tier": ["provincial", "county", "grassroots"]},
        "schedule": [{"start": "10:00", "duration": "30 min"}],
        **others,
    }


def test_the_host_presents_and_all_others_fetch_from_it(tmp_path: Path) -> None:
    plan = compiled(tmp_path, morning(shared_screen="1080p30"))
    (work,) = plan.work
    assert isinstance(work, MorningReadingWork)
    assert [one.place.name for one in work.rooms] == ["p.campus", "c1.campus", "c2.campus", "g1"]
    assert work.meetings == ((1800 * S, 3600 * S),)
    assert {(one.terminals_at.name, one.source_at.name) for one in work.fetches} == {
        (name, "p") for name in ("c1.campus", "c2.campus", "g1")
    }
    assert {one.service for one in work.fetches} == {"reading.cloud_desktop"}
    assert work.cases == catalogue().number("morning_reading_cases")
    assert work.shared is not None
    for ends, _ in work.stream_ways():
        assert ends in plan.routes


def test_each_hospital_meets_at_its_nearest_host_of_a_tier(tmp_path: Path) -> None:
    block = morning(host="municipal", participants={"tier": ["county", "grassroots"]})
    (work,) = compiled(tmp_path, block).work
    assert isinstance(work, MorningReadingWork)
    assert work.bridge_at.name == "m"
    block = morning(host="county", participants={"tier": "grassroots"})
    (work,) = compiled(tmp_path, block).work
    assert isinstance(work, MorningReadingWork)
    assert [one.place.site for one in work.rooms] == ["c1", "g1"]


def test_cases_may_lie_elsewhere_than_at_the_host(tmp_path: Path) -> None:
    block = morning(image_fetch={"source": "parent"}, cases=2, terminals_per_site=7)
    (work,) = compiled(tmp_path, block).work
    assert isinstance(work, MorningReadingWork)
    assert {one.terminals_at.site: one.source_at.site for one in work.fetches} == {
        "c1": "m",
        "c2": "m",
        "g1": "c1",
    }
    assert (work.cases, work.terminals) == (2, 7)
