"""The scenario blocks a user writes: one for each workflow. None means the catalogue's figure."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from telemedsim.core.frozen import Frozen
from telemedsim.core.units import DurationMin, DurationMs, RateBps, Ratio, SizeBytes, SizeTB
from telemedsim.model.references import (
    ClassName,
    CodecName,
    ModalityName,
    Names,
    SiteOrTier,
    TierName,
    VideoName,
)
from telemedsim.model.scenario import Contradiction, ScenarioBase
from telemedsim.model.selector import Selector
from telemedsim.model.words import TimeOfDay

MAX_SCREENS = 3
PerDay = Annotated[float, Field(gt=0, le=1e7)]
Minutes = Annotated[DurationMin, Field(gt=0)]
Volume = Annotated[SizeTB, Field(gt=0)]
Bytes = Annotated[SizeBytes, Field(gt=0)]


class FrontEndProcessor(Frozen):
    """What stands between the modalities and the line, and only uploads."""

    compress: bool = True
    """Compress without loss before sending (white paper, section 3.2.1)."""
    associations: Annotated[int, Field(ge=1)] | None = None
    """Studies sent at the same time."""
    codec: CodecName | None = None
    """Lossless codec of the catalogue, such as jpeg_ls."""


class StudyUpload(ScenarioBase):
    """Studies go from the modalities of some sites through a front-end processor to an archive."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    workflow: Literal["study_upload"]
    from_: Selector = Field(alias="from")
    """Sites whose studies are uploaded."""
    to: SiteOrTier
    """A site's id, or a tier: then the nearest site of that tier on the way up."""
    protocol: Literal["c_store", "streamed"] | None = None
    """`c_store`: an acknowledgement an image; `streamed`: DICOMweb, a study at once."""
    window: Annotated[int, Field(ge=1)] | None = None
    """Images sent before the first acknowledgement is awaited (asynchronous operations)."""
    front_end_processor: FrontEndProcessor = FrontEndProcessor()
    studies_per_day: PerDay | None = None
    """On a weekday, at each site; None: from the annual volume."""
    annual_tb: Volume | None = None
    """Of each site, after compression; None: the site's own."""
    modality_mix: dict[ModalityName, Annotated[float, Field(ge=0, le=1e6)]] | None = None
    """Modality of the catalogue -> weight among the studies."""
    hours: Literal["clinic", "night"] = "clinic"
    """When studies come: over the working day, or at night (archives, replication)."""

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield two volumes, and a window without acknowledgements."""
        if self.studies_per_day is not None and self.annual_tb is not None:
            message = "studies_per_day and annual_tb both set the volume"
            yield Contradiction("annual_tb", message, "Keep one of them")
        if self.window is not None and self.window > 1 and self.protocol == "streamed":
            message = "a window of images has no meaning with 'protocol: streamed'"
            yield Contradiction("window", message, "Remove it, or write 'protocol: c_store'")
        if self.modality_mix is not None and not any(self.modality_mix.values()):
            yield Contradiction("modality_mix", "no modality has a weight", "Give one above 0")


class ImageReading(ScenarioBase):
    """Terminals of some sites fetch the first displayable image of a study, then the rest."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

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

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield a share of what is not prefetched."""
        if self.prefetched_share is not None and self.access == "on_demand":
            message = "nothing is prefetched with 'access: on_demand'"
            yield Contradiction("prefetched_share", message, "Add 'access: prefetch'")


class ImagePush(Frozen):
    """Images that the asking room sends before the video begins."""

    size_bytes: Bytes | None = None
    class_of_service: ClassName | None = None
    """None: the class of the service's transfers."""


class Consultation(ScenarioBase):
    """Rooms meet over a bridge: images first, then video both ways."""

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
    repair: Literal["none", "nack", "fec"] | None = None
    """What the receivers do about lost packets."""
    duration_median_min: Minutes | None = None
    duration_sigma: Annotated[float, Field(ge=0)] | None = None
    """Log standard deviation of the lognormal duration."""
    image_push: ImagePush | Literal["none"] = ImagePush()

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield two rates of sessions."""
        if self.sessions_per_day is not None and self.sessions_per_site_per_day is not None:
            message = "sessions_per_day and sessions_per_site_per_day both set the rate"
            hint = "Keep the first for all participants together, the second for each"
            yield Contradiction("sessions_per_site_per_day", message, hint)


class Show(Frozen):
    """One broadcast of a schedule."""

    start: TimeOfDay
    duration_min: Minutes


class Broadcast(ScenarioBase):
    """One source sends video to many viewers."""

    workflow: Literal["broadcast"]
    source: SiteOrTier
    """Site of the camera or media server, or a tier: then each of its sites sends to those viewers
    whose nearest one on the way up it is."""
    viewers: Selector
    """Sites that watch."""
    viewers_per_site: Annotated[int, Field(ge=1)] = 1
    delivery: Literal["unicast", "multicast", "relay"]
    """A copy a viewer; a copy a link; or a copy a relay, which serves its viewers one by one."""
    relay_tier: TierName | None = None
    """For `relay`: tier whose sites on the way up are relays."""
    video: VideoName | None = None
    """Video format of the catalogue, such as vr_8k30."""
    target_rate_bps: RateBps | None = None
    repair: Literal["none", "nack", "fec"] | None = None
    schedule: tuple[Show, ...] = ()
    """Empty: one broadcast that is on before the window opens and after it closes."""

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield relays without a tier, and a tier of relays without any."""
        if self.delivery == "relay" and self.relay_tier is None:
            hint = "Add 'relay_tier', such as 'relay_tier: municipal'"
            yield Contradiction("delivery", "nothing says where the relays stand", hint)
        if self.delivery in ("unicast", "multicast") and self.relay_tier is not None:
            message = f"'delivery: {self.delivery}' has no relays"
            yield Contradiction("relay_tier", message, "Write 'delivery: relay', or remove it")
