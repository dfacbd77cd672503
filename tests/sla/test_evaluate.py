"""Verdicts of each clause from tables written by hand: met, violated, censored, not judged, pooled."""

import numpy as np
import pandas as pd
import pytest

from hand_made_tables import (
    NAN,
    delays,
    leg,
    leg_bin,
    limit,
    measure,
    run_tables,
    session,
)
from telemedsim.core.errors import TelemedsimError
from telemedsim.sla.evaluate import evaluate


def verdicts(clause, bound, *, legs=None, sessions=None, limit_facts=None, **rows) -> pd.DataFrame:
    legs = [leg(0)] if legs is None else legs
    sessions = [session(0)] if sessions is None else sessions
    limits = [limit(clause, bound, **(limit_facts or {}))]
    return evaluate(run_tables(sessions=sessions, legs=legs, limits=limits, **rows))


def only(frame: pd.DataFrame) -> pd.Series:
    assert len(frame) == 1
    return frame.iloc[0]


INF = float("inf")


class TestDelay:
    def test_p95_of_delivered_packets_is_compared_with_the_bound(self):
        seen = only(verdicts("delay_ms_max", 50, delays=delays(0, {10: 940, 60: 60})))
        assert seen.verdict == "violated"
        assert seen.observed == pytest.approx(60, rel=1 / 128)
        assert seen.margin == pytest.approx(50 - seen.observed)
        seen = only(verdicts("delay_ms_max", 50, delays=delays(0, {10: 950, 60: 50})))
        assert (seen.verdict, seen.unit) == ("met", "ms")
        assert seen.observed == pytest.approx(10, rel=1 / 128)

    def test_lost_packets_are_not_in_the_delay(self):
        lossy = leg(0, delivered_packets=1000, lost_packets=99_000)
        seen = only(verdicts("delay_ms_max", 50, legs=[lossy], delays=delays(0, {10: 1000})))
        assert seen.verdict == "met"

    def test_too_few_packets_for_the_quantile_are_no_pass(self):
        seen = only(verdicts("delay_ms_max", 50, delays=delays(0, {10: 199})))
        assert seen.verdict == "not_judged"
        assert "too few packets" in seen.note
        assert only(verdicts("delay_ms_max", 50, delays=delays(0, {10: 200}))).verdict == "met"

    @pytest.mark.parametrize(
        ("bound", "most_ms", "verdict", "observed"),
        [
            (10, 90, "violated", 20),
            (50, 45, "met", 45),
            (50, 90, "not_judged", NAN),
            (50, INF, "not_judged", NAN),
        ],
    )
    def test_delays_known_between_two_bounds(self, bound, most_ms, verdict, observed):
        one = leg(0, kind="transfer", delay_most_ns=most_ms * 1e6)
        seen = only(verdicts("delay_ms_max", bound, legs=[one], delays=delays(0, {20: 99_000})))
        assert seen.verdict == verdict
        assert seen.observed == pytest.approx(observed, rel=1 / 128, nan_ok=True)
        assert ("one by one" in seen.note) == (verdict != "violated")

    @pytest.mark.parametrize(("statistic", "expected"), [("mean", 7.5), ("max", 9.0)])
    def test_mean_and_maximum_are_exact(self, statistic, expected):
        one = leg(0, delay_mean_ns=7.5e6, delay_max_ns=9e6)
        seen = only(verdicts("delay_ms_max", 8, legs=[one], limit_facts={"statistic": statistic}))
        assert seen.observed == expected

    def test_a_strict_bound_is_broken_by_its_own_value(self):
        facts = {"statistic": "max", "strict": True}
        assert only(verdicts("delay_ms_max", 5, limit_facts=facts)).verdict == "violated"
        facts = {"statistic": "max", "strict": False}
        assert only(verdicts("delay_ms_max", 5, limit_facts=facts)).verdict == "met"

    def test_round_trip_adds_the_other_direction(self):
        legs = [leg(0, delay_mean_ns=20e6), leg(1, session=0, direction="down", delay_mean_ns=40e6)]
        facts = {"statistic": "mean", "basis": "round_trip"}
        seen = verdicts("delay_ms_max", 50, legs=legs, limit_facts=facts)
        assert list(seen.observed) == [60.0, 60.0]
        alone = only(verdicts("delay_ms_max", 50, legs=legs[:1], limit_facts=facts))
        assert (alone.verdict, "other direction" in alone.note) == ("not_judged", True)

    def test_a_transfer_beside_a_call_is_not_judged_as_media(self):
        legs = [leg(0), leg(1, session=0, kind="transfer", delay_mean_ns=900e6)]
        seen = verdicts("delay_ms_max", 50, legs=legs, limit_facts={"statistic": "mean"})
        assert list(seen.leg) == [0]

    def test_an_unknown_statistic_is_refused(self):
        with pytest.raises(ValueError, match="p97"):
            verdicts("delay_ms_max", 50, limit_facts={"statistic": "p97"})


