"""How many bytes each interface carried in each bin of the series."""

import numpy as np

from telemedsim.dataplane.hybrid.fluid.network import FluidNetwork
from telemedsim.dataplane.hybrid.fluid.ways import Way


class Carried:
    """Reads the network's integrals at the end of each bin."""

    def __init__(self, network: FluidNetwork, bin_ns: int) -> None:
        self._network = network
        self._bin_ns = bin_ns
        self._bins: list[dict[int, int]] = []
        self._before = np.zeros(network.interfaces)
        self._small = np.zeros(network.interfaces)
        """Of messages too small to flow."""

    def add(self, way: Way, ip_bytes: int) -> None:
        """Count one packet on its way, now."""
        for interface in way.path:
            self._small[interface] += way.lines.frame_bytes(interface, ip_bytes)

    def advance(self, now: int) -> None:
        """Close all bins that end by now; nothing has changed since the last call."""
        while (len(self._bins) + 1) * self._bin_ns <= now:
            self._close_bin((len(self._bins) + 1) * self._bin_ns)

    def close(self, now: int) -> list[dict[int, int]]:
        """Return of each bin, interface -> bytes; the last one may be short."""
        if now > len(self._bins) * self._bin_ns:
            self._close_bin(now)
        return self._bins

    def _close_bin(self, time_ns: int) -> None:
        total = np.rint(self._network.carried(time_ns) + self._small)
        new = total - self._before
        self._before = total
        used = np.flatnonzero(new)
        self._bins.append(
            dict(zip(used.tolist(), new[used].astype(np.int64).tolist(), strict=True))
        )
