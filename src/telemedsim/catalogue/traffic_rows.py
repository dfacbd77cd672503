"""Rows of the catalogue about traffic: modalities, codecs, protocols, encoders, video formats."""

from typing import Any, Literal

from pydantic import Field

from telemedsim.catalogue.rows import Row
from telemedsim.core.units import DurationMs, RateBps, Ratio, SizeBytes


class ModalityRow(Row):
    """A kind of examination: a lognormal count of objects of one size."""

    label: str
    enabled: bool
    """Part of the default mix."""
    share: float = Field(ge=0, le=1)
    """Of the studies of a general hospital."""
    objects_median: float = Field(gt=0)
    sigma: float = Field(gt=0)
    """Log standard deviation of the count of objects."""
    objects_max: int = Field(ge=1)
    object_raw_bytes: SizeBytes
    """One object before compression."""
    lossless_ratio: float = Field(ge=1)
    """Raw over compressed bytes by JPEG-LS; 1 where objects are compressed already."""
    reading_min: float = Field(gt=0)
    """Mean minutes in which a study is read and reported on."""


class LosslessRatio(Row):
    """What JPEG-LS makes of one kind of images."""

    ratio: float = Field(ge=1)


class Codec(Row):
    """A lossless codec of a front-end processor."""

    label: str
    ratio: float = Field(ge=1)
    """Raw over compressed bytes, mean of all images."""
    speed_mb_per_s: float = Field(gt=0)
    """Raw megabytes a second."""


class DicomProtocolRow(Row):
    """How a study crosses; fields as in parts/traffic/dicom."""

    label: str
    request_bytes: SizeBytes
    accept_bytes: SizeBytes
    release_bytes: SizeBytes
    response_bytes: SizeBytes
    object_overhead_bytes: SizeBytes
    pdu_max_bytes: SizeBytes
    archive_ms: DurationMs
    """Median of the archive's time for an object."""
    archive_sigma: float = Field(ge=0)
    window: int = Field(ge=1)


class Encoder(Row):
    """How an encoder's frames vary; the parameters are those of the part ``kind``."""

    kind: Literal["video", "xr"]
    label: str
    parameters: dict[str, Any]


class VideoFormat(Row):
    """A video format with its default encoder, rate and receiver."""

    label: str
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    frame_rate: int = Field(gt=0)
    """Frames a second."""
    codec: Literal["h264", "h265"]
    encoder: str
    """Row of the encoders."""
    playout: str
    """Row of the playouts."""
    target_rate_bps: RateBps
    """Default mean rate of the encoder's output, packet headers not included."""


class PlayoutRow(Row):
    """How a receiver repairs and shows frames."""

    label: str
    jitter_buffer_ms: DurationMs
    repair: Literal["none", "nack", "fec"]
    fec_overhead: Ratio
    """Redundant share, where the repair is fec."""
    concealment: Ratio
    """A frame that misses at most this share of its packets is shown."""
