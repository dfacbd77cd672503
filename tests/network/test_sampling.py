"""Which parts of a window are sampled: strata, chances, keys."""

from collections import Counter

import pytest

from telemedsim.network.sampling import SampledTime, sampled_time, stratum_ns, turns_of

S = 1_000_000_000
BLOCK, LEAD_IN, GRACE = 60 * S, 5 * S, 2 * S
TURN = BLOCK - LEAD_IN


def sampled(share: float, duration_ns: int, seed: int = 1, replication: int = 0) -> SampledTime:
    return sampled_time(share, duration_ns, BLOCK, LEAD_IN, GRACE, seed, replication)


def turns_drawn(found: SampledTime) -> list[int]:
    """Return the turns measured, by their number in the window."""
    return [turn for begin, end in found.parts for turn in range(begin // TURN, -(-end // TURN))]


def test_one_turn_of_each_stratum_is_measured() -> None:
    found = sampled(0.05, 72 * 20 * TURN)
    assert [turn // 20 for turn in turns_drawn(found)] == list(range(72))
    assert found.blocks == 72
    assert found.measured_ns() == 72 * TURN


def test_all_turns_have_the_same_chance() -> None:
    seeds = 2000
    drawn = Counter(
        turn for seed in range(seeds) for turn in turns_drawn(sampled(0.2, 7 * TURN, seed))
    )
    # The second stratum has two turns of five, and draws one of them in two days of five.
    assert sorted(drawn) == list(range(7))
    # Five standard deviations of a binomial count.
    assert all(abs(count - seeds / 5) < 5 * (seeds * 0.2 * 0.8) ** 0.5 for count in drawn.values())


def test_a_longer_window_draws_the_same_and_more() -> None:
    short, long = sampled(0.1, 40 * TURN), sampled(0.1, 80 * TURN)
    assert turns_drawn(long)[:4] == turns_drawn(short)


def test_seed_and_replication_draw_anew() -> None:
    one = sampled(0.05, 200 * TURN)
    assert one == sampled(0.05, 200 * TURN)
    assert one.parts != sampled(0.05, 200 * TURN, seed=2).parts
    assert one.parts != sampled(0.05, 200 * TURN, replication=1).parts


def test_neighbours_make_one_part_and_parts_stand_apart() -> None:
    found = sampled(0.5, 400 * TURN)
    assert found.blocks == 200
    assert len(found.parts) < found.blocks
    gaps = [
        after[0] - before[1] for before, after in zip(found.parts, found.parts[1:], strict=False)
    ]
    assert min(gaps) >= TURN


def test_a_share_of_one_measures_everything() -> None:
    assert sampled(1.0, 3 * TURN + 7).parts == ((0, 3 * TURN + 7),)


def test_overlap_is_measured() -> None:
    found = SampledTime(2, 2, ((0, 10), (30, 40)), 0, 0)
    assert found.measured_ns(5, 35) == 10
    assert found.measured_ns(10, 30) == 0


@pytest.mark.parametrize(
    ("share", "turns"), [(1.0, 1), (0.5, 2), (0.33, 3), (0.05, 20), (1e-4, 10000)]
)
def test_shares_are_one_over_a_whole_number(share: float, turns: int) -> None:
    assert turns_of(share) == turns
    assert stratum_ns(share, BLOCK, LEAD_IN) == turns * TURN


@pytest.mark.parametrize("share", [0.9, 0.7, 0.4, 0.3])
def test_other_shares_are_refused_with_the_next_ones(share: float) -> None:
    with pytest.raises(ValueError, match="give"):
        turns_of(share)
