"""Which transfers run packet by packet, and which as a fluid: one rule, told in the result."""

from collections.abc import Sequence

from telemedsim.dataplane.base import Transfer
from telemedsim.network.plan import Interfaces

ROOM = 10
"""A line so many times as fast as the slowest of a transfer's way is not filled by it (an assumption)."""
RULE = (
    "packets where a clause bounds the delay of a transfer's packets, or where it shares a queue with media"
    f" streams on a line that it can fill (not {ROOM} times as fast as its slowest line), else fluid"
)
SAMPLED_RULE = (
    "all as a fluid, since packets of streams are sampled: what streams wait behind transfers in a"
    " queue that they share is not seen"
)
MODES = ("auto", "packets", "fluid")


class Choice:
    """Decides for each transfer, by where media streams may wait."""

    def __init__(
        self,
        interfaces: Interfaces,
        queue_of: Sequence[Sequence[int]],
        media: frozenset[tuple[int, int]],
        mode: str = "auto",
    ) -> None:
        """Take the queue of each class at each line, and (line, class) of media; ValueError for a wrong mode."""
        if mode not in MODES:
            raise ValueError(f"transfers run {', '.join(MODES)}, not {mode}")
        self._rate_bps = interfaces.rate_bps.tolist()
        self._queue_of = queue_of
        self._media = {(line, queue_of[line][class_index]) for line, class_index in media}
        self._mode = mode
        self.packet_transfers = 0
        self.fluid_transfers = 0

    def by_packets(self, transfer: Transfer) -> bool:
        """Tell whether a transfer runs packet by packet, and count it."""
        chosen = self._mode == "packets" or (
            self._mode == "auto" and (transfer.delay_judged or self._shares(transfer))
        )
        if chosen:
            self.packet_transfers += 1
        else:
            self.fluid_transfers += 1
        return chosen

    def _shares(self, transfer: Transfer) -> bool:
        """Tell whether a transfer shares a queue with media on a line that it can fill."""
        tcp = transfer.tcp
        burst_bytes = tcp.initial_window_segments * tcp.segment_bytes
        for sender, way in enumerate((transfer.forward, transfer.backward)):
            sent_bytes = sum(s.size_bytes for s in transfer.steps if s.sender == sender)
            # What fits the initial window, such as requests, never fills a queue by itself.
            if sent_bytes <= burst_bytes:
                continue
            slowest_bps = min(self._rate_bps[line] for line in way)
            for line in way:
                queue = self._queue_of[line][transfer.class_index]
                fills = self._rate_bps[line] < ROOM * slowest_bps
                if fills and (line, queue) in self._media:
                    return True
        return False
