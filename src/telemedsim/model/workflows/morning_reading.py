"""The block of a joint reading of cases by many hospitals. None means the catalogue's figure."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from telemedsim.core.units import DurationS, RateBps
from telemedsim.model.references import SiteOrTier, VideoName
from telemedsim.model.scenario import ScenarioBase
from telemedsim.model.selector import Selector
from telemedsim.model.workflows.broadcast import Show
from telemedsim.model.workflows.consultation import MAX_SCREENS, ConsultationServices, ImageFetch

Count = Annotated[int, Field(ge=1)]


class MorningReading(ScenarioBase):
    """Hospitals meet by video, open the same cases at the same moments, and talk about them."""

    part_workflows: ClassVar[Mapping[str, str]] = {"reading": "image_reading"}
    selects: ClassVar[str] = "participants"
    workflow: Literal["morning_reading"]
    host: SiteOrTier
    """Site that presents the cases and has the bridge, or a tier: then each participant's nearest
    one on the way up."""
    participants: Selector
    """Sites that take part besides the host."""
    schedule: Annotated[tuple[Show, ...], Field(min_length=1)]
    services: ConsultationServices
    """`service` judges the talk, `services` each terminal's fetch of a case."""
    cases: Count | None = None
    """Of one meeting, opened at even intervals from its start on."""
    terminals_per_site: Count | None = None
    """At each participant's site: each of them opens every case."""
    opening_s: Annotated[DurationS, Field(ge=0)] = 0.0
    """Terminals open a case at random times in so long after its moment; 0: all at once."""
    image_fetch: ImageFetch = ImageFetch()
    screens: Annotated[int, Field(ge=1, le=MAX_SCREENS)] | None = None
    """Streams that each room sends, and shows at most: the host's first, at the host's the first
    participant's."""
    bridge: Literal["sfu", "mcu"] | None = None
    video: VideoName | None = None
    """Video format of the catalogue, such as conference_1080p30."""
    target_rate_bps: RateBps | None = None
    fallback: VideoName | None = None
    """Format that rooms fall back to while receivers report loss, never below; None: they keep `video`."""
    repair: Literal["none", "nack", "fec"] | None = None
    sound: Literal["opus", "none"] | None = None
    """Sound beside the video, as a stream of its own; None: where a clause of the service asks for it."""
    open_microphones: Count | None = None
    """Rooms that are heard, the host's first."""
    shared_screen: VideoName | None = None
    """Format in which the host's images are seen live on one more screen of all others; None: they are not."""
