"""What applications send: frames cut into packets, DICOM studies, and how receivers show frames."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from telemedsim.core.frozen import Frozen


class Packets(NamedTuple):
    """Packets in the order they are sent; int64 arrays of equal length."""

    send_ns: NDArray[np.int64]
    """After the start of the stream."""
    ip_bytes: NDArray[np.int64]
    """IP packet size, headers included, framing of the link not."""
    frame: NDArray[np.int64]
    """Number of the frame the packet belongs to."""


class PacketSource(Frozen):
    """Parameters of a source of packets; subclasses carry ``kind: Literal[...]``."""

    kind: str

    def frame_ns(self, frame: int) -> int:
        """Return when frame ``frame`` is captured, after the start: floor of an exact ratio."""
        raise TypeError("a source must say when its frames are captured")

    def packets(self, key: int, first_frame: int, frame_count: int) -> Packets:
        """Return the packets of some frames: a pure function of (key, frame number).

        Packets of frame k are sent in [frame_ns(k), frame_ns(k + 1)), so windows never overlap.
        """
        raise TypeError("a source must make its packets")


class Playout(Frozen):
    """How a receiver repairs and shows frames."""
