"""What changes the answers of health management's experiments, and what does not."""

import pandas as pd
import pytest

from examples.what_if import assert_same_answer, observed, run, violated

HALF_THE_LINE = "links.anchang-line.rate=5 Mbit/s"
FILE_BITS = 5e6 * 8
SATELLITE = "links.songtao-line.technology=satellite_geo"
COUNTY_BEHIND_A_SATELLITE = "links.zhengan-line.technology=satellite_geo"
ONE_DOCTOR_FEWER = "scenarios.online.doctors=2"
WIDER_LINE = "links.anchang-line.rate=100 Mbit/s"
PATIENTLESS_LINE = "links.shixi-line.rate_down=50 Mbit/s"
"""Patients of these experiments are at home behind Internet and 4G, never behind the satellite."""
AMBULANCE_LINE = "links.ambulance-line.rate_up=7 Mbit/s"
"""The ambulance wears nothing and uploads nothing."""
ABANDONED = ("online", "abandonment_max")


def test_half_the_line_doubles_the_wait_for_a_file_there_and_nowhere_else() -> None:
    usual, half = run("personal_image_file"), run("personal_image_file", HALF_THE_LINE)
    before, after = (observed(one, "files", "file_s_max", "anchang").min() for one in (usual, half))
    # Alone on the line a file takes its bits' time, and a start that is as long on both.
    extra_s = FILE_BITS / 5e6 - FILE_BITS / 10e6
    assert extra_s < after - before < 1.2 * extra_s
    assert violated(half, "whole_studies", "abandonment_max") > violated(
        usual, "whole_studies", "abandonment_max"
    )
    elsewhere = [observed(one, "files", "file_s_max", "panxin") for one in (usual, half)]
    pd.testing.assert_series_equal(*elsewhere, check_exact=True)


@pytest.mark.nightly
def test_a_line_without_patients_changes_nothing_of_personal_files() -> None:
    assert_same_answer(run("personal_image_file"), run("personal_image_file", PATIENTLESS_LINE))


@pytest.mark.nightly
def test_one_doctor_fewer_loses_patients_and_a_wider_line_keeps_none() -> None:
    """On the plane without queues: who waits for a doctor does not wait for a line."""
    usual, fewer, wider = (
        run("online_image_consultation", *changes, engine="null")
        for changes in ([], [ONE_DOCTOR_FEWER], [WIDER_LINE])
    )
    assert violated(fewer, *ABANDONED) > violated(usual, *ABANDONED) > 0
    gave_up = [observed(one, *ABANDONED, "anchang") for one in (usual, wider)]
    pd.testing.assert_series_equal(*gave_up, check_exact=True)


@pytest.mark.nightly
def test_a_voice_over_a_satellite_is_rated_lower_and_one_past_it_is_not() -> None:
    usual, moved = (
        run("online_image_consultation", *changes, engine="null")
        for changes in ([], [COUNTY_BEHIND_A_SATELLITE])
    )
    heard = ("online", "voice_rating_min")
    # G.107: R stays above 90 near 100 ms from mouth to ear, and falls below 80 from 300 ms on.
    assert observed(usual, *heard, "anchang").min() > 90
    assert observed(moved, *heard, "anchang").max() < 80
    past_it = [observed(one, *heard, "panxin") for one in (usual, moved)]
    pd.testing.assert_series_equal(*past_it, check_exact=True)


@pytest.mark.nightly
def test_a_line_without_patients_changes_nothing_of_online_consultations() -> None:
    short = "window.duration=20 min"
    assert_same_answer(
        run("online_image_consultation", short),
        run("online_image_consultation", short, PATIENTLESS_LINE),
    )


@pytest.mark.nightly
def test_a_satellite_delays_the_alarms_behind_it_by_its_rounds_and_no_others() -> None:
    hour = "window.duration=1 h"
    usual = run("remote_health_monitoring", hour)
    moved = run("remote_health_monitoring", hour, SATELLITE)
    for site in ("songtao", "panxin"):
        before, after = (observed(one, "wearables", "alarm_s_max", site) for one in (usual, moved))
        # A handshake and two flights of 15 kB: five ways of 239 ms at least.
        assert after.min() > before.max() + 5 * 0.239
    for site in ("tongzi", "zhengan", "chumi", "anchang"):
        before, after = (observed(one, "wearables", "alarm_s_max", site) for one in (usual, moved))
        pd.testing.assert_series_equal(before, after, check_exact=True)


@pytest.mark.nightly
def test_a_line_without_wearables_changes_nothing_of_monitoring() -> None:
    hour = "window.duration=1 h"
    assert_same_answer(
        run("remote_health_monitoring", hour), run("remote_health_monitoring", hour, AMBULANCE_LINE)
    )
