"""What changes the answers of the imaging cloud's experiments, and what does not."""

import pandas as pd
import pytest

from examples.what_if import assert_same_answer, observed, rows, run, violated

WINDOW = "window.duration=5 min"
FEW_READINGS = "window.duration=2 min"
ALL_PREFETCHED = "scenarios.reading.prefetched_share=100 %"
HALF_THE_UPLINKS = (
    "links.tongzi-line.rate=15 Mbit/s",
    "links.zhengan-line.rate=15 Mbit/s",
    "links.songtao-line.rate=10 Mbit/s",
)
SATELLITE = "links.tongren-line.technology=satellite_geo"
LINE_OF_A_TOWNSHIP = "links.panxin-line.rate_down=15 Mbit/s"
"""No township writes or reads in either experiment."""
GEOSTATIONARY_MS = 2 * 35_786 / 299.8
"""Up to the satellite and down again, right below it: no way is shorter."""


def test_half_the_uplink_makes_studies_late_in_the_cloud() -> None:
    usual, half = run("cloud_pacs", WINDOW), run("cloud_pacs", WINDOW, *HALF_THE_UPLINKS)
    before, after = (
        rows(one, "writing", "upload_lag_p95_s_max").p50.item() for one in (usual, half)
    )
    # A study's time on the line doubles at least; those that do not end in the window, the longest
    # ones, are no longer among the judged, and the way to the line is as long as before.
    assert after > 1.5 * before
    bandwidth = ("county_lines", "bandwidth_mbps_min")
    assert violated(usual, *bandwidth) == 0
    assert violated(half, *bandwidth) == rows(half, *bandwidth).judged.sum()


@pytest.mark.nightly
def test_half_the_uplink_is_not_felt_by_readings_that_all_come_from_the_own_cache() -> None:
    usual = run("cloud_pacs", WINDOW, ALL_PREFETCHED)
    half = run("cloud_pacs", WINDOW, ALL_PREFETCHED, *HALF_THE_UPLINKS)
    for clause in ("response_s_max", "goodput_mbps_min", "delay_ms_max"):
        before, after = (rows(one, "reading", clause) for one in (usual, half))
        pd.testing.assert_frame_equal(before, after, check_exact=True)


@pytest.mark.nightly
def test_a_line_that_no_study_takes_changes_nothing_of_the_cloud_pacs() -> None:
    assert_same_answer(run("cloud_pacs", WINDOW), run("cloud_pacs", WINDOW, LINE_OF_A_TOWNSHIP))


@pytest.mark.nightly
def test_behind_a_satellite_no_desktop_is_fast_enough_and_the_hall_is_as_it_was() -> None:
    usual = run("cloud_image_reading", FEW_READINGS)
    moved = run("cloud_image_reading", FEW_READINGS, SATELLITE)
    assert observed(usual, "desktops", "delay_ms_max", "tongren").max() < 30
    assert observed(moved, "desktops", "delay_ms_max", "tongren").min() > GEOSTATIONARY_MS
    # A window of TCP at most each round trip: a way ten times as long costs seconds of a film.
    before, after = (observed(one, "films", "response_s_max", "tongren") for one in (usual, moved))
    assert after.min() > before.max() + 4 * GEOSTATIONARY_MS / 1000
    for clause in ("response_s_max", "goodput_mbps_min", "delay_ms_max"):
        hall, still = (rows(one, "hall", clause) for one in (usual, moved))
        pd.testing.assert_frame_equal(hall, still, check_exact=True)


@pytest.mark.nightly
def test_a_line_that_nobody_reads_over_changes_nothing_of_cloud_image_reading() -> None:
    assert_same_answer(
        run("cloud_image_reading", FEW_READINGS),
        run("cloud_image_reading", FEW_READINGS, LINE_OF_A_TOWNSHIP),
    )
