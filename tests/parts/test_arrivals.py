"""Arrivals: the shape of the day, the law of counts, sessions in progress."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from telemedsim.core.random_streams import child_key, draw_uniform, stream_key
from telemedsim.parts.arrivals.daily_profile import DAY_NS, HOUR_NS, WEEK_NS, DailyProfile
from telemedsim.parts.arrivals.poisson import InProgress, Poisson, sessions_in_progress

CLINIC = (0.006, 0.004, 0.004, 0.004, 0.004, 0.006, 0.012, 0.040, 0.105, 0.130, 0.125, 0.085)
EVENING = (0.035, 0.040, 0.085, 0.095, 0.080, 0.050, 0.025, 0.020, 0.017, 0.013, 0.009, 0.006)
PROFILE = DailyProfile(hour_weights=CLINIC + EVENING, weekend_factor=0.26)
FLAT = DailyProfile(hour_weights=(1 / 24,) * 24, weekend_factor=1)
OFFICE = DailyProfile(hour_weights=(0.0,) * 9 + (0.25,) * 4 + (0.0,) * 11, weekend_factor=0)


def process(per_weekday=1000.0, profile=PROFILE, opens_ns=0, batch_mean=1.0):
    return Poisson(
        profile=profile, per_weekday=per_weekday, opens_ns=opens_ns, batch_mean=batch_mean
    )


def key(number=0):
    return stream_key(5, number, "county", "arrivals")


@settings(max_examples=300, deadline=None)
@given(time_ns=st.integers(-2 * WEEK_NS, 5 * WEEK_NS))
def test_inverse_undoes_the_cumulative_work(time_ns):
    """Within 1 us: a week's work is a double of about 5, its unit in the last place 0.2 us."""
    assert abs(PROFILE.inverse(PROFILE.cumulative(time_ns)) - time_ns) <= 1000


def test_a_week_is_five_weekdays_and_two_weekend_days():
    assert PROFILE.cumulative(5 * DAY_NS) == pytest.approx(5, rel=1e-14)
    assert PROFILE.cumulative(WEEK_NS) == pytest.approx(5.52, rel=1e-14)
    assert PROFILE.cumulative(-DAY_NS) == pytest.approx(-0.26, rel=1e-12)
    assert PROFILE.weekday_equivalents(364) == pytest.approx(52 * 5.52, rel=1e-14)


def test_hours_without_work_have_no_arrivals():
    hours = {
        (a.time_ns % DAY_NS) // HOUR_NS for a in process(50, OFFICE).arrivals(key(), 0, 2 * WEEK_NS)
    }
    assert hours == {9, 10, 11, 12}
    assert process(50, OFFICE).arrivals(key(), 5 * DAY_NS, WEEK_NS) == []


