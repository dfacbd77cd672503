"""The summary counts sessions once each, and adds up."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hand_made_tables import NAN, leg, leg_bin, limit, run_tables, session
from telemedsim.sla.evaluate import evaluate
from telemedsim.stats.intervals import wilson
from telemedsim.stats.summarise import summarise


def summary_of(**rows):
    tables = run_tables(**rows)
    return summarise({**tables, "verdicts": evaluate(tables)})


def test_a_session_breaks_a_clause_if_any_of_its_legs_does():
    legs = [leg(i, session=0, start_s=9.0 if i == 39 else 0.5) for i in range(40)]
    row = summary_of(sessions=[session(0)], legs=legs, limits=[limit("start_s_max", 3)]).iloc[0]
    assert (row.offered, row.judged, row.violated) == (1, 1, 1)
    assert (row.p50, row.p95, row.worst) == (0.5, 0.5, 9.0)
    assert row.interval == "naive (one day)"


def test_an_unjudged_leg_keeps_a_session_from_passing():
    legs = [leg(0), leg(1, session=0, joined_s=-5.0, start_s=NAN)]
    row = summary_of(sessions=[session(0)], legs=legs, limits=[limit("start_s_max", 3)]).iloc[0]
    assert (row.judged, row.not_judged) == (0, 1)
    assert math.isnan(row.rate)


def test_rate_has_wilsons_interval_over_sessions():
    sessions = [session(i) for i in range(8)]
    legs = [leg(i, start_s=9.0 if i < 2 else 0.5) for i in range(8)]
    row = summary_of(sessions=sessions, legs=legs, limits=[limit("start_s_max", 3)]).iloc[0]
    assert row.rate == 0.25
    assert (row.rate_low, row.rate_high) == wilson(2, 8)


def test_rows_follow_the_limits_then_the_tiers_from_the_centre_outwards():
    tiers = ["grassroots", "county", "provincial"]
    sessions = [session(i, tier=tier) for i, tier in enumerate(tiers)]
    legs = [leg(i, tier=tier) for i, tier in enumerate(tiers)]
    limits = [limit("start_s_max", 3), limit("freezes_max", 0)]
    table = summary_of(sessions=sessions, legs=legs, limits=limits)
    assert list(table.clause) == ["start_s_max"] * 3 + ["freezes_max"] * 3
    assert list(table.tier) == ["provincial", "county", "grassroots"] * 2


def test_a_broadcast_is_counted_in_the_tier_of_each_of_its_viewers():
    legs = [leg(0, tier="county"), leg(1, session=0, tier="grassroots", start_s=9.0)]
    table = summary_of(sessions=[session(0)], legs=legs, limits=[limit("start_s_max", 3)])
    assert list(table.tier) == ["county", "grassroots"]
    assert list(table.violated) == [0, 1]
    assert list(table.offered) == [1, 1]


def test_flags_name_overrides_assumptions_and_many_censored():
    running = {"ended_s": NAN, "running_s": 2.0, "start_s": NAN}
    sessions = [session(i) for i in range(10)]
    for censored, flags in ((1, ""), (2, "over 10 % censored")):
        legs = [leg(i, **(running if i < censored else {})) for i in range(10)]
        row = summary_of(sessions=sessions, legs=legs, limits=[limit("start_s_max", 3)]).iloc[0]
        assert (row.censored, row["flags"]) == (censored, flags)
    marked = limit("start_s_max", 3, source="override at x.yaml:4; assumption: bound")
    row = summary_of(sessions=sessions, legs=legs[2:], limits=[marked]).iloc[0]
    assert row["flags"] == "override; assumed: bound"


def test_a_delay_says_its_statistic_and_basis_and_who_chose_them():
    for source, flags in (
        ("assumption: statistic, delay_basis", "assumed: statistic p99 and basis round trip"),
        ("override: statistic; assumption: delay_basis",
         "override: statistic p99; assumed: basis round trip"),
    ):  # fmt: skip
        asked = {"statistic": "p99", "basis": "round_trip", "source": f"white paper; {source}"}
        row = summary_of(limits=[limit("delay_ms_max", 50, **asked)]).iloc[0]
        assert (row.statistic, row["flags"]) == ("p99 round_trip", flags)


def test_a_row_says_that_it_judged_a_part_of_a_session():
    """What the window saw of a session is judged for delay, loss and rate, and marked (rule 2)."""
    limits = [limit("target_mbps_min", 5), limit("freezes_max", 0)]
    for whole, cut in (({}, ""), ({"ended_s": NAN, "running_s": 9.0}, "sessions seen in part")):
        table = summary_of(sessions=[session(0)], legs=[leg(0, **whole)], limits=limits)
        rate, freezes = table.iloc[0], table.iloc[1]
        assert (rate.judged, rate["flags"]) == (1, cut)
        assert freezes.judged == (0 if cut else 1)
        assert cut == "" or cut not in freezes["flags"]


def test_a_scenario_that_offered_nothing_still_has_its_row():
    row = summary_of(limits=[limit("start_s_max", 3)]).iloc[0]
    assert (row.offered, row.judged, row.tier) == (0, 0, "")


def test_connections_count_bins():
    legs = [
        leg(i, session=-1, kind="connection", scenario="c", service="conn.x", direction=way)
        for i, way in enumerate(("up", "down"))
    ]
    bins = [leg_bin(i, 300.0 * b, 3000, 0) for i in range(2) for b in range(3)]
    limits = [limit("bandwidth_mbps_min", 30, scenario="c", service="conn.x")]
    row = summary_of(legs=legs, leg_bins=bins, limits=limits).iloc[0]
    assert (row.offered, row.judged, row.violated, row.worst) == (6, 6, 6, 20.0)
    assert row.top_cause == "provisioned_rate"


def test_the_top_cause_is_the_most_frequent():
    legs = [leg(i, freezes=1) for i in range(3)]
    losses = [
        {"leg": i, "interface": f"l{min(i, 1)}", "cause": "overflow", "packets": 1}
        for i in range(3)
    ]
    row = summary_of(
        sessions=[session(i) for i in range(3)],
        legs=legs,
        losses=losses,
        limits=[limit("freezes_max", 0)],
    ).iloc[0]
    assert (row.top_cause, row.top_interface) == ("overflow", "l1")


KINDS = st.sampled_from(["good", "bad", "running", "before", "blocked", "abandoned", "empty"])


@settings(max_examples=6, deadline=None)
@given(st.lists(KINDS, max_size=12))
def test_every_offered_session_is_counted_once(kinds):
    outcome = {"blocked": "blocked", "abandoned": "abandoned", "running": "running"}
    sessions = [session(i, outcome=outcome.get(kind, "completed")) for i, kind in enumerate(kinds)]
    facts = {
        "good": {},
        "bad": {"start_s": 9.0, "freezes": 1},
        "running": {"ended_s": NAN, "running_s": 1.0, "start_s": NAN},
        "before": {"joined_s": -5.0, "start_s": NAN},
        "abandoned": {"start_s": NAN},
    }
    legs = [leg(i, **facts[kind]) for i, kind in enumerate(kinds) if kind in facts]
    clauses = ["start_s_max", "freezes_max", "delay_ms_max", "loss_max", "blocking_max"]
    table = summary_of(sessions=sessions, legs=legs, limits=[limit(name, 1) for name in clauses])
    for row in table.itertuples():
        refused = 0 if row.clause == "blocking_max" else row.blocked
        assert row.offered == row.judged + row.censored + row.not_judged + refused
        assert row.offered == len(kinds)
        assert (row.blocked, row.abandoned) == (kinds.count("blocked"), kinds.count("abandoned"))


@pytest.mark.parametrize("clause", ["start_s_max", "target_mbps_min"])
def test_worst_is_the_far_end_of_the_sense(clause):
    legs = [
        leg(i, start_s=start, target_rate_bps=int(rate * 1e6))
        for i, (start, rate) in enumerate([(1.0, 9.0), (2.0, 8.0)])
    ]
    row = summary_of(sessions=[session(0), session(1)], legs=legs, limits=[limit(clause, 5)]).iloc[
        0
    ]
    assert row.worst == {"start_s_max": 2.0, "target_mbps_min": 8.0}[clause]
