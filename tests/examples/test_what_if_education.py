"""What changes the answers of the experiments of medical education, and what does not."""

import pytest

from examples.what_if import rows, run


def broken(name: str, scenario: str, clause: str, tier: str, changes: list[str]) -> int:
    """Return how many sessions of a scenario break a clause at a tier; some must be judged."""
    found = rows(run(name, *changes), scenario, clause)
    found = found[found["tier"] == tier]
    assert found["judged"].sum() > 0
    return int(found["violated"].sum())


@pytest.mark.nightly
def test_a_line_on_the_ground_answers_learners_in_time_and_a_line_elsewhere_changes_nothing() -> (
    None
):
    short = [
        "window.duration=60 s",
        "scenarios.over_satellite.learners={ids: shixi}",
        "scenarios.over_satellite.lessons_per_site_per_day=200",
        "scenarios.over_satellite.interactions_per_hour=600",
        "scenarios.vr_surgery.video=lesson_1080p30",
        "scenarios.vr_anatomy.video=lesson_1080p30",
        "scenarios.vr_acupuncture.video=lesson_1080p30",
    ]
    asked = ("training", "over_satellite", "interaction_ms_max", "grassroots")
    as_it_is = broken(*asked, short)
    assert as_it_is > 0
    assert broken(*asked, [*short, "links.shixi-line.technology=mpls_vpn"]) == 0
    assert broken(*asked, [*short, "links.chumi-line.rate=5 Mbit/s"]) == as_it_is


@pytest.mark.nightly
def test_a_wider_line_shows_operations_without_skips_and_fewer_viewers_of_one_copy_change_nothing() -> (
    None
):
    shows = "schedule=[{start: '10:00', duration: 20 s}]"
    blocks = ("theatre", "townships", "vr_4k", "broadcast_4k")
    short = ["window.duration=30 s", *(f"scenarios.{block}.{shows}" for block in blocks)]
    asked = ("surgery_live", "theatre", "skips_max", "county")
    assert broken(*asked, short) == 1
    assert broken(*asked, [*short, "links.songtao-line.rate=40 Mbit/s"]) == 0
    fewer = [f"scenarios.{block}.viewers_per_site=1" for block in blocks]
    assert broken(*asked, [*short, *fewer]) == 1


@pytest.mark.nightly
def test_wider_county_lines_show_a_case_in_time_and_a_line_elsewhere_changes_nothing() -> None:
    meets = ["cases=1", "schedule=[{start: '08:00', duration: 90 s}]"]
    blocks = ("hospitals", "townships")
    short = [
        "window.duration=95 s",
        *(f"scenarios.{block}.{one}" for block in blocks for one in meets),
    ]
    wider = [f"links.{site}-line.rate=200 Mbit/s" for site in ("tongzi", "zhengan", "songtao")]
    asked = ("multi_hospital_morning_reading", "hospitals", "response_s_max", "county")
    as_it_is = broken(*asked, short)
    assert as_it_is > 0
    assert broken(*asked, [*short, *wider]) == 0
    assert broken(*asked, [*short, "links.shixi-line.rate_down=50 Mbit/s"]) == as_it_is