class TestLoss:
    def test_late_packets_count_as_lost(self):
        one = leg(0, delivered_packets=99_980, lost_packets=20, late_packets=40)
        seen = only(verdicts("loss_max", 0.0005, legs=[one]))
        assert (seen.verdict, seen.observed) == ("violated", 60 / 100_000)
        one = leg(0, delivered_packets=99_980, lost_packets=20, late_packets=30)
        assert only(verdicts("loss_max", 0.0005, legs=[one])).verdict == "met"

    def test_packets_in_flight_are_neither_sent_nor_lost(self):
        one = leg(0, sent_packets=40_000, delivered_packets=20_000, in_flight_packets=20_000)
        assert only(verdicts("loss_max", 0.0005, legs=[one])).observed == 0.0

    def test_a_leg_is_judged_alone_from_ten_over_the_bound_packets_on(self):
        enough = leg(0, delivered_packets=20_000)
        few = leg(0, delivered_packets=19_999)
        assert only(verdicts("loss_max", 0.0005, legs=[enough])).verdict == "met"
        seen = only(verdicts("loss_max", 0.0005, legs=[few]))
        assert (seen.verdict, seen.note) == ("not_judged", "too few packets: 19999 of 20000")

    def test_legs_of_a_path_and_bin_share_the_pooled_verdict(self):
        legs = [leg(i, delivered_packets=7_000 - i * 6, lost_packets=i * 6) for i in range(3)]
        bins = [leg_bin(i, 0.0, 7_000 - i * 6, i * 6) for i in range(3)]
        sessions = [session(i) for i in range(3)]
        seen = verdicts("loss_max", 0.0005, legs=legs, sessions=sessions, leg_bins=bins)
        assert set(seen.verdict) == {"violated"}
        assert set(seen.observed) == {18 / 21_000}
        assert set(seen.note) == {"pooled: 21000 packets of 3 legs, bin at 0 s"}

    def test_another_path_is_not_in_the_pool(self):
        legs = [leg(i, delivered_packets=15_000, path=f"l{i}/up") for i in range(2)]
        bins = [leg_bin(i, 0.0, 15_000, 0) for i in range(2)]
        seen = verdicts(
            "loss_max", 0.0005, legs=legs, sessions=[session(0), session(1)], leg_bins=bins
        )
        assert set(seen.verdict) == {"not_judged"}

    def test_a_transfer_is_judged_by_its_probe(self):
        transfer = leg(0, kind="transfer", delivered_packets=0, lost_packets=90_000, probe_leg=7)
        probe = leg(7, session=-1, kind="probe", delivered_packets=29_990, lost_packets=10)
        seen = only(verdicts("loss_max", 0.0005, legs=[transfer, probe]))
        assert (seen.leg, seen.verdict, seen.note) == (0, "met", "by its probe")
        assert seen.observed == 10 / 30_000

    def test_what_a_transfer_overflows_itself_is_not_pooled_with_its_probes(self):
        transfer = leg(0, kind="transfer", lost_packets=9_000, probe_leg=7)
        probes = [
            leg(n, session=-1, kind="probe", delivered_packets=15_000, lost_packets=0)
            for n in (7, 8)
        ]
        bins = [
            leg_bin(0, 0.0, 90_000, 9_000),
            leg_bin(7, 0.0, 15_000, 0),
            leg_bin(8, 0.0, 15_000, 3),
        ]
        seen = only(verdicts("loss_max", 0.0005, legs=[transfer, *probes], leg_bins=bins))
        assert (seen.verdict, seen.observed) == ("met", 3 / 30_003)
        assert seen.note == "by its probe; pooled: 30003 packets of 2 legs, bin at 0 s"

    def test_a_transfer_without_probe_is_not_judged(self):
        seen = only(verdicts("loss_max", 0.0005, legs=[leg(0, kind="transfer")]))
        assert (seen.verdict, seen.note) == ("not_judged", "no probe measured its path")


