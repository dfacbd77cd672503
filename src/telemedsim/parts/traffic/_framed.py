"""What all sources of frames share: an exact frame clock, and frames cut into RTP packets."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from telemedsim.core.random_streams import child_key, draw_uniform, draw_uniforms
from telemedsim.parts.traffic import Packets, PacketSource
from telemedsim.parts.traffic._frames import SECOND_NS, cut_frames, draw_frames, time_frames
from telemedsim.parts.traffic._size_laws import SizeLaw, law_table

IntArray = NDArray[np.int64]
PHASE, SIZE, ROUNDING, GROUP, JITTER = range(5)
"""Numbers of the child keys of a stream, one a purpose."""


class FramedSource(PacketSource):
    """A source of frames at an exact rate ``frame_rate_num / frame_rate_den`` a second."""

    frame_rate_num: int = Field(gt=0)
    """Frames in ``frame_rate_den`` seconds: 30 and 1, or 30000 and 1001."""
    frame_rate_den: int = Field(gt=0)
    target_rate_bps: int = Field(gt=0)
    """Mean rate of the encoder's output, without packet headers."""
    payload_bytes: int = Field(gt=0)
    """Encoded bytes in a full packet; the last packet of a frame is short."""
    overhead_bytes: int = Field(ge=0)
    """Headers a packet adds at the IP layer: IPv4, UDP, RTP, SRTP."""
    pacing_share: float = Field(ge=0, le=1)
    """A frame's packets are spread evenly over this share of the frame period; 0 is one burst."""
    fixed_phase_ns: int | None = Field(default=None, ge=0)
    """Offset of the frame clock; None draws it uniformly over one period from the key."""

    @property
    def frame_period_ns(self) -> int:
        """Mean interval between frames, rounded down."""
        return SECOND_NS * self.frame_rate_den // self.frame_rate_num

    @property
    def mean_frame_bytes(self) -> float:
        """The target rate over the frame rate."""
        return self.target_rate_bps * self.frame_rate_den / (8 * self.frame_rate_num)

    def frame_ns(self, frame: int) -> int:
        """Return floor(frame x 10^9 x den / num): no drift, however long the stream."""
        return frame * SECOND_NS * self.frame_rate_den // self.frame_rate_num

    def phase_ns(self, key: int) -> int:
        """Return the offset of the stream's frame clock."""
        if self.fixed_phase_ns is not None:
            return self.fixed_phase_ns
        return int(draw_uniform(child_key(key, PHASE), 0) * self.frame_period_ns)

    def capture_ns(self, key: int, first_frame: int, frame_count: int) -> IntArray:
        """Return when some frames are captured, phase included."""
        times_ns = np.empty(frame_count, dtype=np.int64)
        rate = self.frame_rate_num, self.frame_rate_den
        time_frames(first_frame, *rate, self.phase_ns(key), times_ns)
        return times_ns

    def frames_before(self, key: int, time_ns: int) -> int:
        """Return how many frames are captured before ``time_ns``."""
        since = max(time_ns - self.phase_ns(key), 0)
        return -(-since * self.frame_rate_num // (SECOND_NS * self.frame_rate_den))

    def frame_bytes(self, key: int, first_frame: int, frame_count: int) -> IntArray:
        """Return the encoded sizes of some frames, at least 1 byte each.

        Sizes are rounded up or down by a draw of their own, so that the mean stays exact.
        """
        uniforms = draw_uniforms(child_key(key, SIZE), first_frame, frame_count)
        sizes = np.empty(frame_count, dtype=np.float64)
        laws = np.array(law_table(self._types()), dtype=np.float64)
        draw_frames(laws, *self._pattern(), self._position(key, first_frame), uniforms, sizes)
        sizes += draw_uniforms(child_key(key, ROUNDING), first_frame, frame_count)
        whole = np.floor(sizes, out=sizes).astype(np.int64)
        return np.maximum(whole, 1, out=whole)

    def packets(self, key: int, first_frame: int, frame_count: int) -> Packets:
        """Return the packets of some frames."""
        sizes = self.frame_bytes(key, first_frame, frame_count)
        most = int(sizes.sum()) // self.payload_bytes + frame_count
        send_ns, ip_bytes, frame = np.empty((3, most), dtype=np.int64)
        begin = self.capture_ns(key, first_frame, frame_count)
        self._add_encoding(key, first_frame, begin)
        span_ns = int(self.pacing_share * self.frame_period_ns)
        packet = self.payload_bytes, self.overhead_bytes
        count = cut_frames(sizes, begin, first_frame, span_ns, *packet, send_ns, ip_bytes, frame)
        return Packets(send_ns[:count], ip_bytes[:count], frame[:count])

    def largest_packet_bytes(self) -> int:
        """Return the size of a full packet."""
        return self.payload_bytes + self.overhead_bytes

    def expected_rate_bps(self) -> float:
        """Return the mean rate at the IP layer: the frames' bytes and their packets' headers."""
        bytes_a_frame = sum(
            share * (mean * law.mean + self.overhead_bytes * self._mean_packets(mean, law))
            for share, mean, law in self._types()
        )
        return bytes_a_frame * 8 * self.frame_rate_num / self.frame_rate_den

    def _mean_packets(self, mean: float, law: SizeLaw) -> float:
        """Return E[ceil(size / payload)]: the sum of P(size > j x payload).

        A rounded size exceeds j x payload when the exact one exceeds it by half a byte on average.
        """
        total, boundary = 1.0, self.payload_bytes
        while (beyond := law.survival((boundary + 0.5) / mean)) > 1e-15:
            total += beyond
            boundary += self.payload_bytes
        return total

    def _pattern(self) -> tuple[int, int]:
        """Return a group's frames and the distance of the frames of the second type in it.

        The first frame of a group is of the first type; what is neither is of the third.
        """
        return 1, 1

    def _position(self, key: int, frame: int) -> int:
        """Return the number of a frame counted from the beginning of a group."""
        return frame

    def _types(self) -> list[tuple[float, float, SizeLaw]]:
        """Return (share of the frames, mean bytes, law of the size around it) of each type."""
        raise TypeError("a source of frames must say what types of frames it has")

    def _add_encoding(self, key: int, first_frame: int, beginnings_ns: IntArray) -> None:
        """Add the time from each frame's capture to its first packet."""
