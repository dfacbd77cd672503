"""Drop tail's limit, and RED's average, thresholds and spacing of drops."""

import math

import pytest
from pydantic import ValidationError

from telemedsim.core.random_streams import DRAW_BITS, draw_u64
from telemedsim.parts.drop_policies import drop_policies
from telemedsim.parts.drop_policies.drop_tail import DropTail
from telemedsim.parts.drop_policies.red import AVERAGE, POINT, Red, base_probability, decayed

RATE_BPS = 1_000_000_000
RED = Red(
    min_threshold=0.1,
    max_threshold=0.3,
    max_probability=0.1,
    weight_exponent=9,
    typical_packet_bytes=500,
)


def red_state(average: float, limit: int = 1000) -> list[int]:
    """Return RED's state of a queue of 1000 packets with this average (thresholds 100 and 300)."""
    state = RED.kernel().new_state(RED.parameters(limit, 0, RATE_BPS))
    state[AVERAGE] = round(average * (1 << POINT))
    return state


def draw(number: int) -> int:
    return draw_u64(7, number) >> (64 - DRAW_BITS)


def test_every_policy_is_found_by_its_file_name():
    assert sorted(drop_policies()) == ["drop_tail", "red"]


def test_drop_tail_takes_exactly_its_limit_of_packets():
    kernel = DropTail().kernel()
    state = kernel.new_state(DropTail().parameters(10, 0, RATE_BPS))
    assert [kernel.accept(state, held, held * 1500, 1500, 0, 0, 0) for held in (0, 9, 10)] == [
        1,
        1,
        0,
    ]


def test_drop_tail_takes_what_fits_of_a_limit_in_bytes():
    kernel = DropTail().kernel()
    state = kernel.new_state(DropTail().parameters(3000, 1, RATE_BPS))
    assert kernel.accept(state, 1, 1500, 1500, 0, 0, 0) == 1
    assert kernel.accept(state, 1, 1501, 1500, 0, 0, 0) == 0
    assert kernel.accept(state, 2, 2999, 1, 0, 0, 0) == 1


@pytest.mark.parametrize(
    ("average", "probability"),
    [(99, 0.0), (100, 0.0), (200, 0.05), (300, 0.1), (450, 0.55), (600, 1.0), (900, 1.0)],
)
def test_red_rises_between_its_thresholds_and_gently_beyond(average, probability):
    assert base_probability(red_state(average)) / (1 << 20) == pytest.approx(
        probability, abs=2**-20
    )


def test_red_averages_with_its_weight():
    """After n samples of q from 0 the average is q (1 - (1 - w)^n), within rounding."""
    state = red_state(0)
    for _ in range(300):
        RED.kernel().accept(state, 50, 0, 1500, 0, 0, draw(0))
    expected = 50 * (1 - (1 - 2**-9) ** 300)
    # Each step rounds down by less than one unit of 2**-16; w forgets, so at most 2**9 of them.
    assert state[AVERAGE] / (1 << POINT) == pytest.approx(expected, abs=2**9 / 2**16)


def test_red_decays_over_idle_time_as_over_as_many_small_packets():
    """500 B at 1 Gbit/s are 4 us; 4 ms of silence count 1000 steps of (1 - w)."""
    state = red_state(90)
    RED.kernel().accept(state, 0, 0, 1500, 5_000_000, 1_000_000, draw(0))
    assert state[AVERAGE] / (1 << POINT) == pytest.approx(90 * (1 - 2**-9) ** 1000, rel=1e-4)
    assert decayed(1 << 30, 1, 3) == 1 << 27


def test_red_spaces_its_drops_evenly():
    """With p fixed, packets from one drop to the next are uniform on 1 … 1/p (Floyd, section 7)."""
    state = red_state(200)
    kernel = RED.kernel()
    gaps, since = [], 0
    for number in range(100_000):
        state[AVERAGE] = 200 << POINT
        since += 1
        if not kernel.accept(state, 200, 0, 1500, 0, 0, draw(number)):
            gaps.append(since)
            since = 0
    gaps = gaps[1:]
    longest = 20
    assert max(gaps) <= longest
    mean = sum(gaps) / len(gaps)
    spread = math.sqrt((longest**2 - 1) / 12 / len(gaps))
    assert abs(mean - (longest + 1) / 2) < 3.3 * spread + 2**-20 * longest**2


def test_red_refuses_what_does_not_fit_whatever_its_average():
    state = red_state(0, limit=10)
    assert RED.kernel().accept(state, 10, 0, 1500, 0, 0, draw(0)) == 0


def test_thresholds_that_do_not_rise_are_refused():
    with pytest.raises(ValidationError, match="must be above"):
        Red(**{**RED.model_dump(), "max_threshold": 0.1})
