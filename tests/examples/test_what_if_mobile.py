"""What changes the answers of mobile imaging, and what does not."""

import pandas as pd
import pytest

from examples.what_if import run

FULL = ["scenarios.ward_round.roaming.handover=full_authentication"]
QUICKER = ["scenarios.ward_round.roaming.handover_time=20 ms"]


def judged(*changes: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the summary and the measured times on the plane without queues."""
    results = run("mobile_imaging", *changes, engine="null")
    return results.summary, results.tables["measures"]


def broken(summary: pd.DataFrame) -> dict[tuple[str, str], int]:
    assert (summary.judged > 0).all()
    rows = summary[summary.violated > 0]
    return {(row.scenario, row.clause): row.violated for row in rows.itertuples()}


@pytest.fixture(scope="module")
def as_it_is() -> tuple[pd.DataFrame, pd.DataFrame]:
    return judged()


@pytest.mark.nightly
def test_every_clause_is_judged_and_fast_transition_is_not_seen(
    as_it_is: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    assert broken(as_it_is[0]) == {}


def test_full_authentication_freezes_some_fetches_of_the_round_and_of_nobody_else() -> None:
    summary, _ = judged(*FULL)
    found = broken(summary)
    assert set(found) == {("ward_round", "freezes_max")}
    assert summary[summary.violated > 0].top_cause.eq("handover").all()


@pytest.mark.nightly
def test_a_quicker_handover_changes_no_verdict(
    as_it_is: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    summary, measures = judged(*QUICKER)
    assert broken(summary) == {}
    assert len(measures) == len(as_it_is[1])
    assert measures.value_s.sum() < as_it_is[1].value_s.sum()


@pytest.mark.nightly
def test_fetches_cut_off_by_handovers_are_the_same_on_both_planes() -> None:
    changes = ["window.duration=2 min", "scenarios.ward_round.roaming.stay=5 s", *FULL]
    found = [
        run("mobile_imaging", *changes, engine=engine).tables for engine in ("hybrid", "reference")
    ]
    assert (found[0]["legs"].handover_s > 0).sum() > 5
    for name in ("legs", "measures", "splits"):
        pd.testing.assert_frame_equal(found[0][name], found[1][name])
