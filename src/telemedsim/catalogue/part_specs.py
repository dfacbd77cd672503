"""Fields that hold a part chosen by its kind, completed with the catalogue's default parameters."""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any

from telemedsim.catalogue.files import rows_of
from telemedsim.core.choice import ChosenBy
from telemedsim.parts.drop_policies import DropPolicy, drop_policies
from telemedsim.parts.impairments import (
    DelayVariation,
    LossProcess,
    delay_variations,
    loss_processes,
)
from telemedsim.parts.schedulers import Scheduler, schedulers


@cache
def part_defaults() -> Mapping[tuple[str, str], Mapping[str, Any]]:
    """Return the default parameters of parts that need some, by (family, kind)."""
    classes = rows_of("classes", "classes")
    defaults: dict[tuple[str, str], Mapping[str, Any]] = {
        ("schedulers", "wfq"): {"weights": {row["id"]: row["weight"] for row in classes}},
        ("schedulers", "drr"): {
            "quanta_bytes": {row["id"]: row["quantum_bytes"] for row in classes}
        },
    }
    for row in rows_of("classes", "part_defaults"):
        parameters = {key: row[key] for key in row["sources"]}
        defaults[row["family"], row["kind"]] = parameters
    return MappingProxyType(defaults)


def completed(family: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return a part's specification with the catalogue's defaults for what it leaves out.

    >>> completed("schedulers", {"kind": "fifo"})
    {'kind': 'fifo'}
    >>> completed("schedulers", {"kind": "wfq"})["weights"]["low_priority"]
    1
    """
    return {**part_defaults().get((family, str(spec.get("kind"))), {}), **spec}


def _defaults_of(family: str) -> Callable[[str], Mapping[str, Any]]:
    return lambda kind: part_defaults().get((family, kind), {})


SchedulerPart = Annotated[Scheduler, ChosenBy("scheduler", schedulers, _defaults_of("schedulers"))]
DropPolicyPart = Annotated[
    DropPolicy, ChosenBy("drop policy", drop_policies, _defaults_of("drop_policies"))
]
LossPart = Annotated[LossProcess, ChosenBy("loss process", loss_processes)]
DelayVariationPart = Annotated[DelayVariation, ChosenBy("delay variation", delay_variations)]
