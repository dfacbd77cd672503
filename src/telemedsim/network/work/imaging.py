"""Compiled study uploads and image reading."""

from collections.abc import Mapping
from dataclasses import dataclass

from telemedsim.core.random_streams import RandomStream
from telemedsim.network.work.base import Place, Work
from telemedsim.parts.arrivals import ArrivalProcess
from telemedsim.parts.traffic.dicom import DicomProtocol
from telemedsim.parts.traffic.studies import StudyMix
from telemedsim.parts.transport import Tcp


@dataclass(frozen=True, slots=True)
class FrontEndProcessor:
    """Takes studies from the modalities, compresses them, and sends so many at a time."""

    associations: int
    compression_bps: int
    """Raw bits that the codec takes in a second; 0 when nothing is compressed."""
    disk_bytes: int
    """Room for studies before compression, until the archive has them."""


@dataclass(frozen=True)
class UploadWork(Work):
    """One site's front-end processor and its archive."""

    processor_at: Place
    archive_at: Place
    arrivals: ArrivalProcess
    mix: StudyMix
    processor: FrontEndProcessor
    protocol: DicomProtocol
    tcp: Tcp
    lookback_ns: int
    """How much of the time before the window decides what is still waiting when it opens."""


@dataclass(frozen=True)
class FetchWork(Work):
    """How the terminals of one site fetch a study."""

    terminals_at: Place
    source_at: Place
    whole_study: bool
    """True: after the first image the rest of the study is fetched."""
    first_image_bytes: int
    request_bytes: int
    server_ns: int
    rendering_ns: int
    tcp: Tcp


@dataclass(frozen=True, slots=True)
class Roaming:
    """How terminals walk between access points."""

    access_points: tuple[Place, ...]
    """At least two; the next one is any of the others, all alike."""
    stay_mean_ns: int
    """Of the exponential time at one of them."""
    handover_ns: int
    """How long a terminal has no connection between two."""
    piece_bytes: int
    """What had not wholly come in such pieces when a handover began is asked for again."""


@dataclass(frozen=True, slots=True)
class ReadingTime:
    """Lognormal time in which a study is read."""

    median_ns: float
    sigma: float
    """Log standard deviation."""

    def draw_ns(self, draws: RandomStream) -> int:
        """Return one such time."""
        return max(1, round(draws.lognormal(self.median_ns, self.sigma)))


@dataclass(frozen=True, slots=True)
class Licences:
    """How many users a platform serves at once, and how long each of them reads."""

    pool: str
    """Its name; work of the same name shares the licences."""
    count: int
    reading: Mapping[str, ReadingTime]
    """By modality; a licence is held so long after the fetch."""


@dataclass(frozen=True)
class ReadingWork(FetchWork):
    """The terminals of one site, which read by themselves."""

    cache_at: Place
    """The reader's own archive, which holds prefetched studies."""
    cached_share: float
    """Share of the reads that the cache answers."""
    terminals: int
    arrivals: ArrivalProcess
    """Of one terminal."""
    mix: StudyMix
    lookback_ns: int
    patience_ns: int | None = None
    """From asking to giving up unless the last byte has come; None for readers who always wait."""
    roaming: Roaming | None = None
    """None for terminals that stay where they are."""
    licences: Licences | None = None
    """None where as many are served as ask."""

    @property
    def runs_before_ns(self) -> int:
        """Reads of that time hold licences that a later one may lack."""
        return 0 if self.licences is None else self.lookback_ns
