"""The block of replication to a survivor. None means the catalogue's figure."""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from telemedsim.core.frozen import Frozen
from telemedsim.core.units import DurationS
from telemedsim.model.references import ModalityName, ServiceName, SiteName, SiteOrTier
from telemedsim.model.scenario import Contradiction, ScenarioBase
from telemedsim.model.selector import Selector
from telemedsim.model.words import TimeOfDay
from telemedsim.model.workflows.quantities import Bytes, Minutes, PerDay, Volume

Level = Literal["secondary", "tertiary_grade_b", "tertiary_grade_a"]
"""Levels of hospital that the white paper's objectives of a local pair tell apart."""


class Disaster(Frozen):
    """The loss of all primaries of the block, and how the service comes back."""

    at: TimeOfDay
    working_set_to: SiteName
    """Where the users are: this site fetches its working set from the survivor."""
    working_set_bytes: Bytes | None = None
    detection_s: DurationS | None = None
    switch_over_s: DurationS | None = None
    restart_s: DurationS | None = None


class RecoveryServices(Frozen):
    """The service that judges how soon the service is back."""

    recovery: ServiceName = "storage.dr_recovery"


class StudyReplication(ScenarioBase):
    """A primary's new studies are copied to a survivor."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    selects: ClassVar[str] = "from_"
    part_workflows: ClassVar[Mapping[str, str]] = {"recovery": "replication"}
    workflow: Literal["replication"]
    services: RecoveryServices = RecoveryServices()
    """`service` judges the copying, this one the recovery after a disaster."""
    from_: Selector = Field(alias="from")
    """Primaries: sites whose new studies are copied."""
    to: SiteOrTier
    """The survivor: a site's id, or a tier, then the nearest site of it on the way up."""
    mode: Literal["synchronous", "asynchronous", "periodic"]
    """`synchronous`: a study is committed when the survivor has acknowledged it; `asynchronous`: it
    is copied as soon as it is committed; `periodic`: every `period` all that is new."""
    scope: Literal["local", "remote"]
    """Of the pair: how far apart it is, and which objectives judge it."""
    level: Level | None = None
    """Of the primaries, for a local pair."""
    period_min: Minutes | None = None
    """For `periodic`; counted from midnight."""
    connections: Annotated[int, Field(ge=1)] | None = None
    """Studies of a primary copied at the same time; 1 keeps their order."""
    studies_per_day: PerDay | None = None
    """On a weekday, at each primary; None: from the annual volume."""
    annual_tb: Volume | None = None
    """Of each primary, after compression; None: the site's own."""
    modality_mix: dict[ModalityName, Annotated[float, Field(ge=0, le=1e6)]] | None = None
    """Modality of the catalogue -> weight among the studies."""
    hours: Literal["clinic", "night", "sizing"] = "clinic"
    """When studies are written at the primary, as in a study upload."""
    disaster: Disaster | None = None

    @property
    def objective(self) -> str:
        """Row of the catalogue's recovery objectives that the pair is held to."""
        return "remote.any" if self.scope == "remote" else f"{self.scope}.{self.level}"

    def part_services(self) -> dict[str, str]:
        """Return the service of the recovery, where there is a disaster."""
        return super().part_services() if self.disaster is not None else {}

    def judged_by(self) -> tuple[str, ...]:
        """Return the services of the copying and of the recovery; none if one is at fault."""
        if self.disaster is None:
            return (self.service,) if self.service is not None else ()
        return super().judged_by()

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield a mode that the scope excludes, figures without a meaning, and two volumes."""
        if self.mode == "synchronous" and self.scope == "remote":
            message = (
                "a synchronous pair must be local: each commit waits for the way there and back"
            )
            yield Contradiction("mode", message, "Write 'mode: asynchronous' or 'periodic'")
        if self.period_min is not None and self.mode in ("synchronous", "asynchronous"):
            message = f"'mode: {self.mode}' has no period"
            yield Contradiction("period_min", message, "Write 'mode: periodic', or remove it")
        if self.scope == "local" and self.level is None:
            message = "the objectives of a local pair depend on the level of its primary"
            yield Contradiction("scope", message, "Add 'level', such as 'level: tertiary_grade_a'")
        if self.scope == "remote" and self.level is not None:
            message = "a remote pair has the same objectives for every level"
            yield Contradiction("level", message, "Remove it")
        if self.studies_per_day is not None and self.annual_tb is not None:
            message = "studies_per_day and annual_tb both set the volume"
            yield Contradiction("annual_tb", message, "Keep one of them")
        if self.modality_mix is not None and not any(self.modality_mix.values()):
            yield Contradiction("modality_mix", "no modality has a weight", "Give one above 0")
