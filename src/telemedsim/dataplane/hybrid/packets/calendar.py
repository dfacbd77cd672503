"""When something happens next at each end: a heap of ends, in which each stands once."""

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.inbox import NEVER
from telemedsim.dataplane.hybrid.layout import BLOCK, CALENDAR_USED, TIME, World
from telemedsim.dataplane.hybrid.packets.columns import (
    ARRIVALS_COUNT,
    ARRIVALS_FIRST,
    ARRIVALS_TAKEN,
    CALENDAR_AT,
    END_NEXT_NS,
    RECEIVER_AT,
    SENDER_AT,
    STOPPED,
    WRITE_NS,
)
from telemedsim.parts.transport.receiver import ACK_DEADLINE
from telemedsim.parts.transport.tcp_state import RTO_DEADLINE


@compiled
def arrival_ns(w: World, end: int) -> int:
    """Return when the next packet arrives at an end."""
    ends = w.ends
    if ends[end, ARRIVALS_COUNT] == 0:
        return NEVER
    return w.entries[ends[end, ARRIVALS_FIRST] * BLOCK + ends[end, ARRIVALS_TAKEN], TIME]


@compiled
def timer_ns(w: World, end: int) -> int:
    """Return when the first of an end's timers is due."""
    if w.transfers[end // 2, STOPPED]:
        return NEVER
    due = NEVER
    for one in (
        w.tcp[w.ends[end, SENDER_AT] + RTO_DEADLINE],
        w.tcp[w.ends[end, RECEIVER_AT] + ACK_DEADLINE],
        w.ends[end, WRITE_NS],
    ):
        if one >= 0:
            due = min(due, one)
    return due


@compiled
def set_place(w: World, at: int, end: int) -> None:
    """Put an end at a place of the heap."""
    w.calendar[at] = end
    w.ends[end, CALENDAR_AT] = at


@compiled
def reschedule(w: World, end: int) -> None:
    """Give an end its place in the heap, as what happens next there may have changed."""
    ends, calendar = w.ends, w.calendar
    next_ns = min(arrival_ns(w, end), timer_ns(w, end))
    ends[end, END_NEXT_NS] = next_ns
    at = ends[end, CALENDAR_AT]
    while at > 0 and next_ns < ends[calendar[(at - 1) // 2], END_NEXT_NS]:
        above = (at - 1) // 2
        set_place(w, at, calendar[above])
        at = above
    count = w.cursors[CALENDAR_USED]
    while 2 * at + 1 < count:
        below = 2 * at + 1
        if (
            below + 1 < count
            and ends[calendar[below + 1], END_NEXT_NS] < ends[calendar[below], END_NEXT_NS]
        ):
            below += 1
        if ends[calendar[below], END_NEXT_NS] >= next_ns:
            break
        set_place(w, at, calendar[below])
        at = below
    set_place(w, at, end)


@compiled
def next_host_ns(w: World) -> int:
    """Return when something happens next at any end."""
    if w.cursors[CALENDAR_USED] == 0:
        return NEVER
    return w.ends[w.calendar[0], END_NEXT_NS]
