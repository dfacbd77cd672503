"""Compiled study uploads and image reading."""

from dataclasses import dataclass

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
