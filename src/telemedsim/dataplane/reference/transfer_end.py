"""One end of a transfer: its TCP sender and receiver on the reference plane.

Data and acknowledgements are packets of their own. An end that sends data first sends the
acknowledgement that it was delaying, at the moment at which a real stack would piggyback it. There
is no exchange of FINs: a transfer ends when its last byte has arrived.
"""

from typing import TYPE_CHECKING

from telemedsim.dataplane.reference.causes import (
    ACK,
    DATA,
    SYN,
    SYN_ACK,
    Origin,
    Trigger,
    shortened,
)
from telemedsim.dataplane.reference.measure import LegMeter
from telemedsim.dataplane.reference.packet import Host, Packet
from telemedsim.parts.transport import receiver as tcp_receiver
from telemedsim.parts.transport import sender as tcp_sender
from telemedsim.parts.transport.handshake import (
    establish,
    on_handshake_timeout,
    on_syn,
    open_active,
)
from telemedsim.parts.transport.scoreboard import place
from telemedsim.parts.transport.tcp_state import (
    END,
    ESTABLISHED,
    FLAGS,
    HEAD,
    PHASE,
    RETRANSMITTED,
    RTO_DEADLINE,
    START,
    SYN_SENT,
    new_sender,
)

if TYPE_CHECKING:
    from telemedsim.dataplane.reference.transfers import TransferRun


