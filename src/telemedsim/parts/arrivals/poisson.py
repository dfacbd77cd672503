"""Poisson arrivals whose intensity follows a daily profile, one by one or in batches."""

import math
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from pydantic import Field

from telemedsim.core.random_streams import child_key, draw_uniform
from telemedsim.parts.arrivals import Arrival, ArrivalProcess
from telemedsim.parts.arrivals.daily_profile import DailyProfile

AFTER, BEFORE, AFTER_SIZES, BEFORE_SIZES = range(4)
"""Numbers of the child keys: gaps on each side of the opening, sizes of batches likewise."""


class Poisson(ArrivalProcess):
    """A non-homogeneous Poisson process by inversion of its cumulative intensity (Cinlar 1975).

    Events of a process of rate 1 are laid out from the opening of the window in both directions,
    one uniform a gap, and mapped to times through the profile. More work a weekday or a longer
    window therefore keeps all draws: the same arrivals, closer together or more of them.
    """

    kind: Literal["poisson"] = "poisson"
    profile: DailyProfile
    per_weekday: float = Field(ge=0)
    """Mean number of arrivals on a weekday."""
    opens_ns: int
    """When the window opens, since Monday 00:00."""
    batch_mean: float = Field(default=1.0, ge=1)
    """Mean number of arrivals that come together, geometric from 1 on; 1 is no batches.
    Counts are burstier than Poisson's by 2 x batch_mean - 1 (variance over mean)."""

    def expected(self, begin_ns: int, end_ns: int) -> float:
        """Return the mean number of arrivals in [begin_ns, end_ns), batches or not."""
        cumulative = self.profile.cumulative
        work = cumulative(self.opens_ns + end_ns) - cumulative(self.opens_ns + begin_ns)
        return self.per_weekday * work

    def arrivals(self, key: int, begin_ns: int, end_ns: int) -> list[Arrival]:
        """Return the arrivals in [begin_ns, end_ns); a batch's stand at one time."""
        if self.per_weekday == 0 or self.profile.week == 0 or end_ns <= begin_ns:
            return []
        before = [
            Arrival(-1 - number, time_ns)
            for number, time_ns in self._one_side(key, BEFORE, begin_ns)
            if begin_ns <= time_ns < end_ns
        ]
        after = [
            Arrival(number, time_ns)
            for number, time_ns in self._one_side(key, AFTER, end_ns)
            if begin_ns <= time_ns < end_ns
        ]
        return before[::-1] + after

    def _one_side(self, key: int, side: int, until_ns: int) -> Iterator[tuple[int, int]]:
        """Give (number, time) away from the opening, as far as ``until_ns``."""
        gaps, sizes = child_key(key, side), child_key(key, AFTER_SIZES + side)
        direction = 1 if side == AFTER else -1
        opening = self.profile.cumulative(self.opens_ns)
        batch_rate = self.per_weekday / self.batch_mean
        elapsed, number, batch = 0.0, 0, 0
        while True:
            elapsed -= math.log1p(-draw_uniform(gaps, batch))
            work = opening + direction * elapsed / batch_rate
            time_ns = self.profile.inverse(work) - self.opens_ns
            if direction * time_ns > direction * until_ns:
                return
            # Rounding to whole nanoseconds must not move an arrival over the opening.
            time_ns = max(time_ns, 0) if side == AFTER else min(time_ns, -1)
            for _ in range(self._batch_size(sizes, batch)):
                yield number, time_ns
                number += 1
            batch += 1

    def _batch_size(self, key: int, batch: int) -> int:
        if self.batch_mean == 1.0:
            return 1
        stay = 1.0 - 1.0 / self.batch_mean
        return 1 + math.floor(math.log1p(-draw_uniform(key, batch)) / math.log(stay))


class InProgress(NamedTuple):
    """A session that began before the window opens and is still running then."""

    number: int
    """Of its arrival."""
    start_ns: int
    """Negative: after the window opens."""
    duration_ns: int
    """From its start; what is left when the window opens is start_ns + duration_ns."""


def sessions_in_progress(
    process: ArrivalProcess, key: int, duration_ns: Callable[[int], int], longest_ns: int
) -> list[InProgress]:
    """Return the sessions running when the window opens, in order of their start.

    Exact: every arrival of the ``longest_ns`` before the opening is drawn, with the duration that
    ``duration_ns(number)`` gives it, and those not yet over are kept. Their number and what is
    left of each then follow the true law, whatever the intensity did before.

    Raises:
        ValueError: if a duration is longer than ``longest_ns``, so that some were not looked for.
    """
    running = []
    for arrival in process.arrivals(key, -longest_ns, 0):
        duration = duration_ns(arrival.number)
        if duration > longest_ns:
            raise ValueError(
                f"session {arrival.number} lasts {duration} ns, longer than the {longest_ns} ns"
                " looked back: cut the law of durations there, or look back further"
            )
        if arrival.time_ns + duration > 0:
            running.append(InProgress(arrival.number, arrival.time_ns, duration))
    return running