class TestRate:
    def test_an_encoder_below_the_minimum_breaks_it(self):
        slow = leg(0, target_rate_bps=4_000_000)
        seen = only(verdicts("target_mbps_min", 5, legs=[slow]))
        assert (seen.verdict, seen.observed, seen.margin) == ("violated", 4.0, -1.0)
        assert seen.cause == "encoder_target"

    def test_too_little_delivered_breaks_it_too(self):
        lossy = leg(0, delivered_packets=99_900, lost_packets=100)
        limits = [limit("target_mbps_min", 5), limit("loss_max", 0.0005)]
        seen = evaluate(run_tables(sessions=[session(0)], legs=[lossy], limits=limits)).iloc[0]
        assert (seen.verdict, seen.observed) == ("violated", 6.0)
        assert seen.margin == pytest.approx((0.999 - 0.9995) * 6)
        assert "99.9000% of it delivered" in seen.note
        limits[1] = limit("loss_max", 0.002)
        seen = evaluate(run_tables(sessions=[session(0)], legs=[lossy], limits=limits)).iloc[0]
        assert seen.verdict == "met"

    def test_goodput_is_that_of_objects_of_a_megabyte_or_more(self):
        transfer = leg(0, kind="transfer")
        small = measure(0, "response", 10.0, object_bytes=999_999)
        seen = only(verdicts("goodput_mbps_min", 10, legs=[transfer], measures=[small]))
        assert (seen.verdict, seen.leg) == ("not_judged", -1)
        large = measure(0, "response", 4.0)
        seen = only(verdicts("goodput_mbps_min", 10, legs=[transfer], measures=[large]))
        assert (seen.verdict, seen.observed) == ("met", 10.0)

    def test_an_unfinished_object_can_only_get_slower(self):
        transfer = leg(0, kind="transfer", ended_s=NAN, running_s=5.0)
        late = measure(0, "response", running_s=5.0)
        seen = only(verdicts("goodput_mbps_min", 10, legs=[transfer], measures=[late]))
        assert (seen.verdict, seen.observed) == ("violated", 8.0)
        early = measure(0, "response", running_s=3.0)
        seen = only(verdicts("goodput_mbps_min", 10, legs=[transfer], measures=[early]))
        assert seen.verdict == "censored"


class TestTimes:
    @pytest.mark.parametrize(
        ("facts", "verdict", "observed"),
        [
            ({"value_s": 5.0}, "met", 5.0),
            ({"value_s": 5.5}, "violated", 5.5),
            ({"running_s": 4.0}, "censored", 4.0),
            ({"running_s": 6.0}, "violated", 6.0),
            ({"value_s": 9.0, "origin_s": -1.0}, "not_judged", 9.0),
        ],
    )
    def test_response(self, facts, verdict, observed):
        rows = [measure(0, "response", **facts)]
        seen = only(verdicts("response_s_max", 5, legs=[leg(0, kind="transfer")], measures=rows))
        assert (seen.verdict, seen.observed) == (verdict, observed)

    def test_giving_up_is_a_violation_even_within_the_bound(self):
        gone = session(0, outcome="abandoned")
        rows = [measure(0, "response", running_s=2.0)]
        seen = only(
            verdicts(
                "response_s_max", 5, legs=[leg(0, kind="transfer")], sessions=[gone], measures=rows
            )
        )
        assert (seen.verdict, seen.note) == ("violated", "given up by the user")
        assert np.isnan(seen.margin)
        without_legs = only(verdicts("response_s_max", 5, legs=[], sessions=[gone]))
        assert (without_legs.verdict, without_legs.leg) == ("violated", -1)

    def test_a_statistic_over_several_measures_of_a_leg(self):
        rows = [measure(0, "lag", float(second)) for second in range(1, 101)]
        legs = [leg(0, kind="transfer")]
        facts = {"statistic": "p95"}
        seen = only(
            verdicts("upload_lag_p95_s_max", 95, legs=legs, measures=rows, limit_facts=facts)
        )
        assert (seen.verdict, seen.observed) == ("met", 95.0)

    def test_start_counts_from_joining_to_the_first_frame(self):
        assert only(verdicts("start_s_max", 0.5)).verdict == "met"
        assert only(verdicts("start_s_max", 0.4)).verdict == "violated"
        waiting = leg(0, start_s=NAN, ended_s=NAN, running_s=2.0)
        assert only(verdicts("start_s_max", 3, legs=[waiting])).verdict == "censored"
        assert only(verdicts("start_s_max", 1, legs=[waiting])).verdict == "violated"
        never = only(verdicts("start_s_max", 99, legs=[leg(0, start_s=NAN)]))
        assert (never.verdict, never.note) == ("violated", "no frame was ever shown")
        unseen = only(verdicts("start_s_max", 3, legs=[leg(0, joined_s=-9.0, start_s=NAN)]))
        assert (unseen.verdict, unseen.note) == ("not_judged", "began before the window")


