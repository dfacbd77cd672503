"""What all sources of frames share: an exact frame clock, and frames cut into RTP packets."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from telemedsim.core.random_streams import child_key, draw_uniform
from telemedsim.parts.traffic import Packets, PacketSource
from telemedsim.parts.traffic._frames import (
    FIRST_PLACE,
    GROUP_FRAMES,
    HAS_JITTER,
    JITTER_KEY,
    ROUNDING_KEY,
    SECOND_NS,
    SIZE_KEY,
    SPACING,
    SPAN_NS,
    Recipe,
    cut_frames,
    jitter_frames,
    recipe,
    size_frames,
    time_frames,
)
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

    def recipe(self, key: int) -> Recipe:
        """Return a stream's frames as numbers."""
        group_frames, spacing = self._pattern()
        return recipe(
            (SECOND_NS * self.frame_rate_den, self.frame_rate_num),
            self.phase_ns(key),
            int(self.pacing_share * self.frame_period_ns),
            (self.payload_bytes, self.overhead_bytes),
            (group_frames, spacing, self._position(key, 0) % group_frames),
            (child_key(key, SIZE), child_key(key, ROUNDING), child_key(key, JITTER)),
            law_table(self._types()),
            self._jitter_law(),
        )

    def frame_bytes(self, key: int, first_frame: int, frame_count: int) -> IntArray:
        """Return the encoded sizes of some frames, at least 1 byte each."""
        numbers, laws = self.recipe(key)
        sizes = np.empty(frame_count, dtype=np.int64)
        group = numbers[GROUP_FRAMES], numbers[SPACING], numbers[FIRST_PLACE] + first_frame
        draws = numbers[SIZE_KEY], numbers[ROUNDING_KEY], first_frame
        size_frames(np.array(laws), *group, *draws, sizes)
        return sizes

    def packets(self, key: int, first_frame: int, frame_count: int) -> Packets:
        """Return the packets of some frames."""
        numbers, laws = self.recipe(key)
        sizes = self.frame_bytes(key, first_frame, frame_count)
        begin = self.capture_ns(key, first_frame, frame_count)
        if numbers[HAS_JITTER]:
            jitter_frames(np.array(laws), numbers[JITTER_KEY], first_frame, begin)
        most = int(sizes.sum()) // self.payload_bytes + frame_count
        send_ns, ip_bytes, frame = np.empty((3, most), dtype=np.int64)
        packet = numbers[SPAN_NS], self.payload_bytes, self.overhead_bytes
        count = cut_frames(sizes, begin, first_frame, *packet, send_ns, ip_bytes, frame)
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

    def _jitter_law(self) -> list[float]:
        """Return the law, as in a law table, of the ms from a frame's capture to its first packet."""
        return []
