"""What a line does when a transmission ends or a packet is refused: losses, delays, copies, counts."""

from telemedsim.core.compiled import compiled
from telemedsim.core.random_streams import draw_53
from telemedsim.core.units import framed_bytes, transmission_ns
from telemedsim.dataplane.hybrid.inbox import put, put_pending
from telemedsim.dataplane.hybrid.kinds import is_lost, variation_ns
from telemedsim.dataplane.hybrid.layout import (
    BIN,
    BIN_BEGIN,
    BIN_BUSY,
    BIN_BYTES,
    BIN_END,
    BIN_LOST,
    CARRIED_PACKETS,
    CELLS_USED,
    CLEAN,
    LAST_ARRIVAL,
    LIVE,
    LOSS,
    LOSS_AT,
    LOSS_DRAWS,
    LOSS_SIZE,
    LOST_PACKETS,
    MIN_FRAME,
    NEXT,
    NS,
    NUMBER,
    OVERHEAD,
    PART,
    PARTS_A_HOP,
    PROPAGATION,
    RATE,
    ROW_DEPTH,
    ROW_END,
    ROW_KIDS,
    ROW_KIDS_AT,
    ROW_LEG,
    ROW_LEGS,
    ROW_LEGS_AT,
    ROW_LINE,
    ROW_LOSS_KEY,
    ROW_NEXT,
    ROW_NEXT_LINE,
    ROW_STREAM,
    ROW_VARIATION_KEY,
    SERIES_BIN,
    SERIES_BIN_NS,
    SERIES_BUSY,
    SERIES_BYTES,
    SERIES_LINE,
    SERIES_LOST,
    SERIES_USED,
    SIZE_BYTES,
    SIZE_FRAME,
    SIZE_SERVICE,
    THRESHOLDS_AT,
    VARIATION,
    VARIATION_AT,
    VARIATION_SIZE,
    VARIES,
    WINDOW_END,
    World,
)
from telemedsim.dataplane.hybrid.legs import arrive, lose_at_leg
from telemedsim.dataplane.hybrid.packets.arrivals import put_arrival
from telemedsim.records.flows import IMPAIRMENT
from telemedsim.records.flows import VARIATION as VARIATION_PART


@compiled
def take_size(w: World, line: int, ip_bytes: int) -> None:
    """Work out what a packet's size means on a line; it stands in the line's SIZE columns."""
    lines = w.lines
    frame_bytes = framed_bytes(ip_bytes, lines[line, OVERHEAD], lines[line, MIN_FRAME])
    lines[line, SIZE_BYTES] = ip_bytes
    lines[line, SIZE_FRAME] = frame_bytes
    lines[line, SIZE_SERVICE] = transmission_ns(frame_bytes, lines[line, RATE])


@compiled
def push_cell(w: World, part: int, ns: int, following: int) -> int:
    """Put a waited time before a chain; return the new chain."""
    at = w.cursors[CELLS_USED]
    w.cursors[CELLS_USED] = at + 1
    w.cells[at, PART] = part
    w.cells[at, NS] = ns
    w.cells[at, NEXT] = following
    return at


@compiled
def open_bin(w: World, line: int, now: int) -> None:
    """Make the bin that holds (now - 1, now] the current one of the line's series."""
    lines = w.lines
    if lines[line, BIN_BEGIN] < now and now <= lines[line, BIN_END]:
        return
    close_bin(w, line)
    width = lines[line, SERIES_BIN_NS]
    number = max(now - 1, 0) // width
    lines[line, BIN] = number
    lines[line, BIN_BEGIN] = number * width
    lines[line, BIN_END] = (number + 1) * width


@compiled
def close_bin(w: World, line: int) -> None:
    """Write the counts of the current bin into the series and begin anew."""
    lines = w.lines
    busy_ns, carried_bytes, lost = (
        lines[line, BIN_BUSY],
        lines[line, BIN_BYTES],
        lines[line, BIN_LOST],
    )
    if busy_ns == 0 and carried_bytes == 0 and lost == 0:
        return
    at = w.cursors[SERIES_USED]
    w.cursors[SERIES_USED] = at + 1
    w.series[at, SERIES_LINE] = line
    w.series[at, SERIES_BIN] = lines[line, BIN]
    w.series[at, SERIES_BUSY] = busy_ns
    w.series[at, SERIES_BYTES] = carried_bytes
    w.series[at, SERIES_LOST] = lost
    lines[line, BIN_BUSY] = lines[line, BIN_BYTES] = lines[line, BIN_LOST] = 0


@compiled
def count_busy(w: World, line: int, begin_ns: int, now: int) -> None:
    """Count a transmission in each bin of the series it reaches into."""
    lines = w.lines
    if lines[line, BIN_BEGIN] <= begin_ns and now <= lines[line, BIN_END]:
        lines[line, BIN_BUSY] += now - begin_ns
        return
    while begin_ns < now:
        open_bin(w, line, begin_ns + 1)
        end_ns = min(now, lines[line, BIN_END])
        lines[line, BIN_BUSY] += end_ns - begin_ns
        begin_ns = end_ns


