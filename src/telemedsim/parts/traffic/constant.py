"""One packet of one size every period: probes, voice, telemetry, constant-rate streams."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from telemedsim.core.random_streams import child_key, draw_uniform
from telemedsim.parts.traffic import Packets, PacketSource
from telemedsim.parts.traffic._framed import PHASE
from telemedsim.parts.traffic._frames import SECOND_NS, Recipe, recipe


class Constant(PacketSource):
    """A packet each period; each packet is a frame of its own.

    >>> probe = Constant(period_ns=100_000_000, ip_bytes=64, fixed_phase_ns=0)
    >>> probe.packets(key=1, first_frame=3, frame_count=2).send_ns.tolist()
    [300000000, 400000000]
    """

    kind: Literal["constant"] = "constant"
    period_ns: int = Field(gt=0)
    ip_bytes: int = Field(gt=0)
    """IP packet size, headers included."""
    fixed_phase_ns: int | None = Field(default=None, ge=0)
    """When the first packet is sent; None draws it uniformly over one period from the key."""

    def frame_ns(self, frame: int) -> int:
        """Return when packet ``frame`` is sent, without the phase."""
        return frame * self.period_ns

    def phase_ns(self, key: int) -> int:
        """Return when the first packet is sent."""
        if self.fixed_phase_ns is not None:
            return self.fixed_phase_ns
        return int(draw_uniform(child_key(key, PHASE), 0) * self.period_ns)

    def capture_ns(self, key: int, first_frame: int, frame_count: int) -> NDArray[np.int64]:
        """Return when some packets are sent."""
        first_ns = first_frame * self.period_ns + self.phase_ns(key)
        end_ns = first_ns + frame_count * self.period_ns
        return np.arange(first_ns, end_ns, self.period_ns, dtype=np.int64)

    def frames_before(self, key: int, time_ns: int) -> int:
        """Return how many packets are sent before ``time_ns``."""
        return -(-max(time_ns - self.phase_ns(key), 0) // self.period_ns)

    def recipe(self, key: int) -> Recipe:
        """Return a stream's packets as numbers."""
        return recipe((self.period_ns, 1), self.phase_ns(key), 0, (self.ip_bytes, 0))

    def packets(self, key: int, first_frame: int, frame_count: int) -> Packets:
        """Return some packets."""
        frames = np.arange(first_frame, first_frame + frame_count, dtype=np.int64)
        sizes = np.full(frame_count, self.ip_bytes, dtype=np.int64)
        return Packets(self.capture_ns(key, first_frame, frame_count), sizes, frames)

    def largest_packet_bytes(self) -> int:
        """Return the size of every packet."""
        return self.ip_bytes

    def expected_rate_bps(self) -> float:
        """Return the rate at the IP layer."""
        return self.ip_bytes * 8 * SECOND_NS / self.period_ns
