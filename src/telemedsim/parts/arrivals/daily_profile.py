"""The shape of a week: an intensity that is constant within each hour of the day."""

import math
from bisect import bisect_right
from functools import cached_property

from pydantic import Field, field_validator

from telemedsim.core.frozen import Frozen

HOUR_NS = 3_600_000_000_000
DAY_NS = 24 * HOUR_NS
WEEK_NS = 7 * DAY_NS
WEEKDAYS, WEEKEND_DAYS = 5, 2
SUM_TOLERANCE = 1e-6


class DailyProfile(Frozen):
    """How a day's work spreads over its hours, and what a weekend day has of a weekday's.

    Times are nanoseconds since Monday 00:00 and may be negative or beyond a week; the unit of
    work is that of one weekday.
    """

    hour_weights: tuple[float, ...] = Field(min_length=24, max_length=24)
    """Share of the day's work in each hour, 0 to 23; they sum to 1."""
    weekend_factor: float = Field(ge=0)
    """Work of a Saturday or Sunday over that of a weekday."""

    @field_validator("hour_weights")
    @classmethod
    def _shares_of_one_day(cls, weights: tuple[float, ...]) -> tuple[float, ...]:
        if min(weights) < 0:
            raise ValueError(f"hour {weights.index(min(weights))} has a weight below 0: {weights}")
        total = math.fsum(weights)
        if abs(total - 1) > SUM_TOLERANCE:
            raise ValueError(f"the weights of the 24 hours sum to {total:g}, they must sum to 1")
        return weights

    @cached_property
    def _until_hour(self) -> tuple[float, ...]:
        """Work of a week until the beginning of each of its 168 hours, and of the whole week."""
        total = math.fsum(self.hour_weights)
        until, day_begins = [0.0], 0.0
        for day in range(WEEKDAYS + WEEKEND_DAYS):
            factor = 1.0 if day < WEEKDAYS else self.weekend_factor
            for hour in range(1, 24):
                share = math.fsum(self.hour_weights[:hour]) / total
                until.append(day_begins + factor * share)
            day_begins += factor
            until.append(day_begins)
        return tuple(until)

    @property
    def week(self) -> float:
        """Work of a whole week, in weekdays."""
        return WEEKDAYS + WEEKEND_DAYS * self.weekend_factor

    def weekday_equivalents(self, days: float) -> float:
        """Return how many weekdays' work is done in some days of whole weeks.

        >>> DailyProfile(hour_weights=(1.0,) + (0.0,) * 23, weekend_factor=0.25).weekday_equivalents(7)
        5.5
        """
        return days * self.week / (WEEKDAYS + WEEKEND_DAYS)

    def cumulative(self, time_ns: int) -> float:
        """Return the work done from Monday 00:00 until a time; negative for times before."""
        weeks, in_week_ns = divmod(time_ns, WEEK_NS)
        hour, in_hour_ns = divmod(in_week_ns, HOUR_NS)
        until = self._until_hour
        part = (until[hour + 1] - until[hour]) * (in_hour_ns / HOUR_NS)
        return weeks * self.week + until[hour] + part

    def inverse(self, work: float) -> int:
        """Return the time until which that much work is done; the last one where nothing is done."""
        weeks = math.floor(work / self.week)
        until = self._until_hour
        rest = min(max(work - weeks * self.week, 0.0), until[-1])
        # The last hour that begins at or below the rest has work in it, unless it ends the week.
        hour = min(bisect_right(until, rest) - 1, len(until) - 2)
        width = until[hour + 1] - until[hour]
        in_hour_ns = math.floor((rest - until[hour]) / width * HOUR_NS) if width > 0 else HOUR_NS
        return weeks * WEEK_NS + hour * HOUR_NS + min(in_hour_ns, HOUR_NS)
