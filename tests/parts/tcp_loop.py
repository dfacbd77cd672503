"""A sender and a receiver joined by two pipes that lose and delay as a test says; no plane."""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any, NamedTuple

from telemedsim.catalogue.files import read
from telemedsim.parts.transport import Tcp
from telemedsim.parts.transport import receiver as rx
from telemedsim.parts.transport import sender as tx
from telemedsim.parts.transport import tcp_state as st
from telemedsim.parts.transport.scoreboard import place

MS = 1_000_000
DATA, ACK, TIMER = 0, 1, 2


def tcp(**changes: Any) -> Tcp:
    """Return the catalogue's parameters with some changed."""
    defaults = {row["id"]: row["value"] for row in read("transport")["tcp"]}
    return Tcp(**{**defaults, **changes})


def no_loss(number: int) -> bool:
    """Lose nothing."""
    return False


class Machine(NamedTuple):
    """Who computes: these functions, on the records that ``record`` makes of lists."""

    record: Callable[[list[int]], Any] = list
    write: Callable[..., Any] = tx.write
    next_segment: Callable[..., int] = tx.next_segment
    on_ack: Callable[..., Any] = tx.on_ack
    on_timeout: Callable[..., Any] = tx.on_timeout
    on_data: Callable[..., Any] = rx.on_data
    take_ack: Callable[..., int] = rx.take_ack


PYTHON = Machine()


class Loop:
    """Sends ``size`` bytes; data and ACKs are numbered from 0 in the order of sending."""

    def __init__(
        self,
        parameters: Tcp,
        size: int,
        one_way_ns: int = 25 * MS,
        gap_ns: int = 0,
        lose_data: Callable[[int], bool] = no_loss,
        lose_ack: Callable[[int], bool] = no_loss,
        delay_data: Callable[[int], int] = lambda number: 0,
        delay_ack: Callable[[int], int] = lambda number: 0,
        machine: Machine = PYTHON,
    ) -> None:
        self.size = size
        self._machine = machine
        segments = -(-size // parameters.segment_bytes)
        self.sender = tx_record = machine.record(st.new_sender(parameters, segments))
        tx_record[st.PHASE] = st.ESTABLISHED
        self.receiver = machine.record(rx.new_receiver(parameters, segments))
        self.now = 0
        self.delivered: list[tuple[int, int]] = []
        """(from, to) of each advance of what has come in order."""
        self.sendings: list[tuple[int, int, bool]] = []
        """(time, first byte, whether it is a repetition) of each data packet."""
        self.acks_sent = 0
        self.on_event: Callable[[Loop], None] = lambda loop: None
        self._one_way_ns = one_way_ns
        self._gap_ns = gap_ns
        self._free_ns = 0
        self._lose = {DATA: lose_data, ACK: lose_ack}
        self._delay = {DATA: delay_data, ACK: delay_ack}
        self._heap: list[tuple[int, int, int, tuple[int, ...]]] = []
        self._events = 0

    def _push(self, time: int, kind: int, content: tuple[int, ...]) -> None:
        self._events += 1
        heappush(self._heap, (time, self._events, kind, content))

    def _carry(self, kind: int, number: int, content: tuple[int, ...]) -> None:
        leaves = self.now
        if kind == DATA:
            leaves = self._free_ns = max(self._free_ns, self.now) + self._gap_ns
        if not self._lose[kind](number):
            self._push(leaves + self._one_way_ns + self._delay[kind](number), kind, content)

    def burst(self) -> list[int]:
        """Send what the windows let out; return the first bytes of the segments."""
        sent = []
        while (number := self._machine.next_segment(self.sender, self.now)) >= 0:
            at = place(self.sender, number)
            start, end = self.sender[at + st.START], self.sender[at + st.END]
            repeated = bool(self.sender[at + st.FLAGS] & st.RETRANSMITTED)
            self._carry(DATA, len(self.sendings), (start, end))
            self.sendings.append((self.now, start, repeated))
            sent.append(start)
        return sent

    def _acknowledge(self) -> None:
        ack = self._machine.take_ack(self.receiver)
        count = self.receiver[rx.BLOCK_COUNT]
        blocks = self.receiver[rx.BLOCKS : rx.BLOCKS + 2 * count]
        self._carry(ACK, self.acks_sent, (ack, *blocks))
        self.acks_sent += 1

    def _data(self, start: int, end: int) -> None:
        before = self.receiver[rx.NEXT]
        at_once = self._machine.on_data(self.receiver, start, end, self.now)
        if self.receiver[rx.NEXT] > before:
            self.delivered.append((before, self.receiver[rx.NEXT]))
        if at_once:
            self._acknowledge()

    def _timers(self) -> None:
        if 0 <= self.receiver[rx.ACK_DEADLINE] <= self.now:
            self._acknowledge()
        if 0 <= self.sender[st.RTO_DEADLINE] <= self.now:
            self._machine.on_timeout(self.sender, self.now)

    def run(self, most_events: int = 2_000_000) -> int:
        """Write all, and run until all is acknowledged; return the time."""
        self._machine.write(self.sender, self.size)
        self.burst()
        for _ in range(most_events):
            deadlines = (self.receiver[rx.ACK_DEADLINE], self.sender[st.RTO_DEADLINE])
            due = min((one for one in deadlines if one >= 0), default=None)
            if due is not None and (not self._heap or due < self._heap[0][0]):
                self.now = due
                self._timers()
            elif self._heap:
                self.now, _, kind, content = heappop(self._heap)
                if kind == DATA:
                    self._data(*content)
                else:
                    blocks = content[1:]
                    self._machine.on_ack(
                        self.sender, content[0], blocks, len(blocks) // 2, self.now
                    )
            else:
                break
            self.burst()
            self.on_event(self)
            if self.sender[st.UNA] == self.size:
                break
        return self.now


def pipe_of(sender: list[int]) -> int:
    """Return what is in the network, counted anew from the scoreboard."""
    total = 0
    for number in range(sender[st.HEAD], sender[st.TAIL]):
        at = place(sender, number)
        if sender[at + st.FLAGS] in (0, st.IN_NETWORK_AGAIN):
            total += sender[at + st.END] - sender[at + st.START]
    return total
