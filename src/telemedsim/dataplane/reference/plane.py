"""The reference plane: SimPy's event queue with integer nanoseconds, and who is on it."""

import gc
from functools import partial

from telemedsim.core.random_streams import draw_53
from telemedsim.dataplane.base import Flow, Received, Report, Stream
from telemedsim.dataplane.draws import DrawKey
from telemedsim.dataplane.reference.happenings import (
    CHANGE,
    TIMER,
    Callback,
    Clock,
    Happening,
    ignore,
)
from telemedsim.dataplane.reference.interface import Interface, Setting
from telemedsim.dataplane.reference.packet import Endpoint, Packet
from telemedsim.dataplane.reference.queues import Queues
from telemedsim.dataplane.reference.streams import StreamRun
from telemedsim.dataplane.reference.transfers import TransferRun
from telemedsim.dataplane.reference.wire import Wire
from telemedsim.network.plan import Interfaces
from telemedsim.records.flows import FlowRecords

NO_TIMER = -1


class Timer(Happening):
    """The one timer of an endpoint; ``deadline_ns`` may be later than the event, or -1: off."""

    __slots__ = ("deadline_ns", "due_ns", "endpoint")

    def __init__(self, callback: Callback, endpoint: Endpoint) -> None:
        self.callback = callback
        self.endpoint = endpoint
        self.deadline_ns = NO_TIMER
        self.due_ns = NO_TIMER
        """Time of the event itself, -1 while it is not scheduled."""


