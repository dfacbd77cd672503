"""The block of a consultation. None means the catalogue's figure."""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from telemedsim.core.frozen import Frozen
from telemedsim.core.units import DurationMs, RateBps
from telemedsim.model.references import ClassName, Names, ServiceName, SiteOrTier, VideoName
from telemedsim.model.scenario import Contradiction, ScenarioBase
from telemedsim.model.selector import Selector
from telemedsim.model.workflows.quantities import Bytes, Minutes, PerDay

MAX_SCREENS = 3


class ImagePush(Frozen):
    """Images that the asking room sends before the video begins."""

    size_bytes: Bytes | None = None
    class_of_service: ClassName | None = None
    """None: the class of the service's transfers."""


class ConsultationServices(Frozen):
    """Services that judge parts of a meeting which are sessions of their own."""

    reading: ServiceName
    """Of each fetch of the images, such as reading.cloud_desktop."""


class ImageFetch(Frozen):
    """How the images that are talked about are fetched."""

    source: Annotated[str, Names(("site", "tier"), also=("own_site", "parent"))] | None = None
    """Seen from the site that fetches; None: the host."""
    object_size_bytes: Bytes | None = None
    """The first displayable image, which the response clause judges."""
    server_time_ms: DurationMs | None = None
    rendering_time_ms: DurationMs | None = None


class Consultation(ScenarioBase):
    """Rooms meet over a bridge: images first, then video both ways."""

    part_workflows: ClassVar[Mapping[str, str]] = {"reading": "image_reading"}
    selects: ClassVar[str] = "participants"
    workflow: Literal["consultation"]
    host: SiteOrTier
    """Site of the bridge, or a tier: then each participant's nearest one on the way up."""
    participants: Selector
    """Sites that ask for consultations."""
    experts: Selector | None = None
    """Sites that answer; None: the host. Of a tier's hosts each has those that it serves."""
    parties: Annotated[int, Field(ge=2)] | None = None
    """Rooms of a session, the asking one included."""
    sessions_per_day: PerDay | None = None
    """On a weekday, of all participants together."""
    sessions_per_site_per_day: PerDay | None = None
    """On a weekday, of each participant; None for both: by the number of rooms."""
    rooms: Annotated[int, Field(ge=1)] | None = None
    """At each participant's site."""
    expert_rooms: Annotated[int, Field(ge=1)] | None = None
    """At each expert's site."""
    screens: Annotated[int, Field(ge=1, le=MAX_SCREENS)] | None = None
    """Streams that a participant's room sends, and shows at most."""
    expert_screens: Annotated[int, Field(ge=1, le=MAX_SCREENS)] | None = None
    """Likewise of an expert's room; None: as the participants'."""
    bridge: Literal["sfu", "mcu"] | None = None
    """`sfu` forwards the other rooms' packets; `mcu` decodes them and sends streams of its own."""
    bridge_ports: Annotated[int, Field(ge=2)] | None = None
    """Rooms that the bridge joins at the same time, over all sessions."""
    video: VideoName | None = None
    """Video format of the catalogue, such as 1080p30."""
    codec: Literal["h264", "h265"] | None = None
    target_rate_bps: RateBps | None = None
    """Of one screen; None: the format's, less what h265 saves."""
    fallback: VideoName | None = None
    """Format that rooms fall back to while receivers report loss, never below; None: they keep `video`."""
    repair: Literal["none", "nack", "fec"] | None = None
    """What the receivers do about lost packets."""
    sound: Literal["opus", "none"] | None = None
    """Sound beside the video, as a stream of its own; None: where a clause of the service asks for it."""
    duration_median_min: Minutes | None = None
    duration_sigma: Annotated[float, Field(ge=0)] | None = None
    """Log standard deviation of the lognormal duration."""
    image_push: ImagePush | Literal["none"] = ImagePush()
    shared_screen: VideoName | None = None
    """Format in which the asking room's images are seen live on one more screen of every other room;
    None: they are not."""
    services: ConsultationServices | None = None
    """`service` judges the talk, `services` each room's fetch of the images; None: none fetches them."""
    image_fetch: ImageFetch = ImageFetch()

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield two rates of sessions, and fetches that no service judges."""
        if self.services is None and self.image_fetch not in (None, ImageFetch()):
            hint = "Add 'services: {reading: reading.cloud_desktop}'"
            yield Contradiction("image_fetch", "nothing says what judges the fetches", hint)
        if self.sessions_per_day is not None and self.sessions_per_site_per_day is not None:
            message = "sessions_per_day and sessions_per_site_per_day both set the rate"
            hint = "Keep the first for all participants together, the second for each"
            yield Contradiction("sessions_per_site_per_day", message, hint)
