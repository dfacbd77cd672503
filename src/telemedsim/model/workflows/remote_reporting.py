"""The block of remote reporting. None means the catalogue's figure."""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from telemedsim.core.frozen import Frozen
from telemedsim.core.units import DurationMs
from telemedsim.model.references import Names, ServiceName, SiteOrTier
from telemedsim.model.scenario import Contradiction
from telemedsim.model.words import TimeOfDay
from telemedsim.model.workflows.quantities import Bytes, Minutes
from telemedsim.model.workflows.study_upload import Uploads

Priority = Literal["emergency", "inpatient", "outpatient"]
"""Classes of the worklist, the most urgent first."""


class PartServices(Frozen):
    """Services that judge the two parts of a case which are sessions of their own."""

    upload: ServiceName
    """Of the upload to the archive, such as pacs.upload."""
    reading: ServiceName
    """Of the reader's fetch of the images, such as reading.cloud_desktop."""


class ReadingHours(Frozen):
    """When all readers of a centre work; outside of them some are on duty."""

    start: TimeOfDay
    end: TimeOfDay
    """Not after the start: on the next day."""
    on_duty: Annotated[int, Field(ge=0)]
    """Readers outside of these hours."""


class RemoteReporting(Uploads):
    """Sites examine patients, a centre's readers report on the images, and the reports go back."""

    part_workflows: ClassVar[Mapping[str, str]] = {
        "upload": "study_upload",
        "reading": "image_reading",
    }
    workflow: Literal["remote_reporting"]
    services: PartServices
    """`service` judges the whole case, these its upload and its reading."""
    centre: SiteOrTier
    """Where the readers are: a site, or a tier, then each site's nearest one on the way up."""
    archive: Annotated[str, Names(("site", "tier"), also=("own_site", "parent"))] = "own_site"
    """Where the studies go and the readers fetch them, seen from the centre: `own_site`, `parent`
    (the next site up), a tier (the nearest of it on the way up) or a site's id."""
    readers: Annotated[int, Field(ge=1)] | None = None
    """At each centre, all of whom take cases from one worklist."""
    reading_hours: ReadingHours | None = None
    """None: the readers work round the clock."""
    priorities: dict[Priority, Annotated[float, Field(ge=0, le=1e6)]] | None = None
    """Class of the worklist -> weight among the cases."""
    reading_mean_min: Minutes | None = None
    """Of every modality; None: of each its own."""
    reading_variation: Annotated[float, Field(ge=0, le=10)] | None = None
    """Coefficient of variation of the lognormal time of reading."""
    object_size_bytes: Bytes | None = None
    """The first displayable image, which the response clause judges."""
    server_time_ms: DurationMs | None = None
    """The archive's time before it answers."""
    rendering_time_ms: DurationMs | None = None
    """The terminal's time to show the first image."""
    report_size_bytes: Bytes | None = None

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield what contradicts itself of the uploads, and more readers on duty than there are."""
        yield from super().contradictions()
        hours = self.reading_hours
        if hours is not None and self.readers is not None and hours.on_duty > self.readers:
            message = f"{hours.on_duty} are on duty of {self.readers} readers"
            yield Contradiction("reading_hours", message, "Give 'readers' all that there are")
        if self.priorities is not None and not any(self.priorities.values()):
            yield Contradiction("priorities", "no class has a weight", "Give one above 0")
