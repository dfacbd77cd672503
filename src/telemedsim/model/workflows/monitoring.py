"""The block of monitoring by wearable terminals. None means the catalogue's figure."""

from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from telemedsim.core.units import DurationS
from telemedsim.model.references import Names
from telemedsim.model.scenario import ScenarioBase
from telemedsim.model.selector import Selector
from telemedsim.model.workflows.quantities import Bytes, PerDay


class Monitoring(ScenarioBase):
    """Wearable terminals at some sites report to a centre, and raise alarms there."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    selects: ClassVar[str] = "from_"
    workflow: Literal["monitoring"]
    from_: Selector = Field(alias="from")
    """Sites over whose access lines patients are monitored."""
    to: Annotated[str, Names(("site", "tier"), also=("parent",))]
    """The centre: `parent` (the next site up), a tier (the nearest site of it on the way up) or a site."""
    wearables: Annotated[int, Field(ge=1)] | None = None
    """Terminals at each site."""
    report_period_s: Annotated[DurationS, Field(gt=0)] | None = None
    """Each terminal sends a message of vital signs so often."""
    message_size_bytes: Bytes | None = None
    """Of the vital signs in a message, headers not included."""
    alarms_per_wearable_per_day: PerDay | None = None
    """Day and night alike."""
    alarm_size_bytes: Bytes | None = None
    """An alarm with its strip of ECG; None: by the length of the strip."""