@pytest.mark.parametrize(
    ("clause", "column"),
    [
        ("freezes_max", "freezes"),
        ("skips_max", "frames_skipped"),
        ("interruptions_max", "interruptions"),
    ],
)
class TestCounts:
    def test_a_whole_stream(self, clause, column):
        assert only(verdicts(clause, 0)).verdict == "met"
        assert only(verdicts(clause, 0, legs=[leg(0, **{column: 1})])).verdict == "violated"

    def test_a_running_stream_may_still_break_it(self, clause, column):
        running = {"ended_s": NAN, "running_s": 40.0}
        assert only(verdicts(clause, 0, legs=[leg(0, **running)])).verdict == "censored"
        broken = leg(0, **running, **{column: 1})
        assert only(verdicts(clause, 0, legs=[broken])).verdict == "violated"

    def test_one_that_began_before_the_window_is_no_pass(self, clause, column):
        seen = only(verdicts(clause, 0, legs=[leg(0, joined_s=-5.0)]))
        assert (seen.verdict, seen.note) == ("not_judged", "began before the window")

    def test_transfers_have_no_picture(self, clause, column):
        seen = only(verdicts(clause, 0, legs=[leg(0, kind="transfer")]))
        assert (seen.verdict, seen.leg) == ("not_judged", -1)


class TestSessions:
    def test_blocking_breaks_only_its_own_clause(self):
        sessions = [session(0, outcome="blocked", blocked_by="rooms at b"), session(1)]
        limits = [limit("blocking_max", 0), limit("start_s_max", 3)]
        seen = evaluate(run_tables(sessions=sessions, legs=[leg(1)], limits=limits))
        assert list(seen.clause) == ["blocking_max", "blocking_max", "start_s_max"]
        assert list(seen.verdict) == ["violated", "met", "met"]
        assert list(seen.cause_interface) == ["rooms at b", "", ""]

    def test_one_under_way_at_the_opening_was_admitted_unseen(self):
        seen = only(verdicts("blocking_max", 0, sessions=[session(0, in_progress=True)], legs=[]))
        assert seen.verdict == "not_judged"

    def test_a_clause_that_nothing_measures_is_never_a_pass(self):
        facts = {"source": "white paper; not judged: needs a model of the sound"}
        seen = only(
            verdicts("sound_distortions_max", 0, limit_facts={**facts, "unit": "distortions"})
        )
        assert (seen.verdict, seen.note) == ("not_judged", "needs a model of the sound")
        seen = only(verdicts("a_clause_of_tomorrow_max", 0))
        assert seen.verdict == "not_judged"

    def test_a_clause_without_bound_is_not_judged(self):
        seen = only(verdicts("start_s_max", NAN))
        assert (seen.verdict, seen.note) == ("not_judged", "no bound")

    def test_a_limit_in_another_unit_is_refused(self):
        with pytest.raises(TelemedsimError, match="start_s_max is in 'ms'"):
            verdicts("start_s_max", 3000, limit_facts={"unit": "ms"})


def test_giving_up_is_a_violation_with_its_own_count():
    sessions = [
        session(0, outcome="abandoned", blocked_by="doctors at a"),
        session(1),
        session(2, outcome="running", ended_s=NAN),
        session(3, in_progress=True),
    ]
    seen = verdicts("abandonment_max", 0, legs=[], sessions=sessions)
    assert list(seen.verdict) == ["violated", "met", "censored", "not_judged"]
    assert tuple(seen.iloc[0][["cause", "cause_interface"]]) == ("abandoned", "doctors at a")
