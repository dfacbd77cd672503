"""Where each integer of the hybrid plane's tables stands. Kernels see int64 arrays only.

A *line* is an interface, a *row* a row of a flow's tree (one line of it), a *leg* a receiver. Packets
on their way are entries that point to a row, to the packet (one for all its copies) and to a chain of
*cells*: what the packet waited so far, part by part. Copies share the chain up to their branch.
"""

from typing import NamedTuple

from telemedsim.dataplane.hybrid.array_types import RealTable, Table
from telemedsim.parts.traffic._frames import RECIPE_INTEGERS

NONE = -1

# Lines: what they are made of
(
    RATE,
    PROPAGATION,
    OVERHEAD,
    MIN_FRAME,
    LIMIT,
    IN_BYTES,
    QUEUES,
    SCHEDULER,
    SCHEDULER_AT,
    SCHEDULER_SIZE,
    DROP,
    DROP_AT,
    DROP_SIZE,
    DROP_DRAWS,
    DROP_KEY,
    LOSS,
    LOSS_AT,
    LOSS_SIZE,
    LOSS_DRAWS,
    THRESHOLDS_AT,
    VARIATION,
    VARIATION_AT,
    VARIATION_SIZE,
    VARIES,
    SERIES_BIN_NS,
    PLAIN,
    CLASSES,
    # What they remember of the last size of packet
    SIZE_BYTES,
    SIZE_FRAME,
    SIZE_SERVICE,
    # What they do
    UP,
    DOWN_SINCE,
    DOWN_NS,
    EMPTIED,
    LAST_ARRIVAL,
    INBOX_FIRST,
    INBOX_LAST,
    INBOX_FILL,
    INBOX_COUNT,
    NEXT_NS,
    HELD_AT,
    HELD_SIZE,
    HELD_HEAD,
    HELD_COUNT,
    HELD_SENT,
    HELD_FREE,
    HELD_BYTES_NOW,
    CHANGE_AT,
    COPIES,
    # The packet in transmission, of lines that are not plain
    SENDING,
    SENDING_PID,
    SENDING_ROW,
    SENDING_CELL,
    SENDING_FRAME,
    SENDING_QUEUE,
    STARTED,
    DUE,
    WAITING,
    # What they count
    ARRIVED_PACKETS,
    ARRIVED_BYTES,
    CARRIED_PACKETS,
    LOST_PACKETS,
    LOST_OVERFLOW,
    LOST_POLICER,
    LOST_OUTAGE,
    MAX_QUEUE,
    BIN,
    BIN_BEGIN,
    BIN_END,
    BIN_BUSY,
    BIN_BYTES,
    BIN_LOST,
    ON_WIRE,
    CLEAN,
    LINE_COLUMNS,
) = range(75)
"""HELD_SIZE is a power of two; HELD_SENT: how many of those held have been sent on already, when a turn was cut
short. CLEAN: 1 for a line that neither loses packets on its wire nor varies in delay."""

# Rows; first what each hop needs
(
    ROW_NEXT,
    ROW_NEXT_LINE,
    ROW_SLOT,
    ROW_CLASS,
    ROW_LEG,
    ROW_KIDS,
    ROW_END,
    ROW_STREAM,
    ROW_LINE,
    ROW_PARENT,
    ROW_ORDER,
    ROW_QUEUE,
    ROW_DEPTH,
    ROW_KIDS_AT,
    ROW_LEGS_AT,
    ROW_LEGS,
    ROW_LOSS_KEY,
    ROW_VARIATION_KEY,
    ROW_COLUMNS,
) = range(19)
"""ROW_NEXT: the one row behind this one and its line, where there is just that and no receiver; ROW_END: 1 + the end of a transfer that receives behind this row, 0 for none."""

