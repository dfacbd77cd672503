"""What changes the answer of the examination's experiment, and what does not."""

import pytest

from examples.what_if import run, violated

SHORT = [
    "scenarios.over_satellite.candidates={ids: shixi}",
    "window.start=08:59:50",
    "window.duration=40 s",
    "scenarios.over_satellite.candidates_per_site=4",
    "scenarios.over_satellite.answers_per_candidate=600",
]
GROUND = ["links.shixi-line.technology=mpls_vpn"]
OTHER_LINE = ["links.panxin-line.rate_down=15 Mbit/s"]


def interactions_broken(*changes: str) -> int:
    """Return how many candidates behind the satellite's line wait too long for a confirmation."""
    results = run("examination", *SHORT, *changes)
    return violated(results, "over_satellite", "interaction_ms_max")


@pytest.mark.nightly
def test_a_line_on_the_ground_confirms_in_time_and_a_line_elsewhere_changes_nothing() -> None:
    as_it_is = interactions_broken()
    assert as_it_is == 4
    assert interactions_broken(*GROUND) == 0
    assert interactions_broken(*OTHER_LINE) == as_it_is
