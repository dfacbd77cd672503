"""What streams take from transfers that run as a fluid: their expected rate, framing included."""

from telemedsim.core.units import framed_bytes
from telemedsim.dataplane.base import Stream
from telemedsim.dataplane.hybrid.fluid.transfers import FluidTransfers
from telemedsim.network.plan import Interfaces


class StreamLoads:
    """Tells the fluid when streams begin and end; their packets are moved elsewhere, and later."""

    def __init__(self, interfaces: Interfaces, fluid: FluidTransfers) -> None:
        self._interfaces = interfaces
        self._fluid = fluid
        self._open: dict[int, Stream] = {}

    def __contains__(self, flow: int) -> bool:
        return flow in self._open

    def open(self, stream: Stream) -> None:
        """Count a stream from its start to its announced end."""
        self._open[stream.flow] = stream
        self._add(stream, 1, stream.start_ns)
        self._add(stream, -1, max(stream.start_ns, stream.stop_ns))

    def close(self, flow: int, now: int) -> None:
        """Count a stream no more from now on."""
        stream = self._open.pop(flow, None)
        if stream is not None and max(now, stream.start_ns) < stream.stop_ns:
            self._add(stream, -1, max(now, stream.start_ns))
            self._add(stream, 1, stream.stop_ns)

    def _add(self, stream: Stream, sign: int, time_ns: int) -> None:
        """Add a stream's rate to all its lines; a packet is taken to be as long as its longest."""
        source, table = stream.source, self._interfaces
        rate_bps, ip_bytes = source.expected_rate_bps(), source.largest_packet_bytes()
        for line in stream.tree.interface:
            frame_bytes = framed_bytes(
                ip_bytes, int(table.overhead_bytes[line]), int(table.min_frame_bytes[line])
            )
            # Whole bits a second: what is taken away later is what was added.
            delta_bps = sign * round(rate_bps * frame_bytes / ip_bytes)
            self._fluid.set_stream_load(line, stream.class_index, delta_bps, time_ns)
