"""A transfer under way: its two ends, its steps in order, and what it measures.

A step is written ``delay_ns`` after the step before has wholly arrived, if its sender is the
receiver of that one; else (the same end sends again) ``delay_ns`` after that end's own write, so
that messages follow each other without waiting. The first step follows the handshake at its sender.
Messages of one end are one stream of bytes: a segment may hold the end of one and the beginning of
the next.
"""

from telemedsim.dataplane.base import Transfer
from telemedsim.dataplane.reference.causes import DATA, Origin, later, split_until
from telemedsim.dataplane.reference.packet import Host, Packet
from telemedsim.dataplane.reference.transfer_end import TransferEnd
from telemedsim.dataplane.transfer_steps import check_transfer, last_bytes, segments_of
from telemedsim.parts.transport.tcp_state import (
    ESTABLISHED,
    PHASE,
    RETRANSMITTED_SEGMENTS,
    SEGMENTS_SENT,
    TIMEOUTS,
)
from telemedsim.records.flows import Mark, Split, TransferRecord


class TransferRun:
    """A transfer on the reference plane; begins at its start, by its opener's timer."""

    def __init__(self, host: Host, transfer: Transfer, bin_ns: int) -> None:
        """Raise ValueError for a transfer without a path, steps or bytes."""
        check_transfer(transfer)
        self.transfer = transfer
        self.bin_ns = bin_ns
        self.stopped = False
        self._host = host
        segments = segments_of(transfer)
        forward = TransferEnd(self, host, 0, transfer.forward, segments)
        backward = TransferEnd(self, host, 1, transfer.backward, segments)
        forward.peer, backward.peer = backward, forward
        self._ends = (forward, backward)
        self.record = TransferRecord(
            transfer.start_ns, (forward.meter.record, backward.meter.record)
        )
        self._last_bytes = last_bytes(transfer)
        """Of each step: where it ends in its sender's stream of bytes."""
        self._written = -1
        """Last step written, -1 before the first."""
        self._arrived = 0
        """Steps that have wholly arrived."""
        self._base = Split()
        """Where the time went until the moment from which the next step's delay counts."""
        self._begun = False
        forward.open_at(transfer.start_ns)

    def write(self, now: int) -> None:
        """Begin the transfer, or write the step that is due, and those that follow it at once."""
        if not self._begun:
            self._begin(now)
            return
        steps = self.transfer.steps
        while True:
            step = self._written = self._written + 1
            origin = Origin(now, later(self._base, steps[step].delay_ns))
            self._base = origin.split
            self._ends[steps[step].sender].write(steps[step].size_bytes, origin)
            following = step + 1
            if following == len(steps) or steps[following].sender != steps[step].sender:
                return
            if steps[following].delay_ns > 0:
                self._write_after_delay(following, now)
                return

    def established(self, end: TransferEnd, packet: Packet, now: int) -> None:
        """An end knows that the connection is open: the first step may follow."""
        if self.transfer.steps[0].sender == end.side:
            self._follow(0, split_until(packet, now), now)

    def arrived(self, end: TransferEnd, packet: Packet, reached: int, size: int, now: int) -> None:
        """Take note that an end now has the other's first ``reached`` bytes in order."""
        self.record.delivered_bytes += size
        steps = self.transfer.steps
        while self._arrived < len(steps):
            step = self._arrived
            if steps[step].sender == end.side or reached < self._last_bytes[step]:
                return
            self._arrived = step + 1
            self._complete(step, packet, now)

    def stop(self, now: int) -> None:
        """End the transfer: nothing more is sent, no step arrives; packets on their way go on."""
        if not self.stopped:
            self.stopped = True
            for end in self._ends:
                end.stop()

    def close(self, now: int) -> TransferRecord:
        """Return the record at the end of the run; a running transfer with its time so far."""
        record = self.record
        for end in self._ends:
            end.meter.close()
            record.segments_sent += end.sender[SEGMENTS_SENT]
            record.segments_retransmitted += end.sender[RETRANSMITTED_SEGMENTS]
            record.timeouts += end.sender[TIMEOUTS]
        if record.end_ns < 0:
            record.running_split = self._running_split()
        return record

    def _begin(self, now: int) -> None:
        """Open the connection, or go on with an open one."""
        self._begun = True
        opener, other = self._ends
        if self.transfer.connected:
            opener.sender[PHASE] = other.sender[PHASE] = ESTABLISHED
            self._follow(0, Split(), now)
        else:
            opener.open(Origin(now, Split()))

    def _follow(self, step: int, base: Split, now: int) -> None:
        """Have a step written when its delay is over; ``base`` is the time until now."""
        self._base = base
        if self.transfer.steps[step].delay_ns > 0:
            self._write_after_delay(step, now)
        else:
            self.write(now)

    def _write_after_delay(self, step: int, now: int) -> None:
        """Set the sender's clock for a step; it hears of it when its packet or timer is handled."""
        following = self.transfer.steps[step]
        self._ends[following.sender].open_at(now + following.delay_ns)

    def _complete(self, step: int, packet: Packet, now: int) -> None:
        """A step has wholly arrived: mark and report it, and let the answer follow.

        Only the last flight of a marked step counts part by part: to whoever waits for that one, the
        messages before it are rounds of the protocol.
        """
        steps, record = self.transfer.steps, self.record
        is_last = step == len(steps) - 1
        answered = not is_last and steps[step + 1].sender != steps[step].sender
        if is_last:
            record.end_ns = now
        if not steps[step].report and not answered:
            return
        split = split_until(packet, now, by_parts=steps[step].report)
        if steps[step].report:
            record.marks.append(Mark(step, now, split))
            self._host.report(self.transfer.flow, step, is_last)
        if answered:
            self._follow(step + 1, split, now)

    def _running_split(self) -> Split:
        """Return where the time went up to the last packet that arrived at either end."""
        events = [end.last_event for end in self._ends if end.last_event is not None]
        if not events:
            return Split()
        packet, time_ns = max(events, key=lambda event: (event[1], event[0].kind == DATA))
        return split_until(packet, time_ns)
