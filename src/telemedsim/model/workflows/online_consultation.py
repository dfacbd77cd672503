"""The block of online consultations. None means the catalogue's figure."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from telemedsim.core.units import RateBps
from telemedsim.model.references import SiteOrTier, VideoName
from telemedsim.model.scenario import Contradiction, ScenarioBase
from telemedsim.model.selector import Selector
from telemedsim.model.workflows.quantities import Bytes, Minutes, PerDay


class OnlineConsultation(ScenarioBase):
    """Patients wait for a doctor, write with him, then talk, then see each other."""

    selects: ClassVar[str] = "patients"
    workflow: Literal["online_consultation"]
    patients: Selector
    """Sites over whose access lines patients ask, often by `technology: [internet, 4g]`."""
    doctors_at: SiteOrTier
    """Hospital of the doctors, or a tier: then each patient's nearest one on the way up."""
    doctors: Annotated[int, Field(ge=1)] | None = None
    """On duty at each hospital; each has one patient at a time."""
    sessions_per_day: PerDay | None = None
    """On a weekday, of all patients' sites together."""
    sessions_per_site_per_day: PerDay | None = None
    """On a weekday, of each site."""
    patience_mean_min: Minutes | None = None
    """Mean of the exponential time after which a patient who still waits gives up."""
    text_median_min: Minutes | None = None
    voice_median_min: Minutes | None = None
    """Sound alone, before the picture."""
    video_median_min: Minutes | None = None
    duration_sigma: Annotated[float, Field(ge=0)] | None = None
    """Log standard deviation of each of the three lognormal durations."""
    messages: Annotated[int, Field(ge=1)] | None = None
    """Written by both together, in turns."""
    message_size_bytes: Bytes | None = None
    video: VideoName | None = None
    """Video format of the catalogue, such as 720p30."""
    target_rate_bps: RateBps | None = None
    repair: Literal["none", "nack", "fec"] | None = None
    """What the receivers do about lost packets of the picture."""
    sound: Literal["opus", "none"] | None = None
    """None: where a clause of the service asks for it."""

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield two rates of sessions."""
        if self.sessions_per_day is not None and self.sessions_per_site_per_day is not None:
            message = "sessions_per_day and sessions_per_site_per_day both set the rate"
            hint = "Keep the first for all sites together, the second for each"
            yield Contradiction("sessions_per_site_per_day", message, hint)
