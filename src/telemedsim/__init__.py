"""telemedsim: which telemedicine services break their SLA, how often, where and why.

    import telemedsim as ts
    results = ts.simulate(ts.load("experiments/reference_half_hour.yaml"))
    results.summary
"""

from importlib.metadata import version

from telemedsim.api import (
    Results,
    Scenario,
    build_topology,
    catalogue,
    catalogue_topics,
    check,
    draw_topology,
    duration_ns,
    evaluate,
    load,
    open_run,
    plan,
    schema,
    simulate,
    topology_frame,
)
from telemedsim.core.errors import Fault, InvalidInput, TelemedsimError
from telemedsim.core.exit_codes import ExitCode

__version__ = version("telemedsim")

__all__ = [
    "ExitCode",
    "Fault",
    "InvalidInput",
    "Results",
    "Scenario",
    "TelemedsimError",
    "__version__",
    "build_topology",
    "catalogue",
    "catalogue_topics",
    "check",
    "draw_topology",
    "duration_ns",
    "evaluate",
    "load",
    "open_run",
    "plan",
    "schema",
    "simulate",
    "topology_frame",
]
