"""The cause of a violation is the part that weighs most, where it weighs most."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hand_made_tables import MS, leg, limit, measure, run_tables, session
from telemedsim.sla.evaluate import evaluate


def split(of, interface, component, ms, number=0):
    return {"leg": number, "of": of, "interface": interface, "component": component, "ns": ms * MS}


def lost(interface, cause, packets, number=0):
    return {"leg": number, "interface": interface, "cause": cause, "packets": packets}


def cause_of(clause, bound, legs=None, **rows):
    seen = evaluate(
        run_tables(
            sessions=[session(0)], legs=legs or [leg(0)], limits=[limit(clause, bound)], **rows
        )
    ).iloc[0]
    assert seen.verdict == "violated"
    return seen.cause, seen.cause_interface, pytest.approx(seen.cause_share)


RESPONSE = [measure(0, "response", 10.0)]
FETCH = [leg(0, kind="transfer")]


def test_a_component_spread_over_links_is_weighed_as_a_whole():
    splits = [
        split("response", "l1/up", "queueing:video", 300),
        split("response", "l2/up", "queueing:video", 200),
        split("response", "l3/up", "propagation", 400),
        split("study", "l9/up", "outage", 9000),
    ]
    found = cause_of("response_s_max", 5, FETCH, measures=RESPONSE, splits=splits)
    assert found == ("queueing:video", "l1/up", 500 / 900)


def test_waiting_for_acknowledgements_is_blamed_on_the_longest_link():
    splits = [
        split("response", "", "acknowledgement_wait", 800),
        split("response", "metro/up", "propagation", 5),
        split("response", "satellite/up", "propagation", 280),
    ]
    found = cause_of("response_s_max", 5, FETCH, measures=RESPONSE, splits=splits)
    assert found == ("acknowledgement_wait", "satellite/up", 800 / 1085)


def test_retransmission_is_blamed_on_the_link_that_lost_most():
    splits = [split("response", "", "retransmission", 900)]
    losses = [lost("l1/up", "overflow", 3), lost("l2/up", "impairment", 5)]
    found = cause_of("response_s_max", 5, FETCH, measures=RESPONSE, splits=splits, losses=losses)
    assert found == ("retransmission", "l2/up", 1.0)


def test_a_server_is_no_link():
    splits = [split("response", "", "server", 900), split("response", "l1/up", "propagation", 5)]
    found = cause_of("response_s_max", 5, FETCH, measures=RESPONSE, splits=splits)
    assert found[:2] == ("server", "")


def test_delay_is_told_by_the_packet_at_its_own_statistic():
    splits = [
        split("delay_max", "l1/up", "queueing:video", 60),
        split("delay_mean", "l1/up", "propagation", 5),
    ]
    slow = [leg(0, delay_max_ns=60.0 * MS)]
    rows = {"splits": splits, "legs": slow, "sessions": [session(0)]}
    limits = [
        limit("delay_ms_max", 50, statistic="max"),
        limit("delay_ms_max", 4, statistic="mean"),
    ]
    seen = evaluate(run_tables(limits=limits, **rows))
    assert list(seen.cause) == ["queueing:video", "propagation"]


def test_loss_is_told_by_link_and_cause_late_packets_included():
    losses = [
        lost("l1/up", "impairment", 30),
        lost("l2/up", "overflow", 25),
        lost("l2/up", "late", 45),
    ]
    one = [leg(0, delivered_packets=99_945, lost_packets=55, late_packets=45)]
    assert cause_of("loss_max", 0.0005, one, losses=losses) == ("late", "l2/up", 45 / 100)


def test_loss_of_a_transfer_is_told_by_its_probe():
    legs = [
        leg(0, kind="transfer", probe_leg=5),
        leg(5, session=-1, kind="probe", delivered_packets=29_900, lost_packets=100),
    ]
    losses = [lost("own/up", "overflow", 999), lost("l2/up", "impairment", 100, number=5)]
    assert cause_of("loss_max", 0.0005, legs, losses=losses) == ("impairment", "l2/up", 1.0)


@pytest.mark.parametrize(
    ("clause", "column"), [("freezes_max", "freezes"), ("skips_max", "frames_skipped")]
)
def test_a_frozen_picture_is_told_by_its_losses_else_by_its_slowest_packet(clause, column):
    legs = [leg(0, **{column: 2})]
    slowest = [split("delay_max", "l1/up", "outage", 700)]
    assert cause_of(clause, 0, legs, splits=slowest) == ("outage", "l1/up", 1.0)
    losses = [lost("l2/up", "overflow", 7)]
    assert cause_of(clause, 0, legs, splits=slowest, losses=losses) == ("overflow", "l2/up", 1.0)


def test_goodput_is_told_by_the_time_of_its_object():
    splits = [split("response", "l1/up", "transmission", 900)]
    found = cause_of("goodput_mbps_min", 10, FETCH, measures=RESPONSE, splits=splits)
    assert found == ("transmission", "l1/up", 1.0)


def test_goodput_is_told_by_the_object_that_was_slowest():
    """5 MB in 10 s is slower than 50 MB in 20 s, so that the study's time explains nothing."""
    study = measure(0, "study", 20.0, object_bytes=50_000_000, goodput_bps=20e6)
    splits = [split("response", "l1/up", "transmission", 900), split("study", "", "server", 9000)]
    found = cause_of("goodput_mbps_min", 10, FETCH, measures=[*RESPONSE, study], splits=splits)
    assert found == ("transmission", "l1/up", 1.0)


def test_what_cannot_be_told_stays_empty():
    seen = evaluate(
        run_tables(
            sessions=[session(0)],
            legs=FETCH,
            limits=[limit("response_s_max", 5)],
            measures=RESPONSE,
        )
    ).iloc[0]
    assert (seen.cause, seen.cause_interface) == ("", "")


@settings(max_examples=10, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"), st.sampled_from(["propagation", "outage"]), st.integers(1, 9)
        ),
        min_size=1,
        max_size=12,
    )
)
def test_the_share_is_that_of_the_heaviest_component(parts):
    splits = [split("response", interface, component, ms) for interface, component, ms in parts]
    _, _, share = cause_of("response_s_max", 5, FETCH, measures=RESPONSE, splits=splits)
    sums = {}
    for _, component, ms in parts:
        sums[component] = sums.get(component, 0) + ms
    assert max(sums.values()) / sum(sums.values()) == share
