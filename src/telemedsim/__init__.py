"""telemedsim: which telemedicine services break their SLA, how often, where and why.

import telemedsim as ts
results = ts.simulate(ts.load("experiments/reference_half_hour.yaml"))
results.summary
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from telemedsim.api import (
        Results,
        build_country_topology,
        build_recipe,
        build_topology,
        catalogue_frame,
        catalogue_topics,
        check,
        check_output,
        draw_topology,
        duration_ns,
        evaluate,
        load,
        open_run,
        plan,
        schema,
        simulate,
        topology_frame,
        verify,
    )
    from telemedsim.core.errors import Fault, InvalidInput, TelemedsimError
    from telemedsim.core.exit_codes import ExitCode
    from telemedsim.model.load import Scenario

__version__ = version("telemedsim")

__all__ = [
    "ExitCode",
    "Fault",
    "InvalidInput",
    "Results",
    "Scenario",
    "TelemedsimError",
    "__version__",
    "build_country_topology",
    "build_recipe",
    "build_topology",
    "catalogue_frame",
    "catalogue_topics",
    "check",
    "check_output",
    "draw_topology",
    "duration_ns",
    "evaluate",
    "load",
    "open_run",
    "plan",
    "schema",
    "simulate",
    "topology_frame",
    "verify",
]
_ELSEWHERE = {
    "ExitCode": "core.exit_codes",
    "Fault": "core.errors",
    "Scenario": "model.load",
    "InvalidInput": "core.errors",
    "TelemedsimError": "core.errors",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that a command pays only for what it needs."""
    if name not in __all__:
        raise AttributeError(f"module 'telemedsim' has no attribute '{name}'")
    return getattr(import_module(f"telemedsim.{_ELSEWHERE.get(name, 'api')}"), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
