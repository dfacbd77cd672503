"""Parts made of the catalogue's figures: what a workflow sends when a user says nothing else."""

from collections.abc import Mapping

from telemedsim.catalogue.load import Catalogue
from telemedsim.core.units import NS_PER_MS
from telemedsim.parts.arrivals.daily_profile import DailyProfile
from telemedsim.parts.traffic import PacketSource, Playout
from telemedsim.parts.traffic.constant import Constant
from telemedsim.parts.traffic.dicom import DicomProtocol
from telemedsim.parts.traffic.studies import Modality, StudyMix
from telemedsim.parts.traffic.video import Video
from telemedsim.parts.traffic.xr import Xr
from telemedsim.parts.transport import Tcp

REFERENCE_CODEC = "jpeg_ls"
"""The codec that the ratios of the modalities are measured with."""
MS_PER_S = 1000
BITS_PER_BYTE = 8
_SOURCES: Mapping[str, type[Video] | type[Xr]] = {"video": Video, "xr": Xr}


def tcp(catalogue: Catalogue) -> Tcp:
    """Return the parameters of TCP."""
    return Tcp.model_validate({name: fact.value for name, fact in catalogue.tcp.items()})


HOUR_WEIGHTS = {
    "clinic": "hour_weights",
    "sizing": "sizing_hour_weights",
    "night": "night_hour_weights",
    "even": "even_hour_weights",
}
"""What a user calls the hours of work -> the fact."""
WITH_WEEKENDS = ("clinic", "sizing")
"""Hours of which a weekend day has less."""


def daily_profile(catalogue: Catalogue, hours: str = "clinic") -> DailyProfile:
    """Return the shape of the day: of a clinic, of the white paper's sizing, of night work, or even.

    No weekend interrupts the latter two.
    """
    weekend = catalogue.number("weekend_factor") if hours in WITH_WEEKENDS else 1.0
    return DailyProfile(hour_weights=catalogue.numbers(HOUR_WEIGHTS[hours]), weekend_factor=weekend)


def lossless_ratio(catalogue: Catalogue, modality: str, codec: str) -> float:
    """Return raw over compressed bytes, at least 1.

    The modality's ratio is JPEG-LS's; other codecs scale it by their means over all images.
    """
    own = catalogue.modalities[modality].lossless_ratio
    scale = catalogue.codecs[codec].ratio / catalogue.codecs[REFERENCE_CODEC].ratio
    return max(own * scale, 1.0)


def study_mix(
    catalogue: Catalogue, shares: Mapping[str, float] | None = None, codec: str | None = None
) -> StudyMix:
    """Return a mix of studies, in the catalogue's order: the default mix, or the given shares.

    ``codec`` names the lossless codec; None means that nothing is compressed.
    """
    if shares is None:
        shares = {row.id: row.share for row in catalogue.modalities.values() if row.enabled}
    rows = [(row, shares[row.id]) for row in catalogue.modalities.values() if row.id in shares]
    return StudyMix(
        modalities=tuple(
            Modality(
                name=row.id,
                share=share,
                objects_median=row.objects_median,
                sigma=row.sigma,
                objects_max=row.objects_max,
                object_raw_bytes=row.object_raw_bytes,
                lossless_ratio=1.0 if codec is None else lossless_ratio(catalogue, row.id, codec),
            )
            for row, share in rows
        )
    )


def dicom_protocol(catalogue: Catalogue, kind: str, window: int | None = None) -> DicomProtocol:
    """Return how studies cross: ``c_store`` or ``streamed``."""
    row = catalogue.dicom_protocols[kind]
    figures = row.model_dump(exclude={"id", "label", "sources", "archive_ms", "window"})
    return DicomProtocol.model_validate(
        {
            **figures,
            "kind": kind,
            "archive_ns": round(row.archive_ms * NS_PER_MS),
            "window": window or row.window,
        }
    )


def target_rate_bps(catalogue: Catalogue, video: str, codec: str | None = None) -> int:
    """Return a format's default rate by a codec, h264 or h265; the latter needs less."""
    row = catalogue.videos[video]
    kept = 1 - catalogue.number("h265_saving")
    if codec is None or codec == row.codec:
        return row.target_rate_bps
    return round(row.target_rate_bps * kept if codec == "h265" else row.target_rate_bps / kept)


def video_source(
    catalogue: Catalogue, video: str, target_bps: int | None = None, codec: str | None = None
) -> PacketSource:
    """Return the source of a video format's packets, at its default rate or a given one."""
    row = catalogue.videos[video]
    encoder = catalogue.encoders[row.encoder]
    return _SOURCES[encoder.kind].model_validate(
        {
            **encoder.parameters,
            "frame_rate_num": row.frame_rate,
            "frame_rate_den": 1,
            "target_rate_bps": target_bps or target_rate_bps(catalogue, video, codec),
            "payload_bytes": round(catalogue.number("rtp_payload_bytes")),
            "overhead_bytes": round(catalogue.number("rtp_overhead_bytes")),
        }
    )


def playout(catalogue: Catalogue, video: str, repair: str | None = None) -> Playout:
    """Return how receivers of a video format show it, with its own repair or a given one."""
    row = catalogue.videos[video]
    receiver = catalogue.playouts[row.playout]
    chosen = repair or receiver.repair
    overhead = receiver.fec_overhead if chosen == "fec" else 0.0
    if chosen == "fec" and receiver.repair != "fec":
        # A receiver without redundancy of its own takes that of the first one that has it.
        overhead = next(one.fec_overhead for one in catalogue.playouts.values() if one.fec_overhead)
    return Playout.model_validate(
        {
            "jitter_buffer_ms": receiver.jitter_buffer_ms,
            "frame_period_ns": 1_000_000_000 // row.frame_rate,
            "repair": chosen,
            "fec_overhead": overhead,
            "concealment": receiver.concealment,
        }
    )


def sound_source(catalogue: Catalogue) -> Constant:
    """Return the packets of Opus: one a frame, at the catalogue's rate, RTP headers included."""
    frame_ms = catalogue.number("audio_frame_ms")
    payload_bytes = round(catalogue.number("audio_rate_bps") * frame_ms / MS_PER_S / BITS_PER_BYTE)
    return Constant(
        period_ns=round(frame_ms * NS_PER_MS),
        ip_bytes=payload_bytes + round(catalogue.number("rtp_overhead_bytes")),
    )


def sound_playout(catalogue: Catalogue, video: str, repair: str | None = None) -> Playout:
    """Return how sound is played beside a video format; a freeze is a gap that concealment cannot hide.

    Without a ``repair`` it is that of a conversation, whose buffer adapts: the largest one decides what is
    missing for good. With one it is a broadcast's, which has its picture's buffer and repair.
    """
    receiver = catalogue.playouts[catalogue.videos[video].playout]
    adaptive_ms = catalogue.number("sound_buffer_max_ms")
    return Playout.model_validate(
        {
            "jitter_buffer_ms": adaptive_ms if repair is None else receiver.jitter_buffer_ms,
            "frame_period_ns": round(catalogue.number("audio_frame_ms") * NS_PER_MS),
            "repair": repair or str(catalogue.value("sound_repair")),
            "fec_overhead": receiver.fec_overhead if repair == "fec" else 0.0,
            "concealed_gap_ms": catalogue.number("sound_concealed_gap_ms"),
        }
    )


def probe_source(catalogue: Catalogue) -> Constant:
    """Return the packets of a loss and delay probe."""
    return Constant(
        period_ns=round(catalogue.number("probe_period_ms") * NS_PER_MS),
        ip_bytes=round(catalogue.number("probe_ip_bytes")),
    )
