"""The block of a replication for disaster recovery. None means the catalogue's figure."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from telemedsim.model.references import ModalityName, SiteOrTier
from telemedsim.model.scenario import Contradiction, ScenarioBase
from telemedsim.model.selector import Selector
from telemedsim.model.workflows.quantities import Minutes, PerDay, Volume


class StudyReplication(ScenarioBase):
    """Studies stored at primary sites are copied to a site that survives them."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    selects: ClassVar[str] = "from_"
    workflow: Literal["replication"]
    from_: Selector = Field(alias="from")
    """Primary sites, where studies are stored first."""
    to: SiteOrTier
    """The survivor: a site's id, or a tier: then the nearest site of that tier on the way up."""
    scope: Literal["local", "remote"]
    """How far apart the two are, by the white paper's geography of recovery centres."""
    mode: Literal["asynchronous", "periodic"]
    """`asynchronous`: each study at once; `periodic`: at times, all that is new by then."""
    connections: Annotated[int, Field(ge=1)] | None = None
    """Studies copied at the same time; `asynchronous` only."""
    period_min: Minutes | None = None
    """Between two copies, counted from midnight; `periodic` only."""
    studies_per_day: PerDay | None = None
    """On a weekday, at each primary site; None: from the annual volume."""
    annual_tb: Volume | None = None
    """Of each primary site, after compression; None: the site's own."""
    modality_mix: dict[ModalityName, Annotated[float, Field(ge=0, le=1e6)]] | None = None
    """Modality of the catalogue -> weight among the studies."""
    hours: Literal["clinic", "night", "sizing"] = "clinic"
    """When studies are stored at the primary site, as in a study upload."""

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield two volumes, a mix of nothing, and settings of the other mode."""
        if self.studies_per_day is not None and self.annual_tb is not None:
            message = "studies_per_day and annual_tb both set the volume"
            yield Contradiction("annual_tb", message, "Keep one of them")
        if self.modality_mix is not None and not any(self.modality_mix.values()):
            yield Contradiction("modality_mix", "no modality has a weight", "Give one above 0")
        if self.connections is not None and self.mode == "periodic":
            message = "a periodic copy sends one study after another"
            remedy = "Remove 'connections', or write 'mode: asynchronous'"
            yield Contradiction("connections", message, remedy)
        if self.period_min is not None and self.mode == "asynchronous":
            message = "an asynchronous copy sends each study at once and has no period"
            yield Contradiction("period_min", message, "Remove it, or write 'mode: periodic'")
