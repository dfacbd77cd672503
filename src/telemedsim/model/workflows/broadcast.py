"""The block of a broadcast. None means the catalogue's figure."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from telemedsim.core.frozen import Frozen
from telemedsim.core.units import DurationMs, RateBps
from telemedsim.model.references import SiteOrTier, TierName, VideoName
from telemedsim.model.scenario import Contradiction, ScenarioBase
from telemedsim.model.selector import Selector
from telemedsim.model.words import Identifier, TimeOfDay
from telemedsim.model.workflows.quantities import Bytes, Minutes, PerHour


class Show(Frozen):
    """One broadcast of a schedule."""

    start: TimeOfDay
    duration_min: Minutes


class Broadcast(ScenarioBase):
    """One source sends video to many viewers."""

    selects: ClassVar[str] = "viewers"
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
    sound: Literal["opus", "none"] | None = None
    """Sound beside the video, as a stream of its own; None: where a clause of the service asks for it."""
    cameras: tuple[Identifier, ...] = ()
    """Names of the cameras, such as surgical_field and operating_room: each sends a stream of the
    format to every viewer. Empty: one camera."""
    questions_per_viewer_per_hour: PerHour | None = None
    """Questions of one viewer that the source answers, judged by the time until the answer."""
    question_size_bytes: Bytes | None = None
    answer_size_bytes: Bytes | None = None
    server_time_ms: DurationMs | None = None
    """The source's time before it answers."""
    schedule: tuple[Show, ...] = ()
    """Empty: one broadcast that is on before the window opens and after it closes."""

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield relays without a tier, a tier of relays without any, and cameras of one name."""
        if self.delivery == "relay" and self.relay_tier is None:
            hint = "Add 'relay_tier', such as 'relay_tier: municipal'"
            yield Contradiction("delivery", "nothing says where the relays stand", hint)
        if self.delivery in ("unicast", "multicast") and self.relay_tier is not None:
            message = f"'delivery: {self.delivery}' has no relays"
            yield Contradiction("relay_tier", message, "Write 'delivery: relay', or remove it")
        if len(set(self.cameras)) < len(self.cameras):
            message = "two cameras have the same name"
            yield Contradiction("cameras", message, "Give each camera a name of its own")
