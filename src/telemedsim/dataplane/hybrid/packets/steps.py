"""The steps of a transfer: written one after the other, marked and answered when they have arrived."""

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.layout import MARKS_USED, NONE, World
from telemedsim.dataplane.hybrid.packets.accounts import account_until, new_account
from telemedsim.dataplane.hybrid.packets.calendar import reschedule
from telemedsim.dataplane.hybrid.packets.columns import (
    ACCOUNT_ENDS,
    BASE,
    BEGUN,
    CONNECTED,
    MARK_ACCOUNT,
    MARK_LAST,
    MARK_NS,
    MARK_STEP,
    MARK_TRANSFER,
    SENDER_AT,
    SENDER_SIZE,
    STEP_BYTES,
    STEP_DELAY,
    STEP_REPORT,
    STEP_SENDER,
    STEPS,
    STEPS_AT,
    SYN,
    TRANSFER_END_NS,
    WRITE_NS,
    WRITTEN_STEP,
)
from telemedsim.dataplane.hybrid.packets.sending import BY_WRITE, emit_opening, send
from telemedsim.parts.transport import sender as tx
from telemedsim.parts.transport.handshake import open_active
from telemedsim.parts.transport.tcp_state import ESTABLISHED, PHASE
from telemedsim.records.flows import SERVER


@compiled
def complete(w: World, end: int, step: int, pid: int, cell: int, now: int) -> None:
    """A step has wholly arrived: mark and report it, and let the answer follow."""
    transfer, steps = end // 2, w.steps
    at = w.transfers[transfer, STEPS_AT] + step
    is_last = step == w.transfers[transfer, STEPS] - 1
    answered = not is_last and steps[at + 1, STEP_SENDER] != steps[at, STEP_SENDER]
    reported = steps[at, STEP_REPORT] == 1
    if is_last:
        w.transfers[transfer, TRANSFER_END_NS] = now
    if not reported and not answered:
        return
    account = account_until(w, end ^ 1, pid, cell, now, reported)
    if reported:
        mark = w.cursors[MARKS_USED]
        w.cursors[MARKS_USED] = mark + 1
        w.marks[mark, MARK_TRANSFER] = transfer
        w.marks[mark, MARK_STEP] = step
        w.marks[mark, MARK_NS] = now
        w.marks[mark, MARK_ACCOUNT] = account
        w.marks[mark, MARK_LAST] = 1 if is_last else 0
    if answered:
        follow(w, transfer, step + 1, account, now)


@compiled
def follow(w: World, transfer: int, step: int, base: int, now: int) -> None:
    """Have a step written when its delay is over; ``base`` is the account of the time until now."""
    w.transfers[transfer, BASE] = base
    at = w.transfers[transfer, STEPS_AT] + step
    if w.steps[at, STEP_DELAY] > 0:
        end = 2 * transfer + w.steps[at, STEP_SENDER]
        w.ends[end, WRITE_NS] = now + w.steps[at, STEP_DELAY]
    else:
        write(w, transfer, now)


@compiled
def write(w: World, transfer: int, now: int) -> None:
    """Write the step that is due, and those that follow it at once."""
    transfers, steps = w.transfers, w.steps
    while True:
        step = transfers[transfer, WRITTEN_STEP] + 1
        transfers[transfer, WRITTEN_STEP] = step
        at = transfers[transfer, STEPS_AT] + step
        if steps[at, STEP_DELAY] > 0:
            base = new_account(w, transfer, transfers[transfer, BASE])
            w.accounts[base + ACCOUNT_ENDS + SERVER] += steps[at, STEP_DELAY]
            transfers[transfer, BASE] = base
        end = 2 * transfer + steps[at, STEP_SENDER]
        first = w.ends[end, SENDER_AT]
        tx.write(w.tcp[first : first + w.ends[end, SENDER_SIZE]], steps[at, STEP_BYTES])
        send(w, end, BY_WRITE, NONE, NONE, now)
        if step + 1 == transfers[transfer, STEPS]:
            return
        if steps[at + 1, STEP_SENDER] != steps[at, STEP_SENDER]:
            return
        if steps[at + 1, STEP_DELAY] > 0:
            w.ends[end, WRITE_NS] = now + steps[at + 1, STEP_DELAY]
            return


@compiled
def begin(w: World, transfer: int, now: int) -> None:
    """Open the connection, or go on with an open one."""
    w.transfers[transfer, BEGUN] = 1
    opener = 2 * transfer
    first = w.ends[opener, SENDER_AT]
    s = w.tcp[first : first + w.ends[opener, SENDER_SIZE]]
    if w.transfers[transfer, CONNECTED]:
        s[PHASE] = ESTABLISHED
        w.tcp[w.ends[opener + 1, SENDER_AT] + PHASE] = ESTABLISHED
        follow(w, transfer, 0, new_account(w, transfer, NONE), now)
        reschedule(w, opener + 1)
        return
    open_active(s, now)
    emit_opening(w, opener, SYN, NONE, NONE, now)
