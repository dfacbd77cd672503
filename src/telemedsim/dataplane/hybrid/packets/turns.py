"""When the lines of each component must work next: a heap of components, in which each stands once.

Hosts go ahead of lines, up to the first moment at which a packet still in a line could reach one; then
the lines of that packet's component have their turn, and no others.
"""

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.inbox import NEVER
from telemedsim.dataplane.hybrid.layout import COMPONENTS_USED, World
from telemedsim.dataplane.hybrid.packets.columns import DUE_NS, TURN_AT


@compiled
def set_turn(w: World, at: int, component: int) -> None:
    """Put a component at a place of the heap."""
    w.turns[at] = component
    w.components[component, TURN_AT] = at


@compiled
def reschedule_turn(w: World, component: int, due_ns: int) -> None:
    """Give a component the time of its next turn, and its place in the heap."""
    components, turns = w.components, w.turns
    components[component, DUE_NS] = due_ns
    at = components[component, TURN_AT]
    while at > 0 and due_ns < components[turns[(at - 1) // 2], DUE_NS]:
        above = (at - 1) // 2
        set_turn(w, at, turns[above])
        at = above
    count = w.cursors[COMPONENTS_USED]
    while 2 * at + 1 < count:
        below = 2 * at + 1
        if (
            below + 1 < count
            and components[turns[below + 1], DUE_NS] < components[turns[below], DUE_NS]
        ):
            below += 1
        if components[turns[below], DUE_NS] >= due_ns:
            break
        set_turn(w, at, turns[below])
        at = below
    set_turn(w, at, component)


@compiled
def next_turn_ns(w: World) -> int:
    """Return when the first turn of any component is due."""
    if w.cursors[COMPONENTS_USED] == 0:
        return NEVER
    return w.components[w.turns[0], DUE_NS]


@compiled
def expect(w: World, line: int, time_ns: int) -> None:
    """Have a turn in time for a packet that a host has sent, which reaches its first line at a time."""
    component = w.component_of[line]
    due_ns = time_ns + w.host_ahead[line]
    if due_ns < w.components[component, DUE_NS]:
        reschedule_turn(w, component, due_ns)
