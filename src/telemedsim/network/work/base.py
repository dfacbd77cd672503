"""What all work has: places, probes, video."""

from collections.abc import Iterator
from dataclasses import dataclass

from telemedsim.parts.traffic import PacketSource, Playout

StreamWay = tuple[tuple[int, int], int]
"""(from node, to node) and the class index of a stream."""


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

    @property
    def runs_before_ns(self) -> int:
        """How long before the window its processes begin, without packets."""
        return 0

    def stream_ways(self) -> Iterator[StreamWay]:
        """Yield the way of each stream that is judged by itself; probes, which measure transfers, are not."""
        return iter(())


@dataclass(frozen=True, slots=True)
class Video:
    """One screen's stream and how a receiver shows it."""

    source: PacketSource
    playout: Playout
    target_rate_bps: int
    name: str = ""
    """Format and codec, such as 720p30/h264."""


@dataclass(frozen=True, slots=True)
class Adaptation:
    """How senders of video answer reports of loss."""

    fallback: Video
    """What they send when they believe that the wanted format does not come through."""
    report_ns: int
    """Between two reports of a receiver."""
    loss_low: float
    """Below this share of lost packets the estimate grows."""
    loss_high: float
    """Above this share it shrinks."""
    increase: float
    """Factor of a growing estimate."""
    decrease: float
    """Share of the loss by which it shrinks."""
    headroom: float
    """An estimate grows to at most so many times what is received."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What one microphone sends beside the video, and how a receiver plays it."""

    source: PacketSource
    playout: Playout
    class_index: int
    rate_bps: int
    """Of the codec, packet headers not included."""


def stream_classes(class_index: int, sound: Sound | None) -> list[int]:
    """Return the classes of pictures, and of sound if there is any, each once."""
    return sorted({class_index} if sound is None else {class_index, sound.class_index})


def streams_both_ways(
    one: Place, other: Place, class_index: int, sound: Sound | None
) -> Iterator[StreamWay]:
    """Yield the ways of pictures, and of sound if there is any, that two places send each other."""
    for index in stream_classes(class_index, sound):
        yield (one.node, other.node), index
        yield (other.node, one.node), index


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