# Streams
(
    SEND_NS,
    STOP_NS,
    NEXT_NUMBER,
    PACKETS_LEFT,
    LAST_BYTES,
    ROOTS_AT,
    ROOTS,
    SENT_PACKETS,
    SENT_BYTES,
    LIVE,
    FRAME_MASK,
    FRAMES_AT,
    LAST_FRAME,
    FRAMES_SENT,
    LAST_SENT,
    GRACE,
    CLEARED,
    SHOWING_AT,
    SHOWING,
    FRAME_FROM,
    FRAME_STOP,
    # The frame that is being sent, and the clock of the next one
    CAPTURED_NS,
    FRAME_PACKETS,
    SPREAD_NS,
    SPREAD_REST,
    SPREAD_CARRIED,
    CLOCK_NS,
    CLOCK_REST,
    PLACE,
    NEXT_FRAME,
    FRAME_END,
    LAWS_AT,
    RECIPE,
) = range(33)
"""FRAME_FROM, FRAME_STOP: the frames that are measured, from the one up to before the other. Behind RECIPE the
integers of the source's `parts.traffic.Recipe`. See `sources`."""
STREAM_COLUMNS = RECIPE + RECIPE_INTEGERS

# Legs; first what each delivery needs
(
    LEG_BIN_BEGIN,
    LEG_BIN_END,
    SIZES_AT,
    DELAY_SUM,
    SHIFT,
    HISTOGRAM_OFFSET,
    HISTOGRAM_SIZE,
    HISTOGRAM_AT,
    BIN_HISTOGRAM_AT,
    DELAY_MAX,
    DELAY_MIN,
    PARTS_AT,
    BIN_DELIVERED,
    LAST_NS,
    LEG_BUDGET,
    LEG_SHOWS,
    LEG_STREAM,
    LATE,
    LOST_AT,
    SLOWEST,
    LEG_BIN,
    BIN_LATE,
    BIN_LOST_PACKETS,
    INTERRUPTIONS,
    INTERRUPTED_NS,
    LEG_FRAMES_AT,
    BIN_NS,
    SETTLING_AT,
    LEG_COLUMNS,
) = range(29)

# Packets, entries of inboxes, cells
SENT, BYTES, FRAME, NUMBER, MOVED, PACKET_COLUMNS = range(6)
TIME, PID, ROW, CELL, ENTRY_COLUMNS = range(5)
PART, NS, NEXT, CELL_COLUMNS = range(4)

# Packets held by a line: on plain lines a ring in the order of departure
DEPARTS, HELD_PID, HELD_ROW, HELD_CELL, HELD_SERVICE, HELD_FRAME, ACCEPTED, TAG, HELD_QUEUE = range(
    9
)
NEXT_HELD, OWN_BUSY, CLASS_BUSY = 0, 9, 10
"""On other lines: the next one in its queue; when it began to wait, the busy time of its flow, and then
of each class."""

QUEUE_HEAD, QUEUE_TAIL, QUEUE_PACKETS, QUEUE_BYTES, QUEUE_EMPTIED, QUEUE_COLUMNS = range(6)
"""What a queue holds counts the packet in transmission, if it came from here."""
CHANGE_NS, CHANGE_KIND, CHANGE_NEXT, CHANGE_COLUMNS = range(4)
GOES_DOWN, GOES_UP = 0, 1

# What is too rare for a place in a table, and added up by the plane
STRAY_KIND, STRAY_LEG, STRAY_BIN, STRAY_BUCKET, STRAY_A, STRAY_B, STRAY_C, STRAY_COLUMNS = range(8)
STRAY_COUNTS, STRAY_BUCKETS, STRAY_DELAY = 0, 1, 2
"""Counts of a bin (delivered, late, lost); packets of a bin in a bucket; a packet whose delay lies
beyond the leg's histogram, and where it is written down."""
SERIES_LINE, SERIES_BIN, SERIES_BUSY, SERIES_BYTES, SERIES_LOST, SERIES_COLUMNS = range(6)

GROUP_LINE, GROUP_SIZE, GROUP_AHEAD_NS, GROUP_COLUMNS = range(4)
"""The first line of lines that feed each other in a circle has their number and their shortest propagation;
a line in no circle has 1 and NONE."""

BLOCK = 32
"""Entries of a block of an inbox."""