class TransferEnd:
    """Sends the data of one side (0: the one that opened the connection) and takes the other's."""

    def __init__(
        self,
        run: "TransferRun",
        host: Host,
        side: int,
        path: tuple[int, ...],
        segments: tuple[int, int],
    ) -> None:
        tcp = run.transfer.tcp
        self.side = side
        self.peer: TransferEnd = self
        self.sender = new_sender(tcp, max(1, segments[side]))
        self.receiver = tcp_receiver.new_receiver(tcp, max(1, segments[1 - side]))
        self.meter = LegMeter(host.route(path), run.bin_ns)
        """Of the data that this end sends; filled by the other one."""
        self.write_deadline_ns = -1
        """When the application writes its next message, -1 for none."""
        self.last_event: tuple[Packet, int] | None = None
        """The last packet that arrived here, and when."""
        self._run = run
        self._host = host
        self._route = host.route(path)
        self._first_row = 0 if side == 0 else len(run.transfer.forward)
        self._flow, self._class_index = run.transfer.flow, run.transfer.class_index
        self._sent = 0
        self._outstanding: dict[int, Packet] = {}
        """Number of an outstanding segment -> its first packet."""
        self._opening: Packet | None = None
        """The first SYN or SYN-ACK."""
        self._to_acknowledge: Packet | None = None
        self._timer_ns = -1
        self._ack_bytes = [tcp.ack_bytes(blocks) for blocks in range(4)]
        self._syn_bytes = tcp.header_bytes + tcp.syn_option_bytes

    # What the plane calls.

    def receive(self, packet: Packet) -> None:
        """Take a packet that has arrived now."""
        now = self._host.now
        kind = packet.kind
        if kind == DATA:
            self.peer.meter.deliver(packet, now)
        if self._run.stopped:
            return
        self.last_event = (packet, now)
        if kind == DATA:
            self._take_data(packet, now)
        elif kind == ACK:
            self._take_ack(packet, now)
        else:
            self._take_opening(packet, now)
        self._set_timer()

    def lost(self, packet: Packet, interface: int, cause: int, now: int) -> None:
        """Count lost data of the other end; TCP finds out by itself."""
        if packet.kind == DATA:
            self.peer.meter.lose(packet, interface, cause)

    def on_timer(self, now: int) -> None:
        """Do all that is due now: acknowledge, retransmit, write."""
        self._timer_ns = -1
        if self._run.stopped:
            return
        if 0 <= self.receiver[tcp_receiver.ACK_DEADLINE] <= now:
            self._acknowledge()
        if 0 <= self.sender[RTO_DEADLINE] <= now:
            self._time_out(now)
        if 0 <= self.write_deadline_ns <= now:
            self.write_deadline_ns = -1
            self._run.write(now)
        self._set_timer()

    # What the transfer calls.

    def open(self, origin: Origin) -> None:
        """Send the first SYN."""
        open_active(self.sender, origin.time_ns)
        self._emit_opening(SYN, origin)
        self._set_timer()

    def open_at(self, start_ns: int) -> None:
        """Have the transfer begin at a time to come."""
        self.write_deadline_ns = start_ns
        self._set_timer()

    def write(self, size_bytes: int, origin: Origin) -> None:
        """Write a message and send what the windows let out."""
        tcp_sender.write(self.sender, size_bytes)
        self._send(origin)
        self._set_timer()

    def stop(self) -> None:
        """Send nothing any more."""
        self._host.set_timer(self, -1)
        self._outstanding.clear()

    # Packets that arrive.

    def _take_opening(self, packet: Packet, now: int) -> None:
        """Take a SYN or a SYN-ACK; each is answered, again too."""
        if packet.kind == SYN:
            if on_syn(self.sender, now):
                self._emit_opening(SYN_ACK, packet)
            return
        is_first = establish(self.sender, now)
        self._emit_ack(packet, 0, ())
        if is_first:
            self._run.established(self, packet, now)

    def _take_ack(self, packet: Packet, now: int) -> None:
        if self.sender[PHASE] != ESTABLISHED:
            if establish(self.sender, now):
                self._run.established(self, packet, now)
            return
        sender = self.sender
        head = sender[HEAD]
        sack = packet.sack
        tcp_sender.on_ack(sender, packet.ack, sack, len(sack) // 2, now)
        for number in range(head, sender[HEAD]):
            del self._outstanding[number]
        self._send(packet)

    def _take_data(self, packet: Packet, now: int) -> None:
        """Take a segment: acknowledge it, and tell the transfer what has come in order."""
        if self.sender[PHASE] != ESTABLISHED and establish(self.sender, now):
            # The ACK of the handshake was lost; data do as well.
            self._run.established(self, packet, now)
        receiver = self.receiver
        before = receiver[tcp_receiver.NEXT]
        self._to_acknowledge = packet
        if tcp_receiver.on_data(receiver, packet.seq, packet.end_seq, now):
            self._acknowledge()
        reached = receiver[tcp_receiver.NEXT]
        if reached > before:
            self._run.arrived(self, packet, reached, reached - before, now)

    # Packets that leave.

    def _send(self, trigger: Trigger) -> None:
        """Send what the windows let out because of ``trigger``.

        That is an ACK or a write of now, or after a timeout the packet that was not acknowledged.
        """
        now, sender = self._host.now, self.sender
        number = tcp_sender.next_segment(sender, now)
        if number < 0:
            return
        if self.receiver[tcp_receiver.ACK_DEADLINE] >= 0:
            self._acknowledge()
        trigger = shortened(trigger, now)
        while number >= 0:
            self._emit_segment(number, trigger)
            number = tcp_sender.next_segment(sender, now)

    def _emit_segment(self, number: int, trigger: Trigger) -> None:
        sender = self.sender
        at = place(sender, number)
        start, end = sender[at + START], sender[at + END]
        ip_bytes = self._ack_bytes[0] + end - start
        if sender[at + FLAGS] & RETRANSMITTED:
            first = self._outstanding[number]
            packet = self._packet(DATA, ip_bytes, first)
            packet.rounds = first.rounds
            first.transmission += 1
            packet.transmission = first.transmission
        else:
            packet = self._packet(DATA, ip_bytes, trigger)
            packet.transmission = 0
            self._outstanding[number] = packet
        packet.seq, packet.end_seq = start, end
        record = self.meter.record
        record.sent_packets += 1
        record.sent_bytes += ip_bytes
        self._host.emit(packet)

    def _acknowledge(self) -> None:
        """Acknowledge all that has come in order, with SACK blocks of the rest."""
        receiver, trigger = self.receiver, self._to_acknowledge
        assert trigger is not None
        ack = tcp_receiver.take_ack(receiver)
        blocks = tcp_receiver.BLOCKS
        sack = tuple(receiver[blocks : blocks + 2 * receiver[tcp_receiver.BLOCK_COUNT]])
        self._emit_ack(trigger, ack, sack)

    def _emit_ack(self, trigger: Packet, ack: int, sack: tuple[int, ...]) -> None:
        packet = self._packet(ACK, self._ack_bytes[len(sack) // 2], trigger)
        packet.ack, packet.sack = ack, sack
        packet.rounds = trigger.rounds
        self._host.emit(packet)

    def _emit_opening(self, kind: int, trigger: Trigger) -> None:
        """Send a SYN or SYN-ACK; all but the first are caused by the first."""
        packet = self._packet(kind, self._syn_bytes, self._opening or trigger)
        if self._opening is None:
            self._opening = packet
        self._host.emit(packet)

    def _packet(self, kind: int, ip_bytes: int, trigger: Trigger) -> Packet:
        packet = Packet(
            self._flow,
            self._first_row,
            self._sent,
            self._class_index,
            ip_bytes,
            self._route,
            self.peer,
        )
        self._sent += 1
        packet.kind = kind
        packet.trigger = trigger
        packet.rounds = trigger.rounds + 1
        return packet

    # Timers.

    def _time_out(self, now: int) -> None:
        sender = self.sender
        if sender[PHASE] == ESTABLISHED:
            tcp_sender.on_timeout(sender, now)
            self._send(self._outstanding[sender[HEAD]])
        else:
            on_handshake_timeout(sender, now)
            assert self._opening is not None
            self._emit_opening(SYN if sender[PHASE] == SYN_SENT else SYN_ACK, self._opening)

    def _set_timer(self) -> None:
        """Set the plane's timer to whatever is due first."""
        due = self.sender[RTO_DEADLINE]
        acknowledge_ns = self.receiver[tcp_receiver.ACK_DEADLINE]
        if acknowledge_ns >= 0 and (acknowledge_ns < due or due < 0):
            due = acknowledge_ns
        write_ns = self.write_deadline_ns
        if write_ns >= 0 and (write_ns < due or due < 0):
            due = write_ns
        if due != self._timer_ns:
            self._timer_ns = due
            self._host.set_timer(self, due)
