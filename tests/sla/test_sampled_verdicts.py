"""Verdicts in sampled time: what blocks saw is judged on it, what needs a whole session is not."""

from typing import Any

import pandas as pd
import pytest

from hand_made_tables import NAN, delays, leg, limit, run_tables, session
from telemedsim.sla.evaluate import evaluate
from telemedsim.stats.intervals import clustered_wilson, wilson
from telemedsim.stats.summarise import summarise

PARTS = [{"begin_s": 55.0, "end_s": 110.0}, {"begin_s": 500.0, "end_s": 555.0}]


def sampled_leg(number: int, **facts: Any) -> dict[str, Any]:
    """Return a leg of a session from 20 s to 620 s, of which both blocks saw 110 s in all."""
    return leg(number, **{"joined_s": 20.0, "ended_s": 620.0, "measured_s": 110.0, **facts})


def judged(*legs: dict[str, Any], clause: str, bound: float, **tables: Any) -> pd.DataFrame:
    sessions = [session(one["session"]) for one in legs]
    limits = [limit(clause, bound), *tables.pop("limits", [])]
    rows = run_tables(
        sessions=sessions, legs=list(legs), limits=limits, sampled_parts=PARTS, **tables
    )
    return evaluate(rows)


@pytest.mark.parametrize(
    ("clause", "count"),
    [
        ("freezes_max", "freezes"),
        ("skips_max", "frames_skipped"),
        ("interruptions_max", "interruptions"),
    ],
)
def test_counts_of_a_session_become_rates_a_minute(clause: str, count: str) -> None:
    row = judged(sampled_leg(0, **{count: 3}), clause=clause, bound=0).iloc[0]
    assert row.verdict == "not_judged"
    assert row.observed == pytest.approx(3 * 60 / 110)
    assert row.note == "a minute, in 110 s of sampled blocks"


def test_a_session_inside_one_block_is_judged_whole() -> None:
    whole = sampled_leg(0, joined_s=60.0, ended_s=90.0, measured_s=30.0, freezes=2)
    row = judged(whole, clause="freezes_max", bound=0).iloc[0]
    assert (row.verdict, row.observed) == ("violated", 2.0)
    good = judged(dict(whole, freezes=0), clause="freezes_max", bound=0).iloc[0]
    assert good.verdict == "met"


NOTHING = dict.fromkeys(("sent_packets", "delivered_packets", "frames_sent", "frames_shown"), 0) | {
    "measured_s": 0.0,
    "start_s": NAN,
    "delay_mean_ns": NAN,
}


@pytest.mark.parametrize(
    ("clause", "bound"),
    [
        ("delay_ms_max", 50.0),
        ("loss_max", 0.01),
        ("target_mbps_min", 4.0),
        ("freezes_max", 0.0),
        ("interruptions_max", 0.0),
    ],
)
def test_a_stream_that_no_block_saw_is_never_met(clause: str, bound: float) -> None:
    row = judged(sampled_leg(0, **NOTHING), clause=clause, bound=bound).iloc[0]
    assert (row.verdict, row.note) == ("not_judged", "outside of sampled blocks")
    assert pd.isna(row.observed)


def test_what_was_seen_of_a_stream_is_judged() -> None:
    one = sampled_leg(0, delivered_packets=99_000, lost_packets=1_000)
    row = judged(one, clause="loss_max", bound=0.001).iloc[0]
    assert (row.verdict, row.observed) == ("violated", 0.01)
    histogram = delays(0, {20.0: 99_000})
    row = judged(one, clause="delay_ms_max", bound=50.0, delays=histogram).iloc[0]
    assert row.verdict == "met"


def test_a_start_is_judged_where_a_block_saw_it() -> None:
    seen = sampled_leg(0, joined_s=60.0, start_s=0.5)
    assert judged(seen, clause="start_s_max", bound=3.0).iloc[0].verdict == "met"
    unseen = judged(sampled_leg(0, start_s=NAN), clause="start_s_max", bound=3.0).iloc[0]
    assert (unseen.verdict, unseen.note) == ("not_judged", "began outside of sampled blocks")
    # Ten seconds of the block without a frame: over the bound for certain.
    late = judged(sampled_leg(0, joined_s=100.0, start_s=NAN), clause="start_s_max", bound=3.0)
    assert (late.iloc[0].verdict, late.iloc[0].observed) == ("violated", 10.0)
    cut = judged(sampled_leg(0, joined_s=109.0, start_s=NAN), clause="start_s_max", bound=3.0)
    assert cut.iloc[0].verdict == "censored"
    never = sampled_leg(0, joined_s=60.0, ended_s=62.0, measured_s=2.0, start_s=NAN)
    assert judged(never, clause="start_s_max", bound=3.0).iloc[0].verdict == "violated"


def test_other_clauses_of_transfers_are_judged_as_ever() -> None:
    one = leg(0, kind="transfer", joined_s=20.0)
    with_time = {"leg": 0, "measure": "response", "origin_s": 20.0, "value_s": 2.0}
    rest = {"running_s": NAN, "object_bytes": 5_000_000, "goodput_bps": 2e7}
    row = judged(one, clause="response_s_max", bound=3.0, measures=[with_time | rest]).iloc[0]
    assert row.verdict == "met"


def summary_of(legs: list[dict[str, Any]], clause: str, bound: float) -> pd.Series:
    tables = run_tables(
        sessions=[session(one["session"]) for one in legs],
        legs=legs,
        limits=[limit(clause, bound)],
        sampled_parts=PARTS,
    )
    return summarise({**tables, "verdicts": evaluate(tables)}).iloc[0]


def test_sessions_of_one_block_are_a_cluster() -> None:
    """Ten sessions of the first block lose packets, ten of the second do not."""
    legs = [
        sampled_leg(number, joined_s=joined_s, ended_s=joined_s + 200, lost_packets=lost)
        for number, (joined_s, lost) in enumerate([(20.0, 5_000)] * 10 + [(450.0, 0)] * 10)
    ]
    row = summary_of(legs, "loss_max", 0.001)
    assert (row.judged, row.violated, row.rate) == (20, 10, 0.5)
    assert (row.rate_low, row.rate_high) == clustered_wilson([10, 0], [10, 10])
    assert row.rate_low < wilson(10, 20)[0]
    assert row.interval == "by block (one day)"
    assert "sampled blocks" in row["flags"]


def test_a_row_says_how_often_a_minute() -> None:
    legs = [
        sampled_leg(0, joined_s=20.0, ended_s=220.0, measured_s=60.0, freezes=2),
        sampled_leg(1, joined_s=20.0, ended_s=220.0, measured_s=30.0, freezes=0),
        sampled_leg(2, joined_s=450.0, ended_s=800.0, measured_s=30.0, freezes=2),
    ]
    row = summary_of(legs, "freezes_max", 0)
    assert (row.judged, row.not_judged) == (0, 3)
    # Four freezes in two minutes; two blocks, of 1.5 and 0.5 minutes.
    assert row["flags"].endswith("sampled blocks: 2 a minute (0 to 14.7)")


def test_a_clustered_interval_is_never_narrower_and_plain_for_single_trials() -> None:
    assert clustered_wilson([1, 0, 0, 0], [1, 1, 1, 1])[1] >= wilson(1, 4)[1]
    low, high = clustered_wilson([0, 0], [10, 10])
    assert (low, high) == wilson(0, 2)
    assert clustered_wilson([], []) == (0.0, 1.0)
    # Clusters that do not differ: the trials are as good as independent.
    assert clustered_wilson([3, 3, 3], [10, 10, 10]) == wilson(9, 30)
