"""How many bytes each interface carried in each bin of the series."""

import numpy as np

from telemedsim.dataplane.hybrid.fluid.network import FluidNetwork
from telemedsim.dataplane.hybrid.fluid.ways import Way
from telemedsim.records.interface_series import IntArray

INTERFACE, BIN, CARRIED_BYTES = 0, 1, 2
"""Columns of what was carried."""


class Carried:
    """Reads the network's integrals at the end of each bin."""

    def __init__(self, network: FluidNetwork, bin_ns: int) -> None:
        self._network = network
        self._bin_ns = bin_ns
        self._bins = 0
        """So many are closed."""
        self._rows: list[IntArray] = [np.zeros((0, 3), np.int64)]
        self._before = np.zeros(network.interfaces)
        self._small = np.zeros(network.interfaces)
        """Of messages too small to flow."""

    def add(self, way: Way, ip_bytes: int) -> None:
        """Count one packet on its way, now."""
        for interface in way.path:
            self._small[interface] += way.lines.frame_bytes(interface, ip_bytes)

    def advance(self, now: int) -> None:
        """Close all bins that end by now; nothing has changed since the last call."""
        while (self._bins + 1) * self._bin_ns <= now:
            self._close_bin((self._bins + 1) * self._bin_ns)

    def close(self, now: int) -> IntArray:
        """Return rows of (interface, bin, bytes) of all that carried any; the last bin may be short."""
        if now > self._bins * self._bin_ns:
            self._close_bin(now)
        return np.concatenate(self._rows)

    def _close_bin(self, time_ns: int) -> None:
        total = np.rint(self._network.carried(time_ns) + self._small)
        new = total - self._before
        self._before = total
        used = np.flatnonzero(new)
        rows = np.empty((len(used), 3), np.int64)
        rows[:, INTERFACE], rows[:, BIN], rows[:, CARRIED_BYTES] = used, self._bins, new[used]
        self._rows.append(rows)
        self._bins += 1
