"""An experiment: which topology, which hours, which work, judged by which promises."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, ClassVar, Literal, get_args

from pydantic import Field

from telemedsim.core.choice import ChosenBy
from telemedsim.core.frozen import Frozen
from telemedsim.core.units import DurationS, Ratio
from telemedsim.model import workflows as workflow_blocks
from telemedsim.model.references import ConnectionServiceName, EngineName, Names
from telemedsim.model.scenario import Judged, ScenarioBase
from telemedsim.model.selector import Selector
from telemedsim.model.words import Identifier, TimeOfDay, seconds_of_day

LARGEST_SEED = 2**63 - 1


@cache
def workflows() -> Mapping[str, type[ScenarioBase]]:
    """Return the blocks of work by the word in ``workflow``, in the order of their names."""
    return {
        get_args(one.model_fields["workflow"].annotation)[0]: one
        for one in vars(workflow_blocks).values()
        if isinstance(one, type) and issubclass(one, ScenarioBase) and one is not ScenarioBase
    }


ScenarioBlock = Annotated[ScenarioBase, ChosenBy("workflow", workflows, word="workflow")]


class Window(Frozen):
    """The piece of the day that is simulated; sessions are under way when it opens."""

    start: TimeOfDay
    """Time of day at which it opens."""
    duration_s: Annotated[DurationS, Field(gt=0)]

    @property
    def start_s(self) -> int:
        """Seconds since midnight at which it opens."""
        return seconds_of_day(self.start)


class Connection(Judged):
    """Connections of some sites whose own promise (conn.*) is judged by probes."""

    selects: ClassVar[str] = "sites"

    service: ConnectionServiceName
    sites: Selector
    towards: Annotated[str, Names(("site", "tier"), also=("parent",))] = "parent"
    """`parent` (the next site up), a tier (the nearest site of it on the way up), or a site."""


class Experiment(Frozen):
    """One question to a topology."""

    telemedsim: Literal[1]
    """Version of the file's schema."""
    kind: Literal["experiment"]
    name: Identifier
    description: str = ""
    topology: str
    """The topology's file, relative to this one."""
    seed: int = Field(default=1, ge=0, le=LARGEST_SEED)
    """Every random draw follows from it."""
    engine: EngineName = "hybrid"
    """Data plane: `hybrid` computes packets in arrays, `reference` sends each as an event."""
    transfers: Literal["auto", "packets", "fluid"] = "auto"
    """How `hybrid` moves transfers: `packets` one by one, as a `fluid`, or `auto`: by packets where they
    can fill a queue that streams share. The delay of a fluid's packets is known between bounds only."""
    stream_sampling: Annotated[Ratio, Field(gt=0)] = 1.0
    """Share of the window of which the packets of streams are simulated, in blocks of 60 s (docs:
    definitions, rule 12), on engine `hybrid`: 1 over a whole number; 1 is every packet. Transfers are
    simulated throughout, as a fluid."""
    window: Window
    scenarios: tuple[ScenarioBlock, ...] = ()
    """Blocks of work; each has a workflow and a service whose promise it is judged by."""
    connections: tuple[Connection, ...] = ()