# Cursors: how far the growing arrays are filled
(
    PACKETS_USED,
    CELLS_USED,
    ARRIVALS,
    TAKEN_FIRST,
    TAKEN_LAST,
    CRAMPED,
    FREE_BLOCK,
    BLOCKS_USED,
    EXEMPLARS_USED,
    SERIES_USED,
    STRAY_USED,
    PENDING_FIRST,
    PENDING_LAST,
    PENDING_FILL,
    PENDING_COUNT,
    WINDOW_END,
    PARTS_A_HOP,
    CHAIN_CELLS,
    LARGEST_BYTES,
    BIN_BUCKETS,
    ACTIVE,
    THROUGH,
    SEGMENTS_USED,
    ACCOUNTS_USED,
    MARKS_USED,
    CALENDAR_USED,
    PIECE_PHASE,
    PIECE_PLACE,
    PIECE_END,
    PIECE_FED,
    PIECE_NS,
    COMPONENTS_USED,
    LOCK_PHASE,
    LOCK_PLACE,
    LOCK_COMPONENT,
    LOCK_END,
    MEASURE_BEGIN,
    MEASURE_END,
    CURSORS,
) = range(39)
"""CRAMPED: the line whose place for held packets is too small, or NONE; MEASURE_BEGIN, MEASURE_END: packets
sent from the one up to before the other are measured."""


# Lengths that arrays must have before a kernel goes on
(
    WANTED_ARRIVALS,
    WANTED_BLOCKS,
    WANTED_CELLS,
    WANTED_EXEMPLARS,
    WANTED_STRAYS,
    WANTED_SERIES,
    WANTED_PACKETS,
    WANTED_SEGMENTS,
    WANTED_ACCOUNTS,
    WANTED_MARKS,
) = range(10)
WANTED = (
    "runs",
    "block_next",
    "cells",
    "exemplars",
    "strays",
    "series",
    "packets",
    "segments",
    "accounts",
    "marks",
)


class World(NamedTuple):
    """All tables of the plane's packets; arrays only, so that kernels can take it whole."""

    lines: Table
    line_states: Table
    """States and parameters of schedulers, drop policies, losses and variations."""
    thresholds: Table
    """Loss thresholds by frame size."""
    queues: Table
    """Line and queue -> see QUEUE_COLUMNS."""
    lengths: Table
    head_bytes: Table
    head_tags: Table
    class_ns: Table
    """Line and class: service time in the system (plain lines), or busy time so far (others)."""
    slot_ns: Table
    """The same for each flow on each of its lines."""
    rows: Table
    links: Table
    """Lists of rows, legs and streams, to which tables point."""
    streams: Table
    active: Table
    """Streams that send or have packets on their way."""
    found: Table
    """Scratch: streams that a search has found."""
    laws: RealTable
    """Laws of frame sizes, to which streams point."""
    legs: Table
    histogram: Table
    firsts: Table
    """Beside each count of the histogram: where its first packet is written down."""
    sizes: Table
    parts_ns: Table
    losses: Table
    frames: Table
    """Rings of frames: captures and packets sent of streams; in time, lost, complete of legs."""
    settling: Table
    """Of each leg that shows frames: parameters and state of `parts.traffic.settling`."""
    packets: Table
    cells: Table
    entries: Table
    block_next: Table
    held: Table
    """Packets that lines hold, each line's in a place of its own."""
    times: Table
    """Scratch: the times of arrivals at the line at work, twice."""
    order: Table
    """Scratch: where those arrivals stand, twice."""
    runs: Table
    """Scratch: where sorted runs of arrivals begin."""
    exemplars: Table
    series: Table
    strays: Table
    """What is too rare for the tables; see `legs`."""
    changes: Table
    schedule: Table
    """Lines in the order of work: see GROUP_COLUMNS."""
    ends: Table
    """Ends of transfers by packets; for these and the next tables see `packets.columns`."""
    transfers: Table
    steps: Table
    tcp: Table
    """Records of senders and receivers (`parts.transport`), and what is outstanding."""
    segments: Table
    accounts: Table
    marks: Table
    calendar: Table
    host_ahead: Table
    """Of each line: the shortest propagation from it to an end of a transfer."""
    components: Table
    """Lines that transfers move in step, by what they share: see `packets.columns`."""
    component_of: Table
    """Line -> its component, or NONE."""
    component_lines: Table
    """Lines of each component in the order of work: see GROUP_COLUMNS."""
    component_streams: Table
    """Streams that feed each component, and the ways of its transfers."""
    turns: Table
    """Components by the time at which their turn is due: a heap."""
    wanted: Table
    cursors: Table
