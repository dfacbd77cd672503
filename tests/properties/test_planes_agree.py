"""The hybrid plane gives what the reference gives: each departure, each drop, each delay taken apart.

Issue 5's first line: 200 random topologies (trees, rings, meshes; every scheduler; finite buffers; loss;
multicast; failing links) in `make test`, 5,000 in `make nightly`.
"""

import pytest

from random_networks import CLASSES, MS, differences, network, records_of
from telemedsim.dataplane.hybrid.plane import HybridPlane
from telemedsim.dataplane.reference.plane import ReferencePlane

BIN_NS, SERIES_BIN_NS = 300 * MS, 100 * MS
WINDOWS_NS = (7 * MS, 50 * MS, 250 * MS, 1_000 * MS)
AT_ONCE = 20


def check(number: int) -> None:
    one = network(number)
    seed = number
    reference = ReferencePlane(one.table, CLASSES, BIN_NS, SERIES_BIN_NS, seed, 0)
    window_ns = WINDOWS_NS[number % len(WINDOWS_NS)]
    hybrid = HybridPlane(one.table, CLASSES, BIN_NS, SERIES_BIN_NS, seed, 0, window_ns=window_ns)
    found = differences(records_of(reference, one), records_of(hybrid, one))
    assert not found, f"network {number}, window {window_ns} ns: {found[:5]}"


@pytest.mark.parametrize("first", range(0, 200, AT_ONCE))
def test_streams_depart_and_drop_alike_on_both_planes(first: int) -> None:
    for number in range(first, first + AT_ONCE):
        check(number)


@pytest.mark.nightly
@pytest.mark.parametrize("first", range(200, 5_200, 10 * AT_ONCE))
def test_streams_depart_and_drop_alike_on_thousands_of_networks(first: int) -> None:
    for number in range(first, first + 10 * AT_ONCE):
        check(number)


@pytest.mark.parametrize("number", [3, 10, 17])
def test_the_length_of_windows_changes_nothing(number: int) -> None:
    one = network(number)
    first = None
    for window_ns in WINDOWS_NS:
        plane = HybridPlane(
            one.table, CLASSES, BIN_NS, SERIES_BIN_NS, number, 0, window_ns=window_ns
        )
        records = records_of(plane, one)
        first = first or records
        assert differences(first, records) == []


@pytest.mark.parametrize("number", range(30, 42))
def test_without_numba_the_same_text_gives_the_same_packets(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    check(number)
