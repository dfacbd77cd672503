"""A window in pieces so short that its packets stay in the processor's cache: sources feed, lines work.

The length of a piece changes no result; it follows from how many packets the last one had.
"""

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.layout import (
    ACTIVE,
    PACKETS_USED,
    PIECE_END,
    PIECE_FED,
    PIECE_NS,
    PIECE_PHASE,
    PIECE_PLACE,
    World,
)
from telemedsim.dataplane.hybrid.window import feed, run_groups

LEAST_PIECE_NS = 10_000_000
"""Packets on a wire are looked at in each piece: it should not be much shorter than a wire."""
LONGEST_PIECE_NS = 1_000_000_000
FEWEST_PACKETS = 1024
PACKETS_A_LINE = 4
"""A piece looks at all lines and open streams once, which is worth it for so many packets each."""
NEXT, FEED, LINES = 0, 1, 2
DONE, SHORT = 0, 1


def run_span(w: World, until_ns: int) -> int:
    """Let sources and lines work until a time, piece by piece; return `DONE`, or `SHORT` of space.

    To be called again when there is more; PIECE_PLACE tells at which stream it stopped, if it fed.
    """
    c = w.cursors
    while True:
        if c[PIECE_PHASE] == NEXT:
            if c[PIECE_END] >= until_ns:
                return DONE
            c[PIECE_FED] = c[PACKETS_USED]
            c[PIECE_END] = min(until_ns, c[PIECE_END] + c[PIECE_NS])
            c[PIECE_PHASE] = FEED
        if c[PIECE_PHASE] == FEED:
            c[PIECE_PLACE] = feed(w, c[PIECE_END], c[PIECE_PLACE])
            if c[PIECE_PLACE] < c[ACTIVE]:
                return SHORT
            c[PIECE_PHASE], c[PIECE_PLACE] = LINES, 0
        c[PIECE_PLACE] = run_groups(w, w.schedule, c[PIECE_PLACE], len(w.schedule), c[PIECE_END])
        if c[PIECE_PLACE] < len(w.schedule):
            return SHORT
        c[PIECE_PHASE], c[PIECE_PLACE] = NEXT, 0
        fit_piece(w, c[PACKETS_USED] - c[PIECE_FED])


@compiled
def fit_piece(w: World, fed: int) -> None:
    """Choose the length of the next piece by the packets that sources fed into the last one."""
    c = w.cursors
    packets = max(FEWEST_PACKETS, PACKETS_A_LINE * (len(w.schedule) + c[ACTIVE]))
    if fed > 2 * packets:
        c[PIECE_NS] = max(LEAST_PIECE_NS, c[PIECE_NS] // 2)
    elif 2 * fed < packets:
        c[PIECE_NS] = min(2 * c[PIECE_NS], LONGEST_PIECE_NS)
