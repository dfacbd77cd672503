"""What each class's transfers get at one interface, worked out by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from telemedsim.dataplane.hybrid.fluid.network import FluidNetwork
from telemedsim.dataplane.hybrid.fluid.state import FIFO, STRICT_PRIORITY, WEIGHTED

BIG = 1e9


def one_interface(kind: int, weights: list[float] | None = None) -> FluidNetwork:
    return FluidNetwork([12.0], [kind], [weights or [1.0, 1.0, 1.0]])


def rates(network: FluidNetwork, flows: list[tuple[int, float]]) -> list[float]:
    """Return the rates of flows of (class, cap)."""
    numbers = [network.add([number], [1.0], cap, BIG) for number, cap in flows]
    network.solve(1)
    return [network.rate(number) for number in numbers]


def test_strict_priority_leaves_lower_classes_what_higher_ones_leave() -> None:
    network = one_interface(STRICT_PRIORITY)
    network.set_streams(1, 2.0)
    # Class 0 does not mind the stream of class 1; class 2 gets 12 - 5 - 2 - 1.
    assert rates(network, [(0, 5.0), (1, 1.0), (2, 99.0)]) == [5.0, 1.0, 4.0]


def test_strict_priority_starves_lower_classes() -> None:
    assert rates(one_interface(STRICT_PRIORITY), [(0, 99.0), (2, 99.0)]) == [12.0, 0.0]


@pytest.mark.parametrize(
    ("flows", "expected"),
    [
        ([(0, 99.0), (1, 99.0), (2, 99.0)], [6.0, 4.0, 2.0]),
        ([(0, 99.0), (1, 1.0), (2, 99.0)], [8.25, 1.0, 2.75]),
        ([(0, 1.0), (1, 1.0), (2, 99.0)], [1.0, 1.0, 10.0]),
        ([(2, 99.0)], [12.0]),
        ([(0, 99.0), (0, 99.0), (1, 99.0), (2, 0.5)], [3.45, 3.45, 4.6, 0.5]),
    ],
)
def test_what_a_weighted_class_does_not_use_goes_to_the_others_by_weight(
    flows: list[tuple[int, float]], expected: list[float]
) -> None:
    network = one_interface(WEIGHTED, [3.0, 2.0, 1.0])
    assert rates(network, flows) == pytest.approx(expected)


def test_a_weighted_class_guards_its_streams_up_to_its_share() -> None:
    network = one_interface(WEIGHTED, [3.0, 2.0, 1.0])
    network.set_streams(0, 5.0)
    # Class 0 asks for 5 of its 6; the rest goes 2 : 1.
    assert rates(network, [(1, 99.0), (2, 99.0)]) == pytest.approx([14 / 3, 7 / 3])


def test_a_fifo_gives_transfers_what_streams_leave() -> None:
    network = one_interface(FIFO)
    network.set_streams(2, 4.0)
    numbers = [network.add([0], [1.0], 99.0, BIG) for _ in range(2)]
    network.solve(1)
    assert [network.rate(number) for number in numbers] == [4.0, 4.0]


FLOWS = some.lists(
    some.tuples(
        some.integers(0, 2),
        some.lists(some.integers(0, 2), min_size=1, max_size=3, unique=True),
        some.sampled_from([0.5, 2.0, 50.0]),
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.parametrize("kind", [STRICT_PRIORITY, WEIGHTED])
@given(flows=FLOWS)
@settings(max_examples=60)
def test_classes_together_never_exceed_an_interface(
    kind: int, flows: list[tuple[int, list[int], float]]
) -> None:
    network = FluidNetwork([4.0, 6.0, 9.0], [kind] * 3, [[3.0, 2.0, 1.0]] * 3)
    used = [0.0, 0.0, 0.0]
    for now, (number, path, cap) in enumerate(flows):
        network.add([3 * one + number for one in path], [1.0] * len(path), cap, BIG)
        network.solve(now)
    table = network.state.queues
    for interface in range(3):
        used[interface] = float(table["load"][3 * interface : 3 * interface + 3].sum())
    assert used[0] <= 4.0 * (1 + 1e-9)
    assert used[1] <= 6.0 * (1 + 1e-9)
    assert used[2] <= 9.0 * (1 + 1e-9)
