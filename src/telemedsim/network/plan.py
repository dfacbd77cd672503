"""The compiled scenario: frozen arrays and records that are all an engine ever sees.

Units inside a Plan: nanoseconds, bits a second, bytes, all int64. Nodes, interfaces and
classes are named by index. A link has two interfaces, 2k (up) and 2k + 1 (down).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from telemedsim.network.sampling import SampledTime
from telemedsim.network.work import ConnectionWork, Work
from telemedsim.parts.drop_policies import DropPolicy
from telemedsim.parts.impairments import DelayVariation, LossProcess
from telemedsim.parts.schedulers import Scheduler

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Nodes:
    """Places where links end; a site with a campus network has a second node behind it."""

    name: tuple[str, ...]
    site: tuple[str, ...]
    tier: tuple[str, ...]
    parent: tuple[str, ...]
    """Site that serves the node's site; empty for a centre of the highest tier."""


@dataclass(frozen=True)
class Interfaces:
    """One row for each direction of each link."""

    name: tuple[str, ...]
    """``<link id>/up`` (from the link's first end to its second) or ``<link id>/down``."""
    link: tuple[str, ...]
    technology: tuple[str, ...]
    origin: tuple[str, ...]
    """``file:line`` of the link in its topology."""
    tail: IntArray
    head: IntArray
    rate_bps: IntArray
    propagation_ns: IntArray
    """Distance and the transit of the node at the head."""
    overhead_bytes: IntArray
    """Framing added to each IP packet on this interface."""
    min_frame_bytes: IntArray
    queue_limit: IntArray
    """Of each queue of the scheduler, counting the packet in service."""
    queue_in_bytes: IntArray
    """1 where the limit is in bytes, 0 where it is in packets."""
    scheduler: tuple[Scheduler, ...]
    drop_policy: tuple[DropPolicy, ...]
    loss: tuple[LossProcess, ...]
    delay_variation: tuple[DelayVariation, ...]
    active: IntArray
    """0 for standby interfaces, which carry nothing until a failover opens them."""
    monthly_cost: NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """Everything one replication needs; picklable, and hashed by `fingerprint`."""

    name: str
    seed: int
    replication: int
    window_start_ns: int
    """Time of day at which the window opens; inside the engine the window opens at 0."""
    duration_ns: int
    bin_ns: int
    """Width of the bins of pooled loss and of connections (5 minutes by rule 4)."""
    series_bin_ns: int
    """Width of the bins of the utilisation series."""
    classes: tuple[str, ...]
    """Classes of service, the highest priority first."""
    nodes: Nodes
    interfaces: Interfaces
    routes: dict[tuple[int, int], tuple[int, ...]]
    """Interfaces from node a to node b, for each pair that the work uses."""
    work: tuple[Work, ...]
    connections: tuple[ConnectionWork, ...]
    fingerprint: str
    """SHA-256 of the resolved scenario."""
    delay_judged: frozenset[str] = frozenset()
    """Services with a clause about delay: the packets of their transfers are to be measured."""
    sampled: SampledTime | None = None
    """The parts of the window in which packets of streams are simulated; None for all of it."""
