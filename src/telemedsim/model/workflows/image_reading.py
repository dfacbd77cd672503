"""The block of image reading. None means the catalogue's figure."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from telemedsim.core.frozen import Frozen
from telemedsim.core.units import DurationMs, DurationS, Ratio
from telemedsim.model.references import Names
from telemedsim.model.scenario import Contradiction, ScenarioBase
from telemedsim.model.selector import Selector
from telemedsim.model.workflows.quantities import Bytes, Minutes, PerDay


class Roaming(Frozen):
    """How terminals walk between the access points of their site."""

    stay_s: Annotated[DurationS, Field(gt=0)] | None = None
    """Mean time at one access point."""
    handover: Literal["fast_transition", "full_authentication"] | None = None
    """`fast_transition` is that of IEEE 802.11r, `full_authentication` a new 802.1X exchange."""
    handover_time_ms: DurationMs | None = None
    """For so long a terminal has no connection; None: the usual time of its kind of handover."""


class ImageReading(ScenarioBase):
    """Terminals of some sites fetch the first displayable image of a study, then the rest."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    selects: ClassVar[str] = "from_"
    workflow: Literal["image_reading"]
    from_: Selector = Field(alias="from")
    """Sites whose terminals read."""
    source: Annotated[str, Names(("site", "tier"), also=("own_site", "parent"))] = "own_site"
    """`own_site` (over the campus network), `parent` (the next site up), a tier (the nearest site
    of that tier on the way up) or a site's id."""
    access: Literal["on_demand", "prefetch"] = "on_demand"
    """`prefetch`: a share of the studies is already in the reader's own archive."""
    prefetched_share: Ratio | None = None
    """Of the reads, for `prefetch`."""
    terminals: Annotated[int, Field(ge=1)] | None = None
    """At each site; None: by the site's scale."""
    reads_per_terminal_per_hour: PerDay | None = None
    """In a working hour; None: from the site's studies."""
    object_size_bytes: Bytes | None = None
    """The first displayable image, which the response clause judges."""
    whole_study: bool = True
    """Fetch the rest of the study after the first image."""
    server_time_ms: DurationMs | None = None
    """The archive's time before it answers."""
    rendering_time_ms: DurationMs | None = None
    """The terminal's time to show the first image."""
    patience_s: Annotated[DurationS, Field(gt=0)] | None = None
    """From asking to giving up, unless all that was asked for has come; None: the service's, if it has one."""
    roaming: Roaming | None = None
    """None: terminals stay where they are, at the first access point."""

    licences: Annotated[int, Field(ge=1)] | None = None
    """Users that the source's platform serves at once, those of all sites together; who finds none is refused.
    A licence is held until the study has been read. None: as many are served as ask."""
    reading_mean_min: Minutes | None = None
    """Mean time of reading, for `licences`; None: by the study's modality."""
    reading_variation: Annotated[float, Field(ge=0, le=10)] | None = None
    """Coefficient of variation of the lognormal time of reading, for `licences`."""

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield a share of what is not prefetched, and times that nothing waits for."""
        for field in ("reading_mean_min", "reading_variation"):
            if getattr(self, field) is not None and self.licences is None:
                message = "nothing is held while a study is read"
                yield Contradiction(field, message, "Add 'licences'")
        if self.prefetched_share is not None and self.access == "on_demand":
            message = "nothing is prefetched with 'access: on_demand'"
            yield Contradiction("prefetched_share", message, "Add 'access: prefetch'")
