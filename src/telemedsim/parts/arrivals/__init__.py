"""When work arrives over the day."""

from typing import NamedTuple

from telemedsim.core.frozen import Frozen


class Arrival(NamedTuple):
    """One arrival."""

    number: int
    """0, 1, 2, … from the opening of the window on, -1, -2, … back from it: names its draws."""
    time_ns: int
    """After the window opens; negative before it."""


class ArrivalProcess(Frozen):
    """When work arrives; subclasses carry ``kind: Literal[...]``.

    A key stands for one whole course of arrivals, before and after the window opens: each
    call shows the part of it between two times, whatever was asked before.
    """

    kind: str

    def arrivals(self, key: int, begin_ns: int, end_ns: int) -> list[Arrival]:
        """Return the arrivals in [begin_ns, end_ns) in order of time; begin may be negative."""
        raise TypeError("an arrival process must say when work arrives")

    def expected(self, begin_ns: int, end_ns: int) -> float:
        """Return the mean number of arrivals in [begin_ns, end_ns)."""
        raise TypeError("an arrival process must know its mean")
