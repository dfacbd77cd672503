"""Terminals that walk: each handover cuts their fetches off, and they go on over the next access point.

While a terminal changes its access point nothing reaches it. Its transfer ends there: what had come in whole
pieces is kept, and behind the handover it asks the source over the new access link for the rest.
"""

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import simpy

from telemedsim.control.fetching import (
    Read,
    begin_fetch,
    fetch_messages,
    patience_over,
    reader_use,
)
from telemedsim.control.replication import Replication
from telemedsim.control.transfers import ANSWERER, OPENER, Watch, send
from telemedsim.dataplane.base import Step
from telemedsim.network.work import ReadingWork, Roaming

Process = Generator[Any, Any, None]


class Walk:
    """Where one terminal is connected from now on, drawn by its name alone."""

    def __init__(self, replication: Replication, roaming: Roaming, entity: str) -> None:
        self._environment = replication.environment
        self.roaming = roaming
        self._draws = replication.draws(entity, "walk")
        points = roaming.access_points
        self.place = points[int(self._draws.uniform() * len(points))]
        """The access point; during a handover still the old one."""
        self.leaves: simpy.Event = self._environment.event()
        """The next handover begins."""
        self.returns: simpy.Event | None = None
        """The end of a handover that is under way; None while the terminal is connected."""
        self.handovers = 0
        """Begun so far."""
        self._environment.process(self._go())

    def _go(self) -> Process:
        environment, roaming = self._environment, self.roaming
        while True:
            # The rest of an exponential stay has the same law: the window opens right.
            stay_ns = self._draws.exponential(roaming.stay_mean_ns)
            yield environment.timeout(max(1, round(stay_ns)))
            self.handovers += 1
            leaves, self.leaves = self.leaves, environment.event()
            returns = self.returns = environment.event()
            leaves.succeed()
            yield environment.timeout(roaming.handover_ns)
            others = [point for point in roaming.access_points if point != self.place]
            self.place = others[int(self._draws.uniform() * len(others))]
            self.returns = None
            returns.succeed()


class Messages(NamedTuple):
    """The messages of a fetch between two handovers, its data in pieces that are told of."""

    steps: tuple[Step, ...]
    watches: tuple[Watch, ...]

    def arrived_bytes(self, reached: int) -> int:
        """Return the source's bytes up to a step; none for -1."""
        return sum(step.size_bytes for step in self.steps[: reached + 1] if step.sender == ANSWERER)


def in_pieces(steps: Sequence[Step], watches: Sequence[Watch], piece_bytes: int) -> Messages:
    """Return messages whose data comes in pieces, each reported; watches end with their last piece."""
    cut, last_of = list[Step](), list[int]()
    for step in steps:
        sizes = [step.size_bytes]
        if step.sender == ANSWERER:
            whole, rest = divmod(step.size_bytes, piece_bytes)
            sizes = [piece_bytes] * whole + [rest] * (rest > 0)
        for number, size in enumerate(sizes):
            delay_ns = step.delay_ns if number == 0 else 0
            cut.append(Step(step.sender, size, delay_ns, report=step.sender == ANSWERER))
        last_of.append(len(cut) - 1)
    return Messages(
        tuple(cut), tuple(replace(watch, step=last_of[watch.step]) for watch in watches)
    )


class WalkingFetch:
    """One fetch by a terminal that walks."""

    def __init__(
        self,
        replication: Replication,
        work: ReadingWork,
        walk: Walk,
        probe_leg: int,
    ) -> None:
        self._replication = replication
        self._work = work
        self._walk = walk
        self._piece_bytes = walk.roaming.piece_bytes
        self._probe_leg = probe_leg
        self._stages: list[tuple[str, int]] = []
        """What the time since the asking consisted of, before the transfer that is under way."""

    def run(self, read: Read, whole: Read | None) -> Process:
        """Fetch a read, or what is left of a whole one that is under way; a session of its own."""
        replication, work, walk = self._replication, self._work, self._walk
        session = begin_fetch(replication, work, read)
        gives_up = patience_over(replication, read, work.patience_ns)
        left, resumed, since_ns = read, False, read.asked_ns
        while True:
            cut_ns = replication.now_ns
            if walk.returns is not None:
                yield walk.returns | gives_up
                since_ns = replication.now_ns
                self._stages.append(("handover", since_ns - cut_ns))
            if gives_up.processed:
                replication.abandon(session)
                return
            # A fetch of which nothing had come begins anew, with a connection of its own.
            asked = whole or (read if left != read else None)
            messages = self._messages(left, asked, resumed)
            leg = replication.next_leg()
            # Each part has draws of its own.
            part = f"{read.entity}/part-{len(self._stages)}" if resumed else read.entity
            named = read._replace(entity=part)
            use = reader_use(work, session, named, walk.place, self._probe_leg, asked is not None)
            use = replace(use, handover_ns=since_ns - cut_ns if resumed else 0)
            opened = send(replication, use, *messages, read.asked_ns)
            yield opened.done | walk.leaves | gives_up
            if opened.done.triggered:
                replication.complete(session)
                return
            if gives_up.processed:
                replication.abandon(session, opened)
                return
            arrived_bytes = messages.arrived_bytes(replication.cut_off(opened, leg))
            self._stages.append(("fetch", replication.now_ns - since_ns))
            left, resumed = left.after(arrived_bytes), True

    def _messages(self, left: Read, asked: Read | None, resumed: bool) -> Messages:
        """Return what is exchanged now of a fetch, or what is left of one that was asked for before."""
        work = self._work
        steps, watches = fetch_messages(work, left, asked)
        if resumed and asked is not None:
            # The source has to look again for what it had not begun to send.
            anew = left.first_bytes == asked.first_bytes or (
                left.first_bytes == 0 and left.rest_bytes == asked.rest_bytes
            )
            first = replace(steps[0], delay_ns=work.server_ns if anew else 0)
            steps = (Step(OPENER, work.request_bytes, 0), first, *steps[1:])
            watches = tuple(replace(watch, step=watch.step + 1) for watch in watches)
        stages = tuple(self._stages)
        watches = tuple(replace(watch, stages=stages) for watch in watches)
        return in_pieces(steps, watches, self._piece_bytes)
