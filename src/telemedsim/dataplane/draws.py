"""Whose draws an interface's losses, delay variations and early drops are, in every data plane."""

from typing import NamedTuple

from telemedsim.core.random_streams import stream_key


class DrawKey(NamedTuple):
    """Whose draws these are: one interface of one replication."""

    seed: int
    replication: int
    interface: str

    def of(self, purpose: str) -> int:
        """Return the key for a purpose."""
        return stream_key(self.seed, self.replication, self.interface, purpose)
