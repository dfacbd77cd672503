"""Connections bin by bin, and what makes verdicts a function of the tables alone."""

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from hand_made_tables import delays, leg, leg_bin, limit, run_tables, session
from telemedsim.sla.evaluate import evaluate


class TestConnections:
    def connection(self, clause, bound, bins, facts=None, legs=None, **rows):
        facts = {
            "session": -1,
            "kind": "connection",
            "scenario": "c",
            "service": "conn.x",
            **(facts or {}),
        }
        limits = [limit(clause, bound, scenario="c", service="conn.x")]
        legs = [leg(3, **facts)] if legs is None else legs
        return evaluate(run_tables(legs=legs, limits=limits, leg_bins=bins, **rows))

    def test_bandwidth_is_what_is_provisioned_and_nothing_in_an_outage(self):
        bins = [leg_bin(3, 0.0, 3000, 0), leg_bin(3, 300.0, 0, 3000)]
        seen = self.connection("bandwidth_mbps_min", 20, bins)
        assert list(seen.verdict) == ["met", "violated"]
        assert list(seen.observed) == [20.0, 0.0]
        assert list(seen.bin_s) == [0.0, 300.0]
        assert list(seen.cause) == ["", "outage"]

    def test_loss_is_judged_by_bin_from_enough_probes_on(self):
        bins = [leg_bin(3, 0.0, 20_000, 0), leg_bin(3, 300.0, 19_980, 20)]
        facts = {"delivered_packets": 39_980, "lost_packets": 20}
        assert list(self.connection("loss_max", 0.0005, bins, facts).verdict) == ["met", "violated"]

    def test_bins_with_few_probes_share_the_verdict_of_the_run(self):
        bins = [leg_bin(3, 300.0 * i, 3_000, 0) for i in range(7)]
        seen = self.connection("loss_max", 0.0005, bins, {"delivered_packets": 21_000})
        assert set(seen.verdict) == {"met"}
        assert set(seen.note) == {"pooled over the bins of the run"}
        seen = self.connection("loss_max", 0.0005, bins[:6], {"delivered_packets": 18_000})
        assert set(seen.verdict) == {"not_judged"}

    def test_delay_is_judged_bin_by_bin_where_bins_were_kept(self):
        bins = [leg_bin(3, 0.0, 3000, 0), leg_bin(3, 300.0, 3000, 0)]
        whole = [*delays(3, {10: 3000}), *delays(3, {60: 3000})]
        kept = [{**row, "bin_s": bin_s} for row, bin_s in zip(whole, (0.0, 300.0), strict=True)]
        seen = self.connection("delay_ms_max", 50, bins, delays=whole, delay_bins=kept)
        assert list(seen.verdict) == ["met", "violated"]
        seen = self.connection("delay_ms_max", 50, bins, delays=whole)
        assert list(seen.verdict) == ["violated", "violated"]
        assert set(seen.note) == {"over the whole run"}


def mixed_tables():
    sessions = [session(i, tier=("county", "grassroots")[i % 2]) for i in range(6)]
    sessions += [session(6, outcome="blocked", blocked_by="ports"), session(7, outcome="abandoned")]
    legs = [
        leg(i, tier=sessions[i]["tier"], delivered_packets=9_000, lost_packets=i, freezes=i % 2)
        for i in range(6)
    ]
    legs.append(leg(9, session=5, tier="grassroots", direction="down", start_s=4.0))
    clauses = {
        "loss_max": 0.0005,
        "delay_ms_max": 50,
        "start_s_max": 3,
        "freezes_max": 0,
        "blocking_max": 0,
    }
    return run_tables(
        sessions=sessions,
        legs=legs,
        limits=[limit(clause, bound) for clause, bound in clauses.items()],
        delays=[row for i in range(6) for row in delays(i, {10: 900, 40 + 4 * i: 100})],
        leg_bins=[leg_bin(i, 0.0, 9_000, i) for i in range(6)],
        losses=[
            {"leg": i, "interface": f"l{i % 2}", "cause": "overflow", "packets": i}
            for i in range(1, 6)
        ],
    )


@settings(max_examples=4, deadline=None)
@given(st.randoms(use_true_random=False))
def test_verdicts_do_not_depend_on_the_order_of_rows(order):
    tables = mixed_tables()
    expected = evaluate(tables)
    shuffled = {}
    for name, table in tables.items():
        rows = list(range(len(table)))
        if name != "limits":
            order.shuffle(rows)
        shuffled[name] = table.iloc[rows].reset_index(drop=True)
    pd.testing.assert_frame_equal(evaluate(shuffled), expected)


def test_tables_alone_are_enough_to_judge_again_under_other_limits():
    tables = mixed_tables()
    before = evaluate(tables)
    softer = tables["limits"].assign(
        bound=tables["limits"].bound.where(tables["limits"].clause != "start_s_max", 5)
    )
    after = evaluate({**tables, "limits": softer})
    start = before.clause == "start_s_max"
    # Who gave up stays violated whatever the bound is.
    assert (before[start].verdict == "violated").sum() == 2
    assert (after[start].verdict == "violated").sum() == 1
    pd.testing.assert_frame_equal(before[~start], after[~start])


def test_no_limits_no_verdicts():
    assert evaluate(run_tables(sessions=[session(0)], legs=[leg(0)])).empty


def test_a_clause_that_nothing_measures_counts_a_broadcast_by_its_viewers() -> None:
    viewers = [leg(0, session=0, tier="county"), leg(1, session=0, tier="municipal")]
    tables = run_tables(
        sessions=[session(0, tier="provincial"), session(1, tier="provincial")],
        legs=viewers,
        limits=[limit("interaction_ms_max", 500, unit="ms")],
    )
    seen = evaluate(tables)
    # The second session has no leg, so it keeps its own tier.
    assert list(zip(seen.session, seen.tier, strict=True)) == [
        (0, "county"),
        (0, "municipal"),
        (1, "provincial"),
    ]
    assert set(seen.verdict) == {"not_judged"}
