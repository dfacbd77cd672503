"""Probing: connections whose own SLA is judged are probed from the opening of the window on."""

from collections.abc import Generator
from typing import Any

from telemedsim.control.probes import Probes
from telemedsim.control.replication import Replication
from telemedsim.control.workflows import Workflow
from telemedsim.network.work import ConnectionWork


class Probing(Workflow):
    """The probes of one connection, both directions."""

    def __init__(self, replication: Replication, probes: Probes, work: ConnectionWork) -> None:
        self._replication = replication
        self._probes = probes
        self._work = work

    def start(self) -> None:
        """Start when the window opens."""
        self._replication.environment.process(self._probe())

    def _probe(self) -> Generator[Any, Any, None]:
        yield self._replication.window_opens
        self._probes.watch(self._work)
