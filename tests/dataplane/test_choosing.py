"""Which transfers run packet by packet: those that can fill a queue in which media streams wait."""

import dataclasses

import pytest

from plane_networks import interfaces
from telemedsim.catalogue.default_parts import tcp
from telemedsim.catalogue.load import catalogue
from telemedsim.dataplane.base import Step, Transfer
from telemedsim.dataplane.hybrid.choosing import Choice

MBPS = 1_000_000
TABLE = interfaces([20 * MBPS, 100 * MBPS, 1_000 * MBPS])
FIFO_AND_PRIORITY = ((0, 0), (0, 0), (0, 1))
"""Lines 0 and 1 have one queue for both classes, line 2 one for each."""


def transfer(way: tuple[int, ...], class_index: int = 1, sender: int = 0) -> Transfer:
    back = tuple(reversed(way))
    steps = (Step(sender, 10_000_000, 0),)
    return Transfer(1, 1, class_index, 0, way, back, steps, tcp(catalogue()))


def choice(*media: tuple[int, int], mode: str = "auto") -> Choice:
    return Choice(TABLE, FIFO_AND_PRIORITY, frozenset(media), mode)


def test_a_transfer_in_a_fifo_with_media_runs_by_packets() -> None:
    assert choice((0, 0)).by_packets(transfer((0, 1)))
    assert not choice((2, 0)).by_packets(transfer((0, 1)))


def test_a_queue_of_its_own_makes_a_transfer_fluid() -> None:
    assert not choice((2, 0)).by_packets(transfer((2,), class_index=1))
    assert choice((2, 1)).by_packets(transfer((2,), class_index=1))


def test_a_line_ten_times_as_fast_as_the_slowest_is_not_filled() -> None:
    """1 Gbit/s behind 20 Mbit/s stays empty; behind 1 Gbit/s alone it does not."""
    assert not choice((2, 1)).by_packets(transfer((0, 2)))
    assert choice((1, 0)).by_packets(transfer((0, 1)))


def test_only_the_way_that_carries_data_counts() -> None:
    forward_only = Choice(TABLE, FIFO_AND_PRIORITY, frozenset({(0, 0)}))
    one = Transfer(1, 1, 1, 0, (0,), (1,), (Step(1, 1_000_000, 0),), tcp(catalogue()))
    assert not forward_only.by_packets(one)


def test_requests_fill_nothing() -> None:
    one = Transfer(1, 1, 1, 0, (0,), (1,), (Step(0, 300, 0),), tcp(catalogue()))
    assert not choice((0, 0)).by_packets(one)


def test_a_transfer_whose_delay_is_judged_runs_by_packets() -> None:
    judged = dataclasses.replace(transfer((2,)), delay_judged=True)
    assert choice().by_packets(judged)
    assert not choice(mode="fluid").by_packets(judged)


def test_the_rule_can_be_overruled_and_counts_what_it_chose() -> None:
    forced = choice((0, 0), mode="fluid")
    assert not forced.by_packets(transfer((0,)))
    assert (forced.packet_transfers, forced.fluid_transfers) == (0, 1)
    assert choice(mode="packets").by_packets(transfer((0,)))
    with pytest.raises(ValueError, match="auto, packets, fluid"):
        choice(mode="some")
