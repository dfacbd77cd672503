"""Where a result comes from: the manifest beside the tables of a run."""

import platform
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version

from telemedsim.core.random_streams import STREAM_VERSION
from telemedsim.records.schema import SCHEMA_VERSION

LIBRARIES = (
    "numpy",
    "numba",
    "pandas",
    "pyarrow",
    "scipy",
    "simpy",
    "networkx",
    "pydantic",
    "PyYAML",
)


@dataclass(frozen=True)
class Facts:
    """What only the run itself knows of where its result comes from."""

    experiment: str
    scenario_hash: str
    """SHA-256 of the resolved scenario."""
    seed: int
    replication: int
    engine: str
    started_utc: str
    """ISO 8601."""
    duration_s: float
    """Simulated time."""
    wall_time_s: float
    """Real time until all was simulated, before tables and verdicts."""
    argv: tuple[str, ...]
    sessions: int
    packet_hops: int
    simpy_events: int
    """Of the control plane."""
    plane_events: int
    """Of the data plane."""
    peak_memory_bytes: int
    transfer_rule: str = ""
    """How it was decided which transfers run packet by packet; empty where all run alike."""
    packet_transfers: int = 0
    fluid_transfers: int = 0
    status: str = "complete"
    """``complete`` or ``partial`` (interrupted)."""


def manifest_of(facts: Facts) -> dict[str, object]:
    """Return the manifest of a run; `store.save` adds the size and checksum of every file."""
    return {
        "schema_version": SCHEMA_VERSION,
        "package_version": _version("telemedsim"),
        "stream_version": STREAM_VERSION,
        **asdict(facts),
        "argv": list(facts.argv),
        "packet_hops_per_s": _a_second(facts.packet_hops, facts.wall_time_s),
        "sessions_per_s": _a_second(facts.sessions, facts.wall_time_s),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in LIBRARIES},
    }


def _a_second(count: int, wall_time_s: float) -> float:
    return round(count / wall_time_s, 1) if wall_time_s > 0 else 0.0


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
