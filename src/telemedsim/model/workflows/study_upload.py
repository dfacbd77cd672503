"""The block of a study upload. None means the catalogue's figure."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from telemedsim.core.frozen import Frozen
from telemedsim.model.references import CodecName, ModalityName, SiteOrTier
from telemedsim.model.scenario import Contradiction, ScenarioBase
from telemedsim.model.selector import Selector
from telemedsim.model.workflows.quantities import Bytes, PerDay, Volume


class FrontEndProcessor(Frozen):
    """What stands between the modalities and the line, and only uploads."""

    compress: bool = True
    """Compress without loss before sending (white paper, section 3.2.1)."""
    associations: Annotated[int, Field(ge=1)] | None = None
    """Studies sent at the same time."""
    disk_bytes: Bytes | None = None
    """Holds studies as they come, until the archive has them; a study that finds no room waits at
    its modality."""
    codec: CodecName | None = None
    """Lossless codec of the catalogue, such as jpeg_ls."""


class Uploads(ScenarioBase):
    """What every block says of studies that some sites upload."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    selects: ClassVar[str] = "from_"
    from_: Selector = Field(alias="from")
    """Sites whose studies are uploaded."""
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
    hours: Literal["clinic", "night", "sizing"] = "clinic"
    """When studies come: over the working day, at night (archives, replication), or in the eight hours, one of them
    twice as busy, by which the white paper sizes uplinks."""

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


class StudyUpload(Uploads):
    """Studies go from the modalities of some sites through a front-end processor to an archive."""

    workflow: Literal["study_upload"]
    to: SiteOrTier
    """A site's id, or a tier: then the nearest site of that tier on the way up."""
