"""The block of lessons on demand. None means the catalogue's figure."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from telemedsim.core.units import DurationMs, RateBps
from telemedsim.model.references import SiteOrTier, VideoName
from telemedsim.model.scenario import ScenarioBase
from telemedsim.model.selector import Selector
from telemedsim.model.workflows.quantities import Bytes, Minutes, PerDay, PerHour


class Lesson(ScenarioBase):
    """Learners start lessons over the day; a media server sends each of them a stream of its own."""

    selects: ClassVar[str] = "learners"
    workflow: Literal["lesson"]
    server: SiteOrTier
    """Site of the media server, or a tier: the nearest site of it on the way up."""
    learners: Selector
    """Sites whose learners take lessons."""
    lessons_per_site_per_day: PerDay | None = None
    """On a weekday, of each site."""
    video: VideoName | None = None
    """Video format of the catalogue, such as lesson_1080p30 or vr_8k30."""
    target_rate_bps: RateBps | None = None
    repair: Literal["none", "nack", "fec"] | None = None
    duration_median_min: Minutes | None = None
    duration_sigma: Annotated[float, Field(ge=0)] | None = None
    """Log standard deviation of the lognormal duration."""
    interactions_per_hour: PerHour | None = None
    """Questions and other actions of one learner that the server answers."""
    question_size_bytes: Bytes | None = None
    answer_size_bytes: Bytes | None = None
    server_time_ms: DurationMs | None = None
    """The server's time before the lesson begins, and before each answer."""
