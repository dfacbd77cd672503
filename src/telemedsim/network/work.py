"""What control starts: frozen records for each participant of a scenario, numbers and parts only.

Times are nanoseconds, sizes bytes, rates bit/s; nodes and classes are named by index. Times of
day stand in the arrival parts; everything else counts from the opening of the window.
"""

from dataclasses import dataclass
from typing import Literal

from telemedsim.parts.arrivals import ArrivalProcess
from telemedsim.parts.traffic import PacketSource, Playout
from telemedsim.parts.traffic.dicom import DicomProtocol
from telemedsim.parts.traffic.studies import StudyMix
from telemedsim.parts.transport import Tcp


@dataclass(frozen=True, slots=True)
class Place:
    """Where a participant sits: a site, its tier, and the node that its packets leave from."""

    site: str
    tier: str
    node: int
    name: str
    """The node's name, which keys draws (an index would move when a site is added)."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What measures the loss of a path and class (definitions.md, rules 4 and 8)."""

    source: PacketSource


@dataclass(frozen=True)
class Work:
    """The base of every scenario's compiled work."""

    scenario: str
    service: str
    class_index: int
    probe: Probe | None
    """None where no clause bounds the loss of the work's transfers."""


@dataclass(frozen=True, slots=True)
class FrontEndProcessor:
    """Takes studies from the modalities, compresses them, and sends so many at a time."""

    associations: int
    compression_bps: int
    """Raw bits that the codec takes in a second; 0 when nothing is compressed."""


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
class ReadingWork(Work):
    """The terminals of one site and where they fetch from."""

    terminals_at: Place
    source_at: Place
    cache_at: Place
    """The reader's own archive, which holds prefetched studies."""
    cached_share: float
    """Share of the reads that the cache answers."""
    terminals: int
    arrivals: ArrivalProcess
    """Of one terminal."""
    mix: StudyMix
    whole_study: bool
    """True: after the first image the rest of the study is fetched."""
    first_image_bytes: int
    request_bytes: int
    server_ns: int
    rendering_ns: int
    tcp: Tcp
    lookback_ns: int


@dataclass(frozen=True, slots=True)
class Video:
    """One screen's stream and how a receiver shows it."""

    source: PacketSource
    playout: Playout
    target_rate_bps: int


@dataclass(frozen=True, slots=True)
class Rooms:
    """The consultation rooms of one site."""

    place: Place
    rooms: int
    screens: int
    """Cameras and screens of a room: it sends and shows so many streams."""
    arrivals: ArrivalProcess | None
    """Sessions that this site asks for; None for a site that only answers."""


@dataclass(frozen=True, slots=True)
class ImagePush:
    """The images that the asking room sends before the video begins."""

    size_bytes: int
    class_index: int
    tcp: Tcp


@dataclass(frozen=True)
class ConsultationWork(Work):
    """The rooms of a scenario and the bridge that joins them."""

    bridge_at: Place
    bridge_ports: int
    bridge_kind: Literal["sfu", "mcu"]
    """sfu: the bridge forwards packets of the other rooms; mcu: it sends streams of its own."""
    asking: tuple[Rooms, ...]
    answering: tuple[Rooms, ...]
    parties: int
    """Rooms of a session, the asking one included."""
    video: Video
    duration_median_ns: int
    duration_sigma: float
    push: ImagePush | None
    lookback_ns: int


@dataclass(frozen=True, slots=True)
class Viewers:
    """The viewers at one place, and the relay that serves them."""

    place: Place
    count: int
    relay_at: Place | None
    """None when the source serves them itself."""


@dataclass(frozen=True)
class BroadcastWork(Work):
    """One source, many viewers."""

    source_at: Place
    viewers: tuple[Viewers, ...]
    delivery: Literal["unicast", "multicast", "relay"]
    video: Video
    shows: tuple[tuple[int, int], ...]
    """(start, stop) of each session; a start may lie before the window."""


@dataclass(frozen=True, slots=True)
class ConnectionWork:
    """A connection whose SLA is judged by probes, both directions."""

    connection: str
    """Its id in the experiment."""
    service: str
    class_index: int
    place: Place
    towards: Place
    probe: Probe
