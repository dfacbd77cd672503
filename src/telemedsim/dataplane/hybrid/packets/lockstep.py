"""Time in slices that hosts and lines share, so that reports stop all of them at one instant.

A packet that any line holds reaches its host not before the line's next event and the propagation that
is left; so what hosts do up to a slice's end is known at its beginning. Hosts go first, then all lines in
order. Where nothing propagates, a slice is an instant: departures, then hosts, then what arrives at lines.
"""

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.inbox import NEVER
from telemedsim.dataplane.hybrid.layout import (
    ACTIVE,
    BLOCKS_USED,
    GROUP_LINE,
    HOST_AHEAD,
    LOCK_BEGIN,
    LOCK_END,
    LOCK_PHASE,
    LOCK_PLACE,
    MARKS_USED,
    PACKETS_USED,
    POOL_END,
    POOL_NEXT,
    ROOTS,
    STOP_NS,
    WANTED_BLOCKS,
    WANTED_PACKETS,
    World,
)
from telemedsim.dataplane.hybrid.packets.calendar import next_host_ns
from telemedsim.dataplane.hybrid.packets.hosts import run_hosts
from telemedsim.dataplane.hybrid.window import (
    has_room,
    holds_frames,
    next_event_ns,
    send,
)

CHOOSE, DEPART, HOSTS, FEED, LINES, SHORT, DONE = range(7)
"""Phases of a slice; what `run_lockstep` wants beside them: more space, or nothing."""


def run_lockstep(w: World, until_ns: int) -> int:
    """Choose slices and let hosts and sources work in them, until a time or the first report.

    Returns `DONE`, with the time reached in LOCK_END; `DEPART` or `LINES`, when the lines are to work
    until LOCK_END (that is another kernel) before the next call; or `SHORT`, if space is short.
    """
    c = w.cursors
    while True:
        phase = c[LOCK_PHASE]
        if phase == LINES:
            go_on(w, CHOOSE)
            if c[MARKS_USED] > 0:
                return DONE
        elif phase == CHOOSE:
            choose(w, until_ns)
            if c[LOCK_BEGIN] > until_ns:
                c[LOCK_PHASE], c[LOCK_END] = CHOOSE, until_ns
                return DONE
            if c[LOCK_PHASE] == DEPART:
                return DEPART
        elif phase == FEED:
            if not feed_all(w, c[LOCK_END]):
                return SHORT
            go_on(w, LINES)
            return LINES
        else:
            reached = run_hosts(w, c[LOCK_END])
            if reached < 0:
                return SHORT
            c[LOCK_END] = reached
            go_on(w, FEED)


@compiled
def go_on(w: World, phase: int) -> None:
    """Begin the next phase of a slice."""
    w.cursors[LOCK_PHASE] = phase
    w.cursors[LOCK_PLACE] = 0


@compiled
def choose(w: World, until_ns: int) -> None:
    """Choose the next slice: from the next event on, as long as no host hears of what it does."""
    c, streams = w.cursors, w.streams
    begin_ns = next_host_ns(w)
    end_ns = min(begin_ns, NEVER // 2) + c[HOST_AHEAD]
    for place in range(len(w.schedule)):
        line = w.schedule[place, GROUP_LINE]
        next_ns = next_event_ns(w, line)
        if next_ns <= until_ns:
            begin_ns = min(begin_ns, next_ns)
            end_ns = min(end_ns, next_ns + w.host_ahead[line] - 1)
    for place in range(c[ACTIVE]):
        stream = w.active[place]
        at = streams[stream, POOL_NEXT]
        if at < streams[stream, POOL_END] and w.pool_send_ns[at] < streams[stream, STOP_NS]:
            begin_ns = min(begin_ns, w.pool_send_ns[at])
    c[LOCK_BEGIN] = begin_ns
    c[LOCK_END] = min(max(end_ns, begin_ns), until_ns)
    go_on(w, DEPART if end_ns < begin_ns else HOSTS)


@compiled
def feed_all(w: World, until_ns: int) -> bool:
    """Let all streams send until a time; False if space is short."""
    c, streams, wanted = w.cursors, w.streams, w.wanted
    while c[LOCK_PLACE] < c[ACTIVE]:
        stream = w.active[c[LOCK_PLACE]]
        at = streams[stream, POOL_NEXT]
        if at < streams[stream, POOL_END] and w.pool_send_ns[at] <= until_ns:
            ready = streams[stream, POOL_END] - at
            wanted[WANTED_PACKETS] = c[PACKETS_USED] + ready
            wanted[WANTED_BLOCKS] = c[BLOCKS_USED] + ready * streams[stream, ROOTS] + 1
            if not has_room(w) or not holds_frames(w, stream, until_ns):
                return False
            send(w, stream, until_ns)
        c[LOCK_PLACE] += 1
    return True