class ReferencePlane:
    """Every packet is events: two a hop, one where it arrives. Offers `DataPlane` and `Host`."""

    def __init__(
        self,
        interfaces: Interfaces,
        classes: tuple[str, ...],
        bin_ns: int,
        series_bin_ns: int,
        seed: int,
        replication: int,
    ) -> None:
        self.clock = Clock()
        self.now = 0
        """The time of the endpoint's arrival or timer that is being handled."""
        self.bin_ns = bin_ns
        self._flow_keys: dict[int, int] = {}
        self._host_callback: Callback = self._arrive
        self._timer_callback: Callback = self._ring
        self._timers: dict[Endpoint, Timer] = {}
        self._streams: dict[int, StreamRun] = {}
        self._transfers: dict[int, TransferRun] = {}
        self._reports: list[Report] = []
        self.interfaces = [
            self._interface(interfaces, index, classes, series_bin_ns, seed, replication)
            for index in range(len(interfaces.name))
        ]

    def _interface(
        self,
        table: Interfaces,
        index: int,
        classes: tuple[str, ...],
        series_bin_ns: int,
        seed: int,
        replication: int,
    ) -> Interface:
        """Build one interface from its row."""
        key = DrawKey(seed, replication, table.name[index])
        rate_bps, propagation_ns = int(table.rate_bps[index]), int(table.propagation_ns[index])
        setting = Setting(
            index,
            len(classes),
            rate_bps,
            propagation_ns,
            int(table.overhead_bytes[index]),
            int(table.min_frame_bytes[index]),
            series_bin_ns,
        )
        scheduler, policy = table.scheduler[index], table.drop_policy[index]
        limit, in_bytes = int(table.queue_limit[index]), int(table.queue_in_bytes[index])
        drop_kernel = policy.kernel()
        queues = Queues(
            len(classes),
            scheduler.kernel(),
            scheduler.parameters(classes),
            drop_kernel,
            policy.parameters(limit, in_bytes, rate_bps),
        )
        loss, variation = table.loss[index], table.delay_variation[index]
        wire = Wire(index, propagation_ns, loss, variation, key, self._flow_keys)
        drop_draw = partial(draw_53, key.of("drop")) if drop_kernel.needs_draw else None
        return Interface(setting, queues, wire, drop_draw, self.clock, self._host_callback)

    def clock_ns(self) -> int:
        """Return the plane's time."""
        return int(self.clock.now)

    # What control uses: DataPlane.

    def open(self, flow: Flow) -> None:
        """Begin a flow; its start is not before now. ValueError for a number used before."""
        if flow.flow in self._flow_keys:
            raise ValueError(f"flow {flow.flow} is already open: give each flow its own number")
        if flow.start_ns < self.clock_ns():
            raise ValueError(
                f"flow {flow.flow} starts at {flow.start_ns} ns, before now ({self.clock_ns()} ns)"
            )
        self._flow_keys[flow.flow] = flow.key
        if isinstance(flow, Stream):
            self._streams[flow.flow] = StreamRun(self, flow)
        else:
            self._transfers[flow.flow] = TransferRun(self, flow, self.bin_ns)

    def close(self, flow: int) -> None:
        """End a flow now: nothing more is sent; packets on their way go on."""
        self.now = self.clock_ns()
        if flow in self._streams:
            self._streams[flow].stop(self.now)
        else:
            self._transfers[flow].stop(self.now)

    def set_link(self, interface: int, up: bool) -> None:
        """Take an interface down or up, 1 ns from now: a decision comes after what it answers to."""
        target = self.interfaces[interface]
        time_ns = self.clock_ns() + 1
        action = target.bring_up if up else target.take_down
        self.clock.schedule_at(time_ns, CHANGE, Happening(lambda event: action(time_ns)))

    def advance(self, until_ns: int) -> tuple[int, list[Report]]:
        """Move to ``until_ns`` or to the end of the first instant with reports."""
        collecting = gc.isenabled()
        # Packets come and go without cycles: looking for some would take an eighth of the time.
        gc.disable()
        try:
            reached_ns = self.clock.run_until(until_ns, self._reports)
        finally:
            if collecting:
                gc.enable()
        reports, self._reports = self._reports, []
        reports.sort(key=lambda report: (report.flow, report.step))
        return reached_ns, reports

    def received(self, flow: int) -> list[Received]:
        """Return what each leg of a stream has seen up to now."""
        return self._streams[flow].received()

    def finish(self) -> FlowRecords:
        """Return all that was measured; packets not yet delivered are counted as in flight."""
        now = self.now = self.clock_ns()
        streams = {flow: run.close(now) for flow, run in self._streams.items()}
        transfers = {flow: run.close(now) for flow, run in self._transfers.items()}
        on_wire = [0] * len(self.interfaces)
        for event in self.clock.waiting():
            if isinstance(event, Packet) and event.is_on_wire():
                on_wire[event.route[event.hop - 1].index] += 1
        interfaces = [
            interface.close(now, on_wire[interface.index]) for interface in self.interfaces
        ]
        return FlowRecords(
            streams=streams,
            transfers=transfers,
            interfaces=interfaces,
            packet_hops=sum(record.carried_packets for record in interfaces),
            events=self.clock.handled,
        )

    # What endpoints use: Host.

    def route(self, interfaces: tuple[int, ...]) -> tuple[Interface, ...]:
        """Return the route over interfaces given by index."""
        return tuple(self.interfaces[index] for index in interfaces)

    def emit(self, packet: Packet) -> None:
        """Send a packet: its first interface accepts it at now + 1."""
        now = self.now
        packet.sent_ns = now + 1
        packet.route[0].expect(packet, now + 1)

    def set_timer(self, endpoint: Endpoint, deadline_ns: int) -> None:
        """Set the endpoint's timer, later than now; -1 cancels it.

        A timer that is put off keeps its event in SimPy's queue, which then waits for the rest.
        """
        timer = self._timers.get(endpoint)
        if timer is None:
            if deadline_ns == NO_TIMER:
                return
            timer = self._timers[endpoint] = Timer(self._timer_callback, endpoint)
        elif NO_TIMER < deadline_ns < timer.due_ns:
            timer.callback = ignore
            timer = self._timers[endpoint] = Timer(self._timer_callback, endpoint)
        timer.deadline_ns = deadline_ns
        if timer.due_ns == NO_TIMER and deadline_ns != NO_TIMER:
            self._schedule_timer(timer)

    def _schedule_timer(self, timer: Timer) -> None:
        timer.due_ns = timer.deadline_ns
        timer.callback = self._timer_callback
        self.clock.schedule_at(timer.due_ns, TIMER, timer)

    def _ring(self, timer: Timer) -> None:
        """Handle a timer's event: put off once more, cancelled meanwhile, or due."""
        now, timer.due_ns = timer.due_ns, NO_TIMER
        if timer.deadline_ns > now:
            self._schedule_timer(timer)
        elif timer.deadline_ns == NO_TIMER:
            del self._timers[timer.endpoint]
        else:
            timer.deadline_ns = NO_TIMER
            self.now = now
            timer.endpoint.on_timer(now)

    def _arrive(self, packet: Packet) -> None:
        """Hand a packet to its endpoint."""
        self.now = packet.due_ns
        packet.endpoint.receive(packet)

    def report(self, flow: int, step: int, last: bool) -> None:
        """Tell control that a marked step has wholly arrived now."""
        self._reports.append(Report(flow, step, self.now, last))
