"""The block of an examination. None means the catalogue's figure."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from telemedsim.core.units import DurationMs, DurationS
from telemedsim.model.references import SiteOrTier
from telemedsim.model.scenario import ScenarioBase
from telemedsim.model.selector import Selector
from telemedsim.model.workflows.broadcast import Show
from telemedsim.model.workflows.quantities import Bytes

Count = Annotated[int, Field(ge=1)]


class Examination(ScenarioBase):
    """Candidates of some sites open a start page, get the paper at one moment, and send answers."""

    selects: ClassVar[str] = "candidates"
    workflow: Literal["examination"]
    server: SiteOrTier
    """Site of the examination server, or a tier: the nearest site of it on the way up."""
    candidates: Selector
    """Sites whose registered candidates sit the examination."""
    candidates_per_site: Count
    schedule: Annotated[tuple[Show, ...], Field(min_length=1)]
    """When the papers are handed out, and for how long answers are taken."""
    entry_s: Annotated[DurationS, Field(ge=0)] | None = None
    """Candidates open the start page at random times in so long before the start; 0: all at once."""
    release_s: Annotated[DurationS, Field(ge=0)] = 0.0
    """Papers are handed out at random times in so long after the start; 0: all at one moment."""
    paper_size_bytes: Bytes | None = None
    """The paper's text, without its images."""
    images: Annotated[int, Field(ge=0)] | None = None
    image_size_bytes: Bytes | None = None
    answers_per_candidate: Count | None = None
    server_time_ms: DurationMs | None = None
    """The server's time before a page, a paper or a confirmation; images are files without it."""
