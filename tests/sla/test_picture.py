"""G.1070's video model against worked values, and verdicts of pictures from tables written by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hand_made_tables import leg, limit, run_tables, session
from telemedsim.catalogue.load import catalogue
from telemedsim.sla.evaluate import evaluate
from telemedsim.sla.video_model import score, video_facts

VIDEO = video_facts(catalogue())
SIX_INCH = replace(
    VIDEO,
    v=(6.743, 0.009998, 3.051, 168.1, 1.766, 1.130, 0.001834, 1.232, 53.25, 3.353, 6.025, 80.752),
)
"""Another column of annex B, table B.4."""


@pytest.mark.oracle
@pytest.mark.parametrize(
    ("rate_bps", "loss", "six_inch", "large"),
    [(5e5, 0.0, 3.397, 3.163), (1e6, 0.0, 3.869, 3.675), (1e6, 0.01, 3.129, 2.926), (2e6, 0.03, 2.231, 2.060)],
)  # fmt: skip
def test_scores_are_those_of_the_port(
    rate_bps: float, loss: float, six_inch: float, large: float
) -> None:
    assert score(rate_bps, 30, loss, SIX_INCH) == pytest.approx(six_inch, abs=5e-4)
    assert score(rate_bps, 30, loss, VIDEO) == pytest.approx(large, abs=5e-4)


def test_more_loss_is_never_better_and_nothing_comes_to_one() -> None:
    losses = np.linspace(0, 1, 50)
    scores = score(2e6, 30, losses, VIDEO)
    assert (np.diff(scores) <= 0).all()
    assert scores[-1] == pytest.approx(1, abs=1e-3)
    assert score(0.0, 30, 0.0, VIDEO) == pytest.approx(1, abs=1e-3)


def judged(*legs: dict[str, object]) -> pd.DataFrame:
    sessions = [session(number) for number in range(len(legs))]
    tables = run_tables(
        limits=[limit("video_score_min", 3)],
        sessions=sessions,
        legs=[leg(number, **{"frames_sent": 3000, **facts}) for number, facts in enumerate(legs)],
        losses=[{"leg": 1, "interface": "l2/up", "cause": "overflow", "packets": 2000}],
    )
    return evaluate(tables).set_index("session")


def test_a_picture_is_met_or_violated_by_loss_or_by_its_rate() -> None:
    """1080p at 5 Mbit/s is 741 kbit/s of VGA: 3.503; two per cent of loss take it below 3."""
    hd = {"video": "1080p30/h264", "target_rate_bps": 5_000_000}
    verdicts = judged(
        hd,
        {**hd, "delivered_packets": 98_000, "lost_packets": 2000},
        {**hd, "target_rate_bps": 1_000_000},
        {**hd, "video": ""},
    )
    assert verdicts.verdict.to_dict() == {0: "met", 1: "violated", 2: "violated", 3: "not_judged"}
    assert verdicts.observed[0] == pytest.approx(3.503, abs=5e-4)
    assert (verdicts.cause[1], verdicts.cause_interface[1]) == ("overflow", "l2/up")
    assert verdicts.cause[2] == "encoder_target"
    assert verdicts.note[:3].str.startswith("derived (G.1070, provisional)").all()


def test_h265_needs_half_the_rate_and_a_smaller_picture_less() -> None:
    same = judged(
        {"video": "1080p30/h264", "target_rate_bps": 6_750_000},
        {"video": "1080p30/h265", "target_rate_bps": 3_375_000},
        {"video": "720p30/h264", "target_rate_bps": 3_000_000},
    ).observed
    assert same.to_list() == pytest.approx([same[0]] * 3)


def test_a_glimpse_is_not_judged_and_what_lies_outside_says_so() -> None:
    far = {"video": "1080p60/h264", "target_rate_bps": 10_000_000}
    verdicts = judged(far, {"video": "720p30/h264", "frames_sent": 200})
    assert "extrapolated" in verdicts.note[0]
    assert verdicts.verdict[1] == "not_judged"
