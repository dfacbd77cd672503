"""Hosts and the lines that their packets use, in the order of time, so that reports stop them at one instant.

A packet in a line reaches its host not before the line's next event and the propagation that is left. Until
the first such moment of all components hosts know what happens; they go first. Then the component whose
moment it is has a turn: its sources and lines work up to it, and a new one is found. Lines may lag behind
hosts, never lead: a report is answered before any line has passed its instant. Where nothing propagates, an
instant is taken apart: departures, then hosts, then what arrives at lines.
"""

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.inbox import NEVER
from telemedsim.dataplane.hybrid.layout import (
    COMPONENTS_USED,
    GROUP_LINE,
    LIVE,
    LOCK_COMPONENT,
    LOCK_END,
    LOCK_PHASE,
    LOCK_PLACE,
    MARKS_USED,
    SEND_NS,
    STOP_NS,
    World,
)
from telemedsim.dataplane.hybrid.packets.columns import (
    FAR_NS,
    LINES_AT,
    LINES_END,
    SOURCE_NS,
    SOURCES_AT,
    SOURCES_END,
    WAYS_END,
)
from telemedsim.dataplane.hybrid.packets.hosts import run_hosts
from telemedsim.dataplane.hybrid.packets.turns import next_turn_ns, reschedule_turn
from telemedsim.dataplane.hybrid.sources import send
from telemedsim.dataplane.hybrid.window import next_event_ns, run_groups, run_line

FIND, HOSTS, FEED, LINES, DEPART, SHORT, DONE = range(7)
"""Phases: all turns are to be found anew, hosts, and a component's turn; what `run_lockstep` returns."""


def run_lockstep(w: World, until_ns: int) -> int:
    """Let hosts, and lines in their turns, work until a time or the first report.

    Returns `DONE`, with the time reached in LOCK_END, or `SHORT`, to be called again, if space is short.
    """
    c = w.cursors
    while True:
        if c[LOCK_PHASE] == FIND:
            find_all(w)
        elif c[LOCK_PHASE] == HOSTS:
            reached = run_hosts(w, until_ns)
            if reached < 0:
                return SHORT
            c[LOCK_END] = reached
            if c[MARKS_USED] > 0 or next_turn_ns(w) > until_ns:
                return DONE
            c[LOCK_COMPONENT] = w.turns[0]
            c[LOCK_PHASE] = FEED
        elif not work(w, c[LOCK_COMPONENT], c[LOCK_END]):
            return SHORT


@compiled
def work(w: World, component: int, until_ns: int) -> bool:
    """Go through one phase of a component's turn, which ends at a time; False if space is short."""
    c = w.cursors
    if c[LOCK_PHASE] == FEED:
        if not feed_component(w, component, until_ns):
            return False
        go_on(w, LINES, w.components[component, LINES_AT])
        return True
    due_ns = until_ns + 2
    if c[LOCK_PHASE] == LINES:
        if not move(w, component, until_ns):
            return False
        due_ns = find_due(w, component)
        if due_ns == until_ns + 1:
            go_on(w, DEPART, w.components[component, LINES_AT])
            return True
    elif not depart(w, component, until_ns + 1):
        return False
    reschedule_turn(w, component, due_ns)
    c[LOCK_PHASE] = HOSTS
    return True


@compiled
def find_all(w: World) -> None:
    """Find the turns of all components anew."""
    for component in range(w.cursors[COMPONENTS_USED]):
        w.components[component, SOURCE_NS] = 0
        reschedule_turn(w, component, find_due(w, component))
    w.cursors[LOCK_PHASE] = HOSTS


@compiled
def go_on(w: World, phase: int, place: int) -> None:
    """Begin the next phase of a turn."""
    w.cursors[LOCK_PHASE] = phase
    w.cursors[LOCK_PLACE] = place


@compiled
def find_due(w: World, component: int) -> int:
    """Return the earliest time at which a transfer's packet now in a component's lines can reach a host."""
    components, live = w.components, 0
    for at in range(components[component, SOURCES_END], components[component, WAYS_END]):
        live += w.streams[w.component_streams[at], LIVE]
    due_ns = NEVER
    if live == 0:
        return due_ns
    for at in range(components[component, LINES_AT], components[component, LINES_END]):
        line = w.component_lines[at, GROUP_LINE]
        if w.host_ahead[line] < FAR_NS:
            next_ns = next_event_ns(w, line)
            if next_ns < NEVER:
                due_ns = min(due_ns, next_ns + w.host_ahead[line])
    return due_ns


@compiled
def feed_component(w: World, component: int, until_ns: int) -> bool:
    """Let the streams that feed a component send until a time; False, with the stream noted, if space is short."""
    streams = w.streams
    if w.components[component, SOURCE_NS] > until_ns:
        return True
    next_ns = NEVER
    for place in range(w.components[component, SOURCES_AT], w.components[component, SOURCES_END]):
        stream = w.component_streams[place]
        if not send(w, stream, until_ns):
            w.cursors[LOCK_PLACE] = stream
            return False
        if streams[stream, SEND_NS] < streams[stream, STOP_NS]:
            next_ns = min(next_ns, streams[stream, SEND_NS])
    w.components[component, SOURCE_NS] = next_ns
    return True


@compiled
def move(w: World, component: int, until_ns: int) -> bool:
    """Let the lines of a component work until a time; False if space is short."""
    end = w.components[component, LINES_END]
    reached = run_groups(w, w.component_lines, w.cursors[LOCK_PLACE], end, until_ns)
    w.cursors[LOCK_PLACE] = reached
    return reached == end


@compiled
def depart(w: World, component: int, now: int) -> bool:
    """Let the lines of a component end their transmissions of now, and accept nothing; False if space is short."""
    for place in range(w.cursors[LOCK_PLACE], w.components[component, LINES_END]):
        if not run_line(w, w.component_lines[place, GROUP_LINE], now - 1, now):
            w.cursors[LOCK_PLACE] = place
            return False
    return True
