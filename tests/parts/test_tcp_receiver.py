"""The receiver: when it acknowledges, and what its SACK blocks say."""

from hypothesis import given, settings
from hypothesis import strategies as some

from parts.tcp_loop import MS, tcp
from telemedsim.parts.transport import receiver as rx

MSS = 1448


def blocks_of(r: list[int]) -> list[tuple[int, int]]:
    """Acknowledge; return the SACK blocks."""
    rx.take_ack(r)
    flat = r[rx.BLOCKS : rx.BLOCKS + 2 * r[rx.BLOCK_COUNT]]
    return list(zip(flat[::2], flat[1::2], strict=True))


def test_every_second_segment_is_acknowledged_at_once_and_a_single_one_after_40_ms() -> None:
    r = rx.new_receiver(tcp(), 100)
    assert not rx.on_data(r, 0, MSS, 5)
    assert r[rx.ACK_DEADLINE] == 5 + 40 * MS
    assert rx.on_data(r, MSS, 2 * MSS, 10)
    assert rx.take_ack(r) == 2 * MSS
    assert r[rx.ACK_DEADLINE] == -1


def test_without_delayed_acks_each_segment_is_acknowledged_at_once() -> None:
    r = rx.new_receiver(tcp(delayed_ack=False), 100)
    assert rx.on_data(r, 0, 100, 0)


def test_out_of_order_filling_and_repeated_segments_are_acknowledged_at_once() -> None:
    r = rx.new_receiver(tcp(), 100)
    assert rx.on_data(r, MSS, 2 * MSS, 0), "out of order"
    assert rx.on_data(r, 0, MSS, 0), "fills the gap"
    assert rx.take_ack(r) == 2 * MSS
    assert rx.on_data(r, 0, MSS, 0), "repeated"


def test_sack_blocks_are_those_of_the_second_example_of_rfc_2018() -> None:
    """Segments of 500 bytes from 5000 on; the first, third, fifth and seventh are lost (case 3)."""
    r = rx.new_receiver(tcp(), 100)
    rx.on_data(r, 0, 5000, 0)
    shown = []
    for start in (5500, 6500, 7500, 8500):
        rx.on_data(r, start, start + 500, 0)
        shown.append(blocks_of(r))
    assert shown == [
        [(5500, 6000)],
        [(6500, 7000), (5500, 6000)],
        [(7500, 8000), (6500, 7000), (5500, 6000)],
        [(8500, 9000), (7500, 8000), (6500, 7000)],
    ]
    rx.on_data(r, 6000, 6500, 0)
    assert blocks_of(r) == [(5500, 7000), (8500, 9000), (7500, 8000)]


def test_without_sack_no_blocks_are_sent() -> None:
    r = rx.new_receiver(tcp(sack=False), 100)
    rx.on_data(r, 5500, 6000, 0)
    assert blocks_of(r) == []


@settings(max_examples=200, deadline=None, derandomize=True)
@given(order=some.permutations(range(24)), repeated=some.lists(some.integers(0, 23)))
def test_in_whatever_order_segments_come_the_ranges_are_what_has_come(
    order: list[int], repeated: list[int]
) -> None:
    r = rx.new_receiver(tcp(), 24)
    have = set()
    for segment in [*order[:12], *repeated, *order[12:]]:
        rx.on_data(r, segment * 10, segment * 10 + 10, 0)
        have.add(segment)
        ranges = [
            tuple(r[rx.range_place(r, n) : rx.range_place(r, n) + 2]) for n in range(r[rx.COUNT])
        ]
        first_missing = next(n for n in range(25) if n not in have)
        assert r[rx.NEXT] == first_missing * 10
        bytes_kept = {byte for start, end in ranges for byte in range(start, end)}
        assert bytes_kept == {
            byte for n in have if n > first_missing for byte in range(n * 10, n * 10 + 10)
        }
        blocks = blocks_of(r)
        assert set(blocks) <= set(ranges)
        assert len(blocks) == len(set(blocks))
        assert len(blocks) == min(len(ranges), 3)
        if segment > first_missing:
            assert blocks[0][0] <= segment * 10 < blocks[0][1], "the latest comes first"
    assert r[rx.NEXT] == 240