def test_a_day_has_its_hour_shares():
    """Chi-square at alpha 0.001 over 20 Mondays of 1000, from 20 keys."""
    counts = np.zeros(24)
    for number in range(20):
        for arrival in process().arrivals(key(number), 0, DAY_NS):
            counts[arrival.time_ns // HOUR_NS] += 1
    expected = np.array(CLINIC + EVENING) * counts.sum()
    assert stats.chisquare(counts, expected).pvalue > 0.001


def test_counts_are_poisson():
    """400 keys, 2 h around the opening: mean in the exact 99.9 % interval, variance over mean 1."""
    source = process(200, opens_ns=10 * HOUR_NS)
    mean = source.expected(-HOUR_NS, HOUR_NS)
    assert mean == pytest.approx(200 * (0.130 + 0.125), rel=1e-9)
    counts = [len(source.arrivals(key(n), -HOUR_NS, HOUR_NS)) for n in range(400)]
    low, high = stats.poisson(400 * mean).ppf([0.0005, 0.9995])
    assert low <= sum(counts) <= high
    dispersion = np.var(counts, ddof=1) / np.mean(counts) * 399
    assert stats.chi2(399).ppf(0.0005) <= dispersion <= stats.chi2(399).ppf(0.9995)


def test_gaps_across_the_opening_are_exponential():
    """KS at alpha 0.001; a flat day, so the process is homogeneous on both sides."""
    source = process(2000, FLAT)
    times = [a.time_ns for a in source.arrivals(key(), -12 * HOUR_NS, 12 * HOUR_NS)]
    gaps = np.diff(times) / (DAY_NS / 2000)
    assert stats.kstest(gaps, "expon").pvalue > 0.001


@settings(max_examples=40, deadline=None)
@given(cuts=st.lists(st.integers(-20, 30), min_size=3, max_size=3, unique=True).map(sorted))
def test_windows_of_time_join_to_one_course(cuts):
    first, middle, last = (cut * HOUR_NS for cut in cuts)
    source = process(300, opens_ns=9 * HOUR_NS)
    whole = source.arrivals(key(), first, last)
    assert source.arrivals(key(), first, middle) + source.arrivals(key(), middle, last) == whole
    assert [arrival.time_ns for arrival in whole] == sorted(arrival.time_ns for arrival in whole)
    assert all((arrival.number < 0) == (arrival.time_ns < 0) for arrival in whole)


def test_arrivals_are_numbered_away_from_the_opening():
    numbers = [a.number for a in process(opens_ns=9 * HOUR_NS).arrivals(key(), -HOUR_NS, HOUR_NS)]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert numbers[0] < 0 < numbers[-1]


def test_more_work_keeps_the_draws_and_moves_arrivals_closer():
    """Common random numbers: on a flat day twice the work halves every time exactly."""
    slow = process(500, FLAT).arrivals(key(), 0, DAY_NS)
    fast = process(1000, FLAT).arrivals(key(), 0, DAY_NS // 2)
    assert [a.number for a in slow] == [a.number for a in fast]
    assert all(abs(a.time_ns - 2 * b.time_ns) <= 1000 for a, b in zip(slow, fast, strict=True))


def test_batches_keep_the_mean_and_raise_the_variance():
    """Geometric batches of mean 4: variance over mean of the counts is 2 x 4 - 1 = 7.

    50 batches, E[X^4] = 4060: the counts' excess kurtosis is 50 x 4060 / 1400^2 = 0.104, which
    gives the spread of their sample variance. 99.9 % intervals over 400 keys.
    """
    source = process(2400, FLAT, batch_mean=4.0)
    counts = np.array([len(source.arrivals(key(n), -HOUR_NS, HOUR_NS)) for n in range(400)])
    assert abs(counts.mean() - 200) <= 3.29 * math.sqrt(7 * 200 / 400)
    spread = math.sqrt(2 / 399 + 0.104 / 400)
    assert abs(counts.var(ddof=1) / 200 / 7 - 1) <= 3.29 * spread


def test_a_batch_comes_at_one_time():
    arrivals = process(2400, FLAT, batch_mean=4.0).arrivals(key(), -HOUR_NS, HOUR_NS)
    times = [arrival.time_ns for arrival in arrivals]
    assert len(set(times)) < len(times) / 2
    assert len({arrival.number for arrival in arrivals}) == len(arrivals)


def exponential_minutes(course, mean=30.0, longest=600.0):
    """Durations of a course: exponential, cut where no one in e^20 reaches."""

    def duration_ns(number):
        uniform = draw_uniform(child_key(course, number), 0)
        return int(min(-mean * math.log1p(-uniform), longest) * 60e9)

    return duration_ns


def test_sessions_in_progress_follow_the_rate_and_the_mean_duration():
    """M/G/inf: Poisson with mean lambda E[D] = 40 an hour x 0.5 h = 20; exact interval, 300 keys."""
    source = process(960, FLAT)
    counts = [
        len(sessions_in_progress(source, key(n), exponential_minutes(key(n)), 10 * HOUR_NS))
        for n in range(300)
    ]
    low, high = stats.poisson(300 * 20).ppf([0.0005, 0.9995])
    assert low <= sum(counts) <= high
    dispersion = np.var(counts, ddof=1) / np.mean(counts) * 299
    assert stats.chi2(299).ppf(0.0005) <= dispersion <= stats.chi2(299).ppf(0.9995)


def test_what_is_left_of_them_is_the_residual_life():
    """Durations of 10 or 50 min, half each: those met are length-biased, 5 of 6 are long.

    The residual life has the density P(D > x) / E[D]; KS at alpha 0.001 against its integral.
    """
    source, residuals, longs = process(960, FLAT), [], []

    def duration_ns(number):
        return (10 if draw_uniform(child_key(course, number), 0) < 0.5 else 50) * HOUR_NS // 60

    for replication in range(100):
        course = key(replication)
        for session in sessions_in_progress(source, course, duration_ns, HOUR_NS):
            residuals.append((session.start_ns + session.duration_ns) / (HOUR_NS / 60))
            longs.append(session.duration_ns > HOUR_NS // 2)
    law = lambda x: (np.minimum(x, 10) + 0.5 * np.maximum(x - 10, 0)) / 30  # noqa: E731
    assert stats.kstest(residuals, law).pvalue > 0.001
    assert stats.binomtest(sum(longs), len(longs), 5 / 6).pvalue > 0.001


def test_sessions_in_progress_keep_their_numbers_when_more_is_looked_back():
    source, course = process(960, FLAT), key()
    short = sessions_in_progress(source, course, lambda number: HOUR_NS, HOUR_NS)
    far = sessions_in_progress(source, course, lambda number: HOUR_NS, 5 * HOUR_NS)
    assert short == far
    assert all(isinstance(session, InProgress) for session in short)
    assert [session.number for session in short] == list(range(-len(short), 0))


@pytest.mark.parametrize(("beyond_ns", "running"), [(0, False), (1, True)])
def test_a_session_that_ends_at_the_opening_is_over(beyond_ns, running):
    """Each session lasts until the opening, or a nanosecond longer."""
    source = process(31 * 24, FLAT)
    starts = {a.number: a.time_ns for a in source.arrivals(key(), -HOUR_NS, 0)}
    ends = lambda number: beyond_ns - starts[number]  # noqa: E731
    found = sessions_in_progress(source, key(), ends, HOUR_NS)
    assert len(found) == (len(starts) if running else 0)


def test_longer_sessions_than_were_looked_for_are_an_error():
    with pytest.raises(ValueError, match="look back further"):
        sessions_in_progress(process(960, FLAT), key(), lambda number: 2 * HOUR_NS, HOUR_NS)


def test_no_work_no_arrivals():
    assert process(0).arrivals(key(), 0, DAY_NS) == []
    assert process().arrivals(key(), HOUR_NS, HOUR_NS) == []


@pytest.mark.parametrize(
    ("weights", "words"),
    [((0.05,) * 24, "sum to 1.2"), ((1.1, -0.1) + (0.0,) * 22, "hour 1 has a weight below 0")],
)
def test_wrong_weights_are_refused(weights, words):
    with pytest.raises(ValueError, match=words):
        DailyProfile(hour_weights=weights, weekend_factor=1)
