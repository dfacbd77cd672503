"""What happens on the plane's SimPy clock, and in which order at one instant.

SimPy orders events of one time by priority, then by scheduling. The priorities below are the rules
of time of ARCHITECTURE.md; hosts are served in the order of flows, so that nothing depends on the
order of scheduling.
"""

from collections.abc import Callable
from typing import Any

import simpy

from telemedsim.dataplane.reference.packet import Endpoint, Packet

DEPARTURE, CHANGE, HOST = 0, 1, 2
"""Departures; failures and repairs; arrivals at hosts (plus the flow)."""
ACCEPTANCE = 1 << 62
"""All packets that reach an interface at one instant, once all of them are known."""
TIMER = ACCEPTANCE + 1
"""Timers. They concern one endpoint each, so their order among themselves changes nothing."""

Callbacks = list[Callable[[Any], None]]
NOTHING: Callbacks = []
"""The callbacks of an event that was called off: SimPy cannot take an event back."""


class Happening(simpy.Event):
    """An event that is scheduled at once and always succeeds."""

    _ok = True

    def __init__(self, callbacks: Callbacks) -> None:
        self.callbacks: Callbacks = callbacks


class Batch(Happening):
    """The packets that reach one interface at one instant."""

    def __init__(self, callbacks: Callbacks, time_ns: int, packet: Packet) -> None:
        self.callbacks = callbacks
        self.time_ns = time_ns
        self.packets = [packet]


class Arrival(Happening):
    """A packet reaches its host, the end of its route."""

    def __init__(self, callbacks: Callbacks, time_ns: int, packet: Packet) -> None:
        self.callbacks = callbacks
        self.time_ns = time_ns
        self.packet = packet


class Timer(Happening):
    """The one timer of an endpoint; ``deadline_ns`` may be later than the event, or -1: off."""

    def __init__(self, callbacks: Callbacks, endpoint: Endpoint) -> None:
        self.callbacks = callbacks
        self.endpoint = endpoint
        self.deadline_ns = -1
        self.due_ns = -1
        """Time of the event itself, -1 while it is not scheduled."""
