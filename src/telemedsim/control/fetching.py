"""Fetches of a study by a terminal: the first displayable image, then the rest."""

from collections.abc import Generator
from typing import Any, NamedTuple

import simpy

from telemedsim.control.replication import Replication
from telemedsim.control.routes import Routes
from telemedsim.control.transfers import (
    ANSWERER,
    OPENER,
    TransferUse,
    Watch,
    nominal_wire_ns,
    send,
)
from telemedsim.dataplane.base import Step
from telemedsim.network.work import FetchWork, Place
from telemedsim.records.sessions import SessionRecord

Process = Generator[Any, Any, None]


class Read(NamedTuple):
    """One read of a study at a terminal."""

    entity: str
    asked_ns: int
    source: Place
    first_bytes: int
    rest_bytes: int
    """What follows the first image; 0 when there is no more."""

    def left(self, share: float) -> "Read":
        """Return what is still to be sent when a share of the study is left."""
        bytes_left = max(1, round((self.first_bytes + self.rest_bytes) * share))
        rest = min(self.rest_bytes, bytes_left)
        return self._replace(first_bytes=bytes_left - rest, rest_bytes=rest)

    def after(self, arrived_bytes: int) -> "Read":
        """Return what is still to be sent when so many bytes have come."""
        first = min(self.first_bytes, arrived_bytes)
        return self._replace(
            first_bytes=self.first_bytes - first,
            rest_bytes=self.rest_bytes - (arrived_bytes - first),
        )


def read_of(work: FetchWork, entity: str, asked_ns: int, source: Place, study_bytes: int) -> Read:
    """Return the read of a study of so many bytes; its first image has the work's size."""
    rest = max(0, study_bytes - work.first_image_bytes) if work.whole_study else 0
    return Read(entity, asked_ns, source, work.first_image_bytes, rest)


def nominal_fetch_ns(routes: Routes, work: FetchWork, read: Read) -> tuple[int, int]:
    """Return (its bits at the provisioned rate, the whole fetch) on an empty path in ns.

    The fetch has a connection, a request and, for the rest of the study, a second request.
    """
    source, terminals = read.source.node, work.terminals_at.node
    path = routes.path(source, terminals)
    if not path:
        return 0, work.server_ns + work.rendering_ns
    wire_ns = nominal_wire_ns(routes, path, read.first_bytes + read.rest_bytes, work.tcp)
    return wire_ns, wire_ns + 3 * routes.round_trip_ns(terminals, source) + 2 * work.server_ns


def left_at_opening(routes: Routes, work: FetchWork, read: Read) -> Read | None:
    """Return what the window finds of a read asked for before it; None if it was through."""
    _, alone_ns = nominal_fetch_ns(routes, work, read)
    left_ns = read.asked_ns + alone_ns
    return read.left(left_ns / alone_ns) if left_ns > 0 else None


def begin_fetch(replication: Replication, work: FetchWork, read: Read) -> SessionRecord:
    """Return the session of a read."""
    place = work.terminals_at
    return replication.begin_session(work, place.site, place.tier, read.asked_ns)


def patience_over(
    replication: Replication, read: Read, patience_ns: int | None
) -> simpy.events.Event:
    """Return the event of giving up a read; one that never happens for readers who always wait."""
    if patience_ns is None:
        return replication.environment.event()
    gives_up_ns = max(read.asked_ns + patience_ns, replication.now_ns)
    return replication.environment.timeout(gives_up_ns - replication.now_ns)


def reader_use(
    work: FetchWork,
    session: SessionRecord,
    read: Read,
    terminal_at: Place,
    probe_leg: int,
    connected: bool,
) -> TransferUse:
    """Return what the transfer of a read is in its session."""
    return TransferUse(
        entity=read.entity,
        session=session,
        role="reader",
        opener=terminal_at,
        answerer=read.source,
        judged=ANSWERER,
        participant=terminal_at,
        class_index=work.class_index,
        tcp=work.tcp,
        probe_leg=probe_leg,
        connected=connected,
    )


def fetch_when_asked(
    replication: Replication, work: FetchWork, read: Read, probe_leg: int
) -> Process:
    """Fetch a read as soon as it is asked for; of one before the window what it left, if anything."""
    if read.asked_ns >= 0:
        yield replication.environment.timeout(max(0, read.asked_ns - replication.now_ns))
        yield from fetch(replication, work, read, probe_leg)
        return
    left = left_at_opening(replication.routes, work, read)
    if left is not None:
        yield from fetch(replication, work, left, probe_leg, read)


def fetch(
    replication: Replication,
    work: FetchWork,
    read: Read,
    probe_leg: int,
    whole: Read | None = None,
    patience_ns: int | None = None,
) -> Process:
    """Fetch a read, or what is left of a whole one that is under way; a session of its own.

    Who waits longer than ``patience_ns`` since asking gives up: the transfer ends.
    """
    place = work.terminals_at
    session = begin_fetch(replication, work, read)
    if read.source.node == place.node:
        # The images lie behind no link: nothing to measure.
        yield replication.environment.timeout(work.server_ns + work.rendering_ns)
        replication.complete(session)
        return
    steps, watches = fetch_messages(work, read, whole)
    use = reader_use(work, session, read, place, probe_leg, whole is not None)
    opened = send(replication, use, steps, watches, read.asked_ns)
    if patience_ns is None:
        yield opened.done
    else:
        yield opened.done | patience_over(replication, read, patience_ns)
        if not opened.done.triggered:
            replication.abandon(session, opened)
            return
    replication.complete(session)


def fetch_messages(
    work: FetchWork, read: Read, whole: Read | None
) -> tuple[tuple[Step, ...], tuple[Watch, ...]]:
    """Return the messages of a read and what is measured of them.

    Of a read under way only the messages still to come; its measures name the whole objects.
    """
    asked = whole or read
    request = Step(OPENER, work.request_bytes, 0)
    server_ns = work.server_ns if whole is None else 0
    steps: list[Step] = []
    watches: list[Watch] = []
    if read.first_bytes > 0:
        steps += [request] if whole is None else []
        steps.append(Step(ANSWERER, read.first_bytes, server_ns, report=True))
        response = len(steps) - 1
        watches.append(Watch("response", response, asked.first_bytes, work.rendering_ns))
    if read.rest_bytes > 0:
        under_way = whole is not None and read.first_bytes == 0
        steps += [] if under_way else [request]
        delay_ns = 0 if under_way else work.server_ns
        steps.append(Step(ANSWERER, read.rest_bytes, delay_ns, report=True))
    if asked.first_bytes + asked.rest_bytes > 0 and work.whole_study:
        watches.append(Watch("study", len(steps) - 1, asked.first_bytes + asked.rest_bytes))
    return tuple(steps), tuple(watches)
