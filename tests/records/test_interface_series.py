"""Series of interfaces: a log added up as a dictionary would, and exact busy times."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from telemedsim.dataplane.hybrid.series import sending_ns
from telemedsim.records.interface_series import NO_SERIES, InterfaceSeries, gathered

INTERFACES = 5
COUNT = st.integers(0, 1 << 50)
ROW = st.tuples(st.integers(0, INTERFACES - 1), st.integers(0, 9), COUNT, COUNT, COUNT)


@given(st.lists(ROW, max_size=40))
def test_a_log_is_added_up_by_interface_and_bin(log: list[tuple[int, ...]]) -> None:
    expected: list[dict[int, list[int]]] = [{} for _ in range(INTERFACES)]
    for interface, number, *counts in log:
        there = expected[interface].setdefault(number, [0, 0, 0])
        for place, count in enumerate(counts):
            there[place] += count
    columns = np.array(log, np.int64).reshape(-1, 5).T
    rows, begins = gathered(columns[0], columns[1], list(columns[2:]), INTERFACES)
    found = [InterfaceSeries(rows[begins[i] : begins[i + 1]]) for i in range(INTERFACES)]
    assert found == [InterfaceSeries.of_counts(one) for one in expected]


@given(st.integers(0, 1 << 58), st.integers(1, 10**13))
def test_the_time_to_send_is_exact(carried_bytes: int, rate_bps: int) -> None:
    """Up to a year of sending, which is where its ns pass 64 bits at last."""
    expected = carried_bytes * 8 * 10**9 // rate_bps
    if expected < 1 << 62:
        assert sending_ns(np.array([carried_bytes]), np.array([rate_bps])).tolist() == [expected]


def test_series_are_equal_when_their_rows_are_and_nobody_writes_into_them() -> None:
    rows = np.array([[0, 1, 2, 3]])
    series = InterfaceSeries(rows)
    assert series == InterfaceSeries(rows.copy())
    assert series not in (NO_SERIES, InterfaceSeries(rows + 1))
    assert not series.rows.flags.writeable
    assert rows.flags.writeable
