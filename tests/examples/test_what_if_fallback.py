"""What a fallback to 720p changes where two rooms of a county share a line, and what it does not."""

import pandas as pd
import pytest

from examples.what_if import run

SHORT = ["window.duration=15 min"]
FALLBACK = ["scenarios.county_rooms.fallback=720p30"]


def pictures(*changes: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the legs of the county rooms' pictures, and those of the national experts."""
    legs = run("remote_consultation", *SHORT, *changes).tables["legs"]
    legs = legs[legs.video != ""]
    of = [legs[legs.scenario == name] for name in ("county_rooms", "national_experts")]
    return of[0], of[1]


@pytest.mark.nightly
def test_who_falls_back_skips_fewer_frames_and_rooms_on_wide_lines_stay_as_they_were() -> None:
    county, national = pictures()
    adapted, national_then = pictures(*FALLBACK)
    assert set(county.video) == {"1080p30/h264"}
    assert set(adapted.video) == {"1080p30/h264", "720p30/h264"}
    skipped = [legs.frames_skipped.sum() for legs in (county, adapted)]
    assert skipped[1] < skipped[0] / 5
    assert set(national_then.video) == {"1080p30/h264"}
    columns = ["site", "peer", "joined_s", "sent_packets", "delivered_packets", "lost_packets"]
    pd.testing.assert_frame_equal(
        national[columns].reset_index(drop=True), national_then[columns].reset_index(drop=True)
    )
