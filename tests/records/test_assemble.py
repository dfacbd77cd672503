"""What was measured becomes tables whose sums close."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemedsim.records.assemble import Timing, assemble
from telemedsim.records.flows import (
    FlowRecords,
    InterfaceRecord,
    LegRecord,
    Mark,
    Split,
    TransferRecord,
)
from telemedsim.records.histogram import bucket_of
from telemedsim.records.interface_series import InterfaceSeries
from telemedsim.records.links import InterfaceColumns
from telemedsim.records.schema import TABLES
from telemedsim.records.sessions import ControlRecords, LegUse, Measure, SessionRecord

S, MS = 1_000_000_000, 1_000_000
INTERFACES = InterfaceColumns(
    name=("l1/up", "l1/down"),
    link=("l1", "l1"),
    technology=("sdh", "sdh"),
    origin=("t.yaml:4", "t.yaml:4"),
    from_site=("a", "b"),
    to_site=("b", "a"),
    rate_bps=(1_000_000, 2_000_000),
    monthly_cost=(3.0, 3.0),
)
CLASSES = ("video", "data")
TIMING = Timing(60 * S, 300 * S, 10 * S)


def hop(propagation=0, transmission=0, variation=0, outage=0, video=0, data=0):
    return [propagation, transmission, variation, outage, video, data]


def leg_of_packets(delays_ms):
    """A leg whose packets took the given times: 1 ms of propagation, the rest queueing of data."""
    record = LegRecord(sent_packets=len(delays_ms) + 3, delivered_packets=len(delays_ms))
    total = hop()
    for ms in delays_ms:
        ns = ms * MS
        parts = hop(propagation=MS, data=ns - MS)
        bucket = bucket_of(ns)
        record.buckets[bucket] = record.buckets.get(bucket, 0) + 1
        record.exemplars.setdefault(bucket, Split({0: parts}))
        record.delay_sum_ns += ns
        total = [a + b for a, b in zip(total, parts, strict=True)]
    record.split = Split({0: total})
    record.delay_min_ns, record.delay_max_ns = min(delays_ms) * MS, max(delays_ms) * MS
    return record


def use(kind="stream", **facts):
    base = {
        "leg": 0, "session": 0, "flow": 0, "flow_leg": 0, "kind": kind, "role": "room", "direction": "up",
        "site": "a", "tier": "county", "peer": "b", "path": (0,), "class_index": 1, "joined_ns": 2 * S,
    }  # fmt: skip
    return LegUse(**{**base, **facts})


def tables_of(legs, streams=None, transfers=None, sessions=None, interfaces=None, limits=()):
    sessions = sessions or [SessionRecord(0, "s", "v", "a", "county", 2 * S)]
    records = interfaces or [InterfaceRecord(), InterfaceRecord()]
    flows = FlowRecords(streams or {}, transfers or {}, records, 0, 0)
    return assemble(
        INTERFACES, CLASSES, flows, ControlRecords(sessions, legs, 0), TIMING, [], limits
    )


def sums(tables, of):
    splits = tables["splits"]
    return splits[splits.of == of].ns.sum()


def test_a_stream_leg():
    record = leg_of_packets([2, 4, 9])
    record.lost = {(0, 1): 2}
    record.late_packets = 1
    record.first_shown_ns = 3 * S
    record.bins = {0: [6, 3, 1, 2]}
    tables = tables_of([use()], streams={0: [record]})
    row = tables["legs"].iloc[0]
    assert (row.scenario, row.service, row["class"], row.path) == ("s", "v", "data", "l1/up")
    assert (row.sent_packets, row.delivered_packets, row.lost_packets) == (6, 3, 2)
    assert row.in_flight_packets == 1
    assert (row.start_s, row.running_s) == (1.0, 58.0)
    assert row.delay_mean_ns == 5 * MS
    bins = tables["leg_bins"].iloc[0]
    # The packet in flight is in no bin; the last bin ends with the run.
    assert (bins.sent_packets, bins.bin_width_s) == (5, 60.0)
    losses = tables["losses"]
    assert list(zip(losses.cause, losses.packets, strict=True)) == [("overflow", 2), ("late", 1)]


def test_delay_splits_are_the_sum_and_the_packet_of_the_quantiles_bucket():
    tables = tables_of([use()], streams={0: [leg_of_packets([2] * 94 + [9] * 5 + [30])]})
    assert sums(tables, "delay_mean") == pytest.approx((2 * 94 + 9 * 5 + 30) * MS / 100)
    assert sums(tables, "delay_p50") == 2 * MS
    assert sums(tables, "delay_p95") == 9 * MS
    assert sums(tables, "delay_max") == 30 * MS
    slowest = tables["splits"][tables["splits"].of == "delay_max"]
    assert list(zip(slowest.interface, slowest.component, slowest.ns, strict=True)) == [
        ("l1/up", "propagation", 1 * MS),
        ("l1/up", "queueing:data", 29 * MS),
    ]


def test_start_of_a_leg_that_joined_before_the_window_is_unknown():
    record = LegRecord(first_shown_ns=5)
    assert math.isnan(tables_of([use(joined_ns=-1)], streams={0: [record]})["legs"].start_s[0])


def test_a_connection_is_named_by_its_leg():
    probe = use("connection", session=-1, scenario="c1", service="conn.x")
    record = LegRecord(bin_buckets={0: {500: 2}})
    tables = tables_of([probe], streams={0: [record]})
    assert tuple(tables["legs"].iloc[0][["scenario", "service"]]) == ("c1", "conn.x")
    assert tables["delay_bins"].iloc[0].to_dict() == {
        "leg": 0, "bin_s": 0.0, "bucket": 500, "packets": 2
    }  # fmt: skip


def transfer(marks=(), end_ns=-1, running=None, start_ns=10 * S):
    return TransferRecord(
        start_ns, (LegRecord(), LegRecord()), list(marks), end_ns, running_split=running
    )


def test_a_measure_closes_on_its_value_with_waiting_and_rendering():
    mark = Mark(1, 13 * S, Split({0: hop(propagation=S)}, [S // 2, 0, S + S // 2, 0]))
    measure = Measure("response", 1, 8 * S, 4_000_000, waiting_ns=2 * S, server_after_ns=S)
    tables = tables_of(
        [use("transfer", measures=(measure,), flow=4)], transfers={4: transfer([mark], 13 * S)}
    )
    row = tables["measures"].iloc[0]
    assert (row.origin_s, row.value_s) == (8.0, 6.0)
    # Rendering is no part of the goodput: 5 s from the request to the last byte.
    assert row.goodput_bps == 4_000_000 * 8 / 5
    parts = tables["splits"].set_index("component").ns.to_dict()
    assert parts == {
        "propagation": S,
        "acknowledgement_wait": S // 2,
        "server": S + S // 2 + S,
        "waiting": 2 * S,
    }
    assert tables["legs"].ended_s[0] == 13.0


def test_a_later_request_of_a_connection_leaves_out_what_passed_before():
    first = Mark(1, 12 * S, Split({0: hop(propagation=2 * S)}))
    # The reader thinks for 4 s, which the sender of the next request counts as its own delay.
    second = Mark(3, 19 * S, Split({0: hop(propagation=2 * S, data=3 * S)}, [0, 0, 4 * S, 0]))
    measure = Measure("response", 3, 16 * S, 1000)
    tables = tables_of(
        [use("transfer", measures=(measure,))], transfers={0: transfer([first, second], 19 * S)}
    )
    assert tables["measures"].value_s[0] == 3.0
    assert tables["splits"].set_index("component").ns.to_dict() == {"queueing:data": 3 * S}


def test_a_running_measure_closes_on_its_age():
    running = Split({0: hop(outage=20 * S)})
    measure = Measure("lag", 1, 10 * S, 1000)
    tables = tables_of(
        [use("transfer", measures=(measure,))], transfers={0: transfer(running=running)}
    )
    row = tables["measures"].iloc[0]
    assert math.isnan(row.value_s)
    assert row.running_s == 50.0
    assert tables["splits"].set_index("component").ns.to_dict() == {
        "outage": 20 * S,
        "unfinished": 30 * S,
    }
    assert tables["legs"].running_s[0] == 50.0


def test_a_unit_that_never_began_only_waited():
    measure = Measure("lag", 0, 10 * S, 1000, waiting_ns=50 * S)
    tables = tables_of([use("transfer", flow=-1, measures=(measure,))])
    assert tables["measures"].running_s[0] == 50.0
    assert tables["splits"].set_index("component").ns.to_dict() == {"waiting": 50 * S}


def test_time_before_the_window_is_called_so():
    mark = Mark(0, 6 * S, Split({0: hop(transmission=6 * S)}))
    measure = Measure("lag", 0, -4 * S, 1000, waiting_ns=4 * S)
    tables = tables_of(
        [use("transfer", measures=(measure,))], transfers={0: transfer([mark], 6 * S, start_ns=0)}
    )
    assert tables["measures"].value_s[0] == 10.0
    assert tables["splits"].set_index("component").ns.to_dict() == {
        "before_window": 4 * S,
        "transmission": 6 * S,
    }


TIMES = st.integers(0, 20 * S)


@settings(max_examples=25, deadline=None)
@given(TIMES, TIMES, TIMES, st.integers(0, 5 * S), st.booleans(), st.integers(-10 * S, 10 * S))
def test_every_measure_closes_exactly(propagation, queued, server, after, finished, before):
    split = Split({1: hop(propagation=propagation, video=queued)}, [0, 0, server, 0])
    start = 5 * S
    end = start + split.total_ns()
    measure = Measure("study", 2, start - before, 10, max(before, 0), after)
    record = (
        transfer([Mark(2, end, split)], end, start_ns=start)
        if finished
        else transfer(running=split, start_ns=start)
    )
    if not finished and end > TIMING.duration_ns:
        return
    if finished and end + after < measure.origin_ns:
        return
    tables = tables_of([use("transfer", measures=(measure,))], transfers={0: record})
    row = tables["measures"].iloc[0]
    known = row.value_s if finished else row.running_s
    assert sums(tables, "study") == pytest.approx(known * S, abs=1)


def test_links():
    busy = InterfaceRecord(
        carried_packets=5,
        arrived_packets=9,
        delivered_packets=4,
        busy_ns=15 * S,
        down_ns=6 * S,
        lost_packets=[1, 2, 0, 0],
        queued_packets=2,
        series=InterfaceSeries.of_counts({0: (5 * S, 100, 0), 5: (10 * S, 200, 3)}),
    )
    tables = tables_of([], interfaces=[busy, InterfaceRecord()])
    row = tables["links"].iloc[0]
    assert (row.utilisation, row.down_s) == (0.25, 6.0)
    lost = row.lost_impairment + row.lost_overflow + row.lost_policer + row.lost_outage
    assert row.arrived_packets == row.delivered_packets + lost + row.queued_packets
    series = tables["link_series"]
    assert list(series.bin_s) == [0.0, 50.0]
    assert list(series.utilisation) == [0.5, 1.0]
    assert list(series.interface) == ["l1/up", "l1/up"]


def test_every_table_before_the_verdicts_is_there_with_its_schema():
    tables = tables_of([])
    assert set(tables) == set(TABLES) - {"verdicts", "summary"}
    for name, table in tables.items():
        assert list(table) == list(TABLES[name])


LIMIT = {
    "scenario": "s", "service": "v", "clause": "delay_ms_max", "bound": 50.0, "unit": "ms",
    "strict": False, "statistic": "p95", "basis": "one_way", "section": "", "source": "paper",
}  # fmt: skip


def test_delays_of_a_transfer_are_kept_where_a_clause_bounds_them():
    """Its mean stands in table legs anyway; a country has a million transfers."""
    measured = TransferRecord(0, (leg_of_packets([2, 9]), LegRecord()))
    without = tables_of([use("transfer")], transfers={0: measured})
    assert len(without["delays"]) == len(without["splits"]) == 0
    assert without["legs"].delay_mean_ns[0] == 5.5 * MS
    judged = tables_of([use("transfer")], transfers={0: measured}, limits=[LIMIT])
    assert judged["delays"].packets.sum() == 2
    assert sums(judged, "delay_max") == 9 * MS


def test_bins_of_delays_are_kept_for_connections_alone():
    record = LegRecord(bin_buckets={0: {500: 2}})
    probe = use("probe", session=-1, scenario="c1", service="v")
    assert len(tables_of([probe], streams={0: [record]})["delay_bins"]) == 0


class OnDemand(dict):
    """Streams whose records are made when asked for, and counted."""

    def __init__(self, flows):
        super().__init__(dict.fromkeys(flows))
        self.asked = []

    def __getitem__(self, flow):
        self.asked.append(flow)
        return [leg_of_packets([2]), leg_of_packets([4])]


def test_each_flow_is_asked_for_once():
    streams = OnDemand([0, 1])
    legs = [use(leg=number, flow=number // 2, flow_leg=number % 2) for number in range(4)]
    tables = tables_of(legs, streams=streams)
    assert streams.asked == [0, 1]
    assert tables["legs"].delay_mean_ns.tolist() == [2 * MS, 4 * MS] * 2
