"""What changes the answers of the experiments of consultations, and what does not."""

import pandas as pd
import pytest

from examples.what_if import assert_same_answer, observed, rows, run, violated

WINDOW = "window.duration=5 min"
MEETING = "window.duration=7 min"
SATELLITE = "links.national-line.technology=satellite_geo"
HALF_THE_LINE = "links.songtao-line.rate=10 Mbit/s"
STANDBY = "links.national-standby.rate=20 Mbit/s"
"""It takes over when the first line fails, and no experiment here lets it fail."""
OTHER_ROOMS = ["county_rooms", "city_rooms", "township_rooms", "fallback_rooms"]
COUNTS = ["scenario", "clause", "offered", "judged", "violated", "blocked"]
SHARE_OF_IMAGES = 15 / (15 + 25)
"""The weight of their class beside the cameras' (catalogue/data/classes.yaml)."""
PAYLOAD = 1460 / 1538
"""Of a full segment on the wire."""
NOBODY_CONSULTS = "links.panxin-line.rate_down=15 Mbit/s"
"""The teams meet in county and municipal hospitals, not in townships."""


@pytest.mark.nightly
def test_experts_behind_a_satellite_are_too_late_and_township_rooms_do_not_notice() -> None:
    usual, moved = run("remote_consultation", WINDOW), run("remote_consultation", WINDOW, SATELLITE)
    experts = ("national_experts", "delay_ms_max")
    assert violated(usual, *experts) == 0
    assert violated(moved, *experts) == rows(moved, *experts).judged.sum()
    gain_ms = rows(moved, *experts).p50.item() - rows(usual, *experts).p50.item()
    # The satellite's way of 239 ms at least in place of a fibre that is shorter than 12 ms.
    assert 239 - 12 < gain_ms < 320
    others = [one.summary[one.summary.scenario.isin(OTHER_ROOMS)][COUNTS] for one in (usual, moved)]
    pd.testing.assert_frame_equal(*others)


@pytest.mark.nightly
def test_a_standby_that_never_takes_over_changes_nothing() -> None:
    assert_same_answer(
        run("remote_consultation", WINDOW), run("remote_consultation", WINDOW, STANDBY)
    )


@pytest.mark.nightly
def test_half_the_line_halves_what_a_full_line_leaves_to_images() -> None:
    usual, half = run("mdt", MEETING), run("mdt", MEETING, HALF_THE_LINE)
    for results, rate_mbps in ((usual, 20), (half, 10)):
        goodput = observed(results, "team", "goodput_mbps_min", "songtao").median()
        # Cameras fill both lines, so images get no more than their class's share, and TCP uses most of it.
        share_mbps = rate_mbps * SHARE_OF_IMAGES * PAYLOAD
        assert 0.85 * share_mbps < goodput < 1.02 * share_mbps
    worst_before, worst_after = (
        observed(one, "team", "loss_max", "songtao").mean() for one in (usual, half)
    )
    assert worst_after > worst_before > 0.0005


@pytest.mark.nightly
def test_a_line_of_a_township_changes_nothing_of_a_meeting() -> None:
    assert_same_answer(run("mdt", MEETING), run("mdt", MEETING, NOBODY_CONSULTS))
