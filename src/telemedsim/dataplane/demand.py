"""A data plane that only adds up what is offered: the dry run of `plan`.

Transfers answer as on the null plane, so that control goes on; of a stream's packets a short sample
stands for all. Nothing is queued or lost, so a load over 1 shows before anything is simulated.
"""

import numpy as np

from telemedsim.core.units import NS_PER_S, transmission_ns
from telemedsim.dataplane.base import Flow, Received, Stream
from telemedsim.dataplane.null import Course, NullPlane
from telemedsim.network.plan import Interfaces

SAMPLE_FRAMES = 60
"""Frames whose packets stand for a stream's: two seconds of video, several groups of pictures."""
ACKNOWLEDGED_SEGMENTS = 2
"""Segments an acknowledgement answers (RFC 5681: at least every second full one)."""


class DemandPlane(NullPlane):
    """Counts the bits and packets that flows offer to each interface until the horizon."""

    def __init__(self, interfaces: Interfaces, classes: tuple[str, ...], horizon_ns: int) -> None:
        super().__init__(
            interfaces, classes, bin_ns=horizon_ns, series_bin_ns=horizon_ns, seed=0, replication=0
        )
        self._overhead_bytes = interfaces.overhead_bytes
        self._rate_bps = interfaces.rate_bps
        self._horizon_ns = horizon_ns
        self.offered_bits = np.zeros(len(interfaces.name))
        self.offered_packets = np.zeros(len(interfaces.name))
        self.stream_packets = 0.0
        """Packets that streams send, counted once whatever their hops."""
        self.stream_hops = 0.0
        self.segments = 0.0
        """Packets that transfers send, acknowledgements included."""

    def open(self, flow: Flow) -> None:
        """Count a stream, or begin a transfer, whose steps are counted as they begin."""
        if isinstance(flow, Stream):
            self._count_stream(flow)
        else:
            super().open(flow)

    def close(self, flow: int) -> None:
        """End a transfer; a stream was counted until its announced end."""
        if flow in self._courses:
            super().close(flow)

    def received(self, flow: int) -> list[Received]:
        """Return nothing: no packet is lost here, so nobody adapts."""
        return []

    def _offer(self, interface: int, packets: float, ip_bytes: float) -> None:
        wire_bytes = ip_bytes + packets * float(self._overhead_bytes[interface])
        self.offered_packets[interface] += packets
        self.offered_bits[interface] += 8 * wire_bytes

    def _count_stream(self, stream: Stream) -> None:
        seconds = max(0, min(stream.stop_ns, self._horizon_ns) - stream.start_ns) / NS_PER_S
        sample = stream.source.packets(stream.key, 0, SAMPLE_FRAMES)
        sample_s = stream.source.frame_ns(SAMPLE_FRAMES) / NS_PER_S
        packets = len(sample.send_ns) / sample_s * seconds
        ip_bytes = stream.source.expected_rate_bps() / 8 * seconds
        self.stream_packets += packets
        self.stream_hops += packets * len(stream.tree.interface)
        for interface in stream.tree.interface:
            self._offer(interface, packets, ip_bytes)

    def _send_step(self, course: Course, time_ns: int) -> None:
        """Count a step's packets, or the share of them that an idle path sends before the horizon."""
        super()._send_step(course, time_ns)
        transfer = course.transfer
        step = transfer.steps[course.step]
        data, back = transfer.forward, transfer.backward
        if step.sender == 1:
            data, back = back, data
        slowest_bps = min(int(self._rate_bps[interface]) for interface in data)
        body_ns = transmission_ns(step.size_bytes, slowest_bps)
        left_ns = self._horizon_ns - time_ns - step.delay_ns
        share = min(1.0, max(0.0, left_ns / body_ns))
        segments = share * -(-step.size_bytes // transfer.tcp.segment_bytes)
        answers = segments / ACKNOWLEDGED_SEGMENTS
        header_bytes = transfer.tcp.packet_overhead_bytes
        self.segments += segments + answers
        for interface in data:
            self._offer(interface, segments, share * step.size_bytes + segments * header_bytes)
        for interface in back:
            self._offer(interface, answers, answers * header_bytes)
