"""The block of archiving by night. None means the catalogue's figure."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from telemedsim.core.frozen import Frozen
from telemedsim.core.units import Ratio
from telemedsim.model.references import ModalityName, SiteOrTier
from telemedsim.model.scenario import Contradiction, ScenarioBase
from telemedsim.model.selector import Selector
from telemedsim.model.words import TimeOfDay
from telemedsim.model.workflows.quantities import PerDay, Volume


class NightHours(Frozen):
    """The hours of each night in which batches are begun."""

    start: TimeOfDay
    end: TimeOfDay
    """Not after the start: on the next day."""


class Archiving(ScenarioBase):
    """Each night some sites send the studies that have reached an age to an archive."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    selects: ClassVar[str] = "from_"
    workflow: Literal["archiving"]
    from_: Selector = Field(alias="from")
    """Sites whose online storage is relieved."""
    to: SiteOrTier
    """The nearline archive: a site's id, or a tier, then the nearest site of it on the way up."""
    night: NightHours | None = None
    age_days: Annotated[int, Field(ge=1, le=20_000)] | None = None
    """Days from a study's making to the night in which it is due."""
    batch_studies: Annotated[int, Field(ge=1)] | None = None
    """Studies sent one after another over one connection."""
    connections: Annotated[int, Field(ge=1)] | None = None
    """Batches of a site sent at the same time."""
    studies_per_day: PerDay | None = None
    """On a weekday, at each site; None: from the annual volume."""
    annual_tb: Volume | None = None
    """Of each site, after compression; None: the site's own."""
    modality_mix: dict[ModalityName, Annotated[float, Field(ge=0, le=1e6)]] | None = None
    """Modality of the catalogue -> weight among the studies."""
    inpatient_share: Ratio | None = None
    """Of the volume; how long studies must be kept differs."""

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield two volumes, and a mix of nothing."""
        if self.studies_per_day is not None and self.annual_tb is not None:
            message = "studies_per_day and annual_tb both set the volume"
            yield Contradiction("annual_tb", message, "Keep one of them")
        if self.modality_mix is not None and not any(self.modality_mix.values()):
            yield Contradiction("modality_mix", "no modality has a weight", "Give one above 0")