@compiled
def lose(w: World, line: int, row: int, pid: int, cause: int, now: int) -> None:
    """Count a packet lost at a line, there and at every leg that it would have reached."""
    w.lines[line, LOST_PACKETS + cause] += 1
    open_bin(w, line, now)
    w.lines[line, BIN_LOST] += 1
    rows = w.rows
    w.streams[rows[row, ROW_STREAM], LIVE] -= 1
    first = rows[row, ROW_LEGS_AT]
    for at in range(first, first + rows[row, ROW_LEGS]):
        lose_at_leg(w, w.links[at], pid, rows[row, ROW_DEPTH], cause, now)


@compiled
def is_destroyed(w: World, line: int, row: int, pid: int, frame_bytes: int) -> bool:
    """Tell whether errors on the wire destroy the packet just sent."""
    lines = w.lines
    draws = lines[line, LOSS_DRAWS]
    if draws == 0:
        return False
    key, number = w.rows[row, ROW_LOSS_KEY], w.packets[pid, NUMBER]
    second = 0
    if draws == 1:
        draw = draw_53(key, number)
    else:
        draw = draw_53(key, 2 * number)
        second = draw_53(key, 2 * number + 1)
    begin = lines[line, LOSS_AT]
    state = w.line_states[begin : begin + lines[line, LOSS_SIZE]]
    threshold = w.thresholds[lines[line, THRESHOLDS_AT] + frame_bytes]
    return is_lost(lines[line, LOSS], state, draw, second, threshold) == 1


@compiled
def delayed_ns(w: World, line: int, row: int, pid: int, undelayed_ns: int) -> int:
    """Return when a packet arrives that varies in delay; none overtakes another."""
    lines = w.lines
    begin = lines[line, VARIATION_AT]
    parameters = w.line_states[begin : begin + lines[line, VARIATION_SIZE]]
    draw = draw_53(w.rows[row, ROW_VARIATION_KEY], w.packets[pid, NUMBER])
    arrival_ns = undelayed_ns + variation_ns(lines[line, VARIATION], parameters, draw)
    arrival_ns = max(arrival_ns, lines[line, LAST_ARRIVAL])
    lines[line, LAST_ARRIVAL] = arrival_ns
    return arrival_ns


@compiled
def note_variation(w: World, row: int, cell: int, ns: int) -> int:
    """Return a packet's chain with what its delay varied on a line."""
    if ns == 0:
        return cell
    return push_cell(w, w.rows[row, ROW_DEPTH] * w.cursors[PARTS_A_HOP] + VARIATION_PART, ns, cell)


@compiled
def hand_over(w: World, row: int, pid: int, cell: int, arrival_ns: int) -> None:
    """Let a packet arrive at the leg, the lines and the end of a transfer that are behind a row."""
    rows, leg = w.rows, w.rows[row, ROW_LEG]
    first, kids = rows[row, ROW_KIDS_AT], rows[row, ROW_KIDS]
    live = kids - 1
    for at in range(first, first + kids):
        child = w.links[at]
        put(w, rows[child, ROW_LINE], arrival_ns, pid, child, cell)
    if leg >= 0:
        if arrival_ns <= w.cursors[WINDOW_END]:
            arrive(w, leg, arrival_ns, pid, cell)
        else:
            put_pending(w, arrival_ns, pid, row, cell)
            live += 1
    if rows[row, ROW_END]:
        put_arrival(w, rows[row, ROW_END] - 1, arrival_ns, pid, row, cell)
        live += 1
    if live != 0:
        w.streams[rows[row, ROW_STREAM], LIVE] += live


@compiled
def send_on(w: World, line: int, row: int, pid: int, cell: int, frame_bytes: int, now: int) -> None:
    """Send a packet whose transmission ends now: to the leg and the lines behind, or to nowhere."""
    lines, rows = w.lines, w.rows
    arrival_ns = now + lines[line, PROPAGATION]
    if not lines[line, CLEAN]:
        if is_destroyed(w, line, row, pid, frame_bytes):
            lose(w, line, row, pid, IMPAIRMENT, now)
            return
        if lines[line, VARIES]:
            undelayed_ns = arrival_ns
            arrival_ns = delayed_ns(w, line, row, pid, undelayed_ns)
            cell = note_variation(w, row, cell, arrival_ns - undelayed_ns)
    if rows[row, ROW_NEXT] >= 0:
        put(w, rows[row, ROW_NEXT_LINE], arrival_ns, pid, rows[row, ROW_NEXT], cell)
        return
    hand_over(w, row, pid, cell, arrival_ns)


@compiled
def end_transmission(
    w: World, line: int, row: int, pid: int, cell: int, frame_bytes: int, started: int, now: int
) -> None:
    """Count a transmission that ends now, and send its packet on."""
    w.lines[line, CARRIED_PACKETS] += 1
    count_busy(w, line, started, now)
    w.lines[line, BIN_BYTES] += frame_bytes
    send_on(w, line, row, pid, cell, frame_bytes, now)
