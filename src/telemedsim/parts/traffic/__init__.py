"""What applications send: frames cut into packets, DICOM studies, and how receivers show frames."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from telemedsim.core.frozen import Frozen
from telemedsim.parts.traffic._frames import Recipe
from telemedsim.parts.traffic.playout import Playout, Shown, show

__all__ = ["PacketSource", "Packets", "Playout", "Recipe", "Shown", "show"]


class Packets(NamedTuple):
    """Packets in the order they are sent; int64 arrays of equal length."""

    send_ns: NDArray[np.int64]
    """After the start of the stream."""
    ip_bytes: NDArray[np.int64]
    """IP packet size, headers included, framing of the link not."""
    frame: NDArray[np.int64]
    """Number of the frame the packet belongs to."""


class PacketSource(Frozen):
    """Parameters of a source of packets; subclasses carry ``kind: Literal[...]``.

    Frame k is captured at ``frame_ns(k) + phase_ns(key)`` after the start of the stream.
    """

    kind: str

    def frame_ns(self, frame: int) -> int:
        """Return when frame ``frame`` is captured, without the phase: floor of an exact ratio."""
        raise TypeError("a source must say when its frames are captured")

    def phase_ns(self, key: int) -> int:
        """Return the stream's offset of the frame clock; a drawn one is less than one period."""
        raise TypeError("a source must say where its frame clock begins")

    def capture_ns(self, key: int, first_frame: int, frame_count: int) -> NDArray[np.int64]:
        """Return when some frames are captured, phase included, after the start of the stream."""
        raise TypeError("a source must say when its frames are captured")

    def frames_before(self, key: int, time_ns: int) -> int:
        """Return how many frames are captured before ``time_ns`` (after the start): 0 … n - 1."""
        raise TypeError("a source must say when its frames are captured")

    def packets(self, key: int, first_frame: int, frame_count: int) -> Packets:
        """Return the packets of some frames: a pure function of (key, frame number).

        Packets of frame k are sent in [frame_ns(k), frame_ns(k + 1)) + phase_ns(key), in order,
        so windows of frames never overlap.
        """
        raise TypeError("a source must make its packets")

    def recipe(self, key: int) -> Recipe:
        """Return one stream's packets as the numbers from which a kernel makes them: those of `packets`."""
        raise TypeError("a source must say how its packets are made")

    def largest_packet_bytes(self) -> int:
        """Return the IP size of a full packet, which sets a path's base delay."""
        raise TypeError("a source must know its largest packet")

    def expected_rate_bps(self) -> float:
        """Return the mean rate at the IP layer, headers included."""
        raise TypeError("a source must know its mean rate")
