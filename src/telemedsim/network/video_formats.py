"""Video formats of the catalogue as sources of packets and receivers."""

from telemedsim.catalogue.load import Catalogue
from telemedsim.catalogue.traffic_rows import VideoFormat
from telemedsim.network.work import Video
from telemedsim.parts.traffic import PacketSource, Playout
from telemedsim.parts.traffic.video import Video as VideoSource
from telemedsim.parts.traffic.xr import Xr

SOURCES: dict[str, type[VideoSource] | type[Xr]] = {"video": VideoSource, "xr": Xr}
NS_PER_S = 1_000_000_000


def video(
    catalogue: Catalogue,
    name: str,
    codec: str | None = None,
    target_rate_bps: int | None = None,
    repair: str | None = None,
) -> Video:
    """Return a format's stream and receiver; what is None is the format's own.

    Another codec of the same picture changes the target rate by what H.265 saves.
    """
    row = catalogue.videos[name]
    rate_bps = target_rate_bps or _rate_bps(catalogue, row, codec or row.codec)
    return Video(_source(catalogue, row, rate_bps), _playout(catalogue, row, repair), rate_bps)


def _rate_bps(catalogue: Catalogue, row: VideoFormat, codec: str) -> int:
    kept = 1.0 - catalogue.number("h265_saving")
    if codec == row.codec:
        return row.target_rate_bps
    return round(row.target_rate_bps * (kept if codec == "h265" else 1.0 / kept))


def _source(catalogue: Catalogue, row: VideoFormat, rate_bps: int) -> PacketSource:
    encoder = catalogue.encoders[row.encoder]
    return SOURCES[encoder.kind].model_validate(
        {
            **encoder.parameters,
            "frame_rate_num": row.frame_rate,
            "frame_rate_den": 1,
            "target_rate_bps": rate_bps,
            "payload_bytes": int(catalogue.number("rtp_payload_bytes")),
            "overhead_bytes": int(catalogue.number("rtp_overhead_bytes")),
        }
    )


def _playout(catalogue: Catalogue, row: VideoFormat, repair: str | None) -> Playout:
    receiver = catalogue.playouts[row.playout]
    chosen = repair or receiver.repair
    overhead = receiver.fec_overhead if chosen == "fec" else 0.0
    if chosen == "fec" and receiver.repair != "fec":
        # A receiver without redundancy of its own takes that of the first one that has it.
        overhead = next(one.fec_overhead for one in catalogue.playouts.values() if one.fec_overhead)
    return Playout.model_validate(
        {
            "jitter_buffer_ms": receiver.jitter_buffer_ms,
            "frame_period_ns": NS_PER_S // row.frame_rate,
            "repair": chosen,
            "fec_overhead": overhead,
            "concealment": receiver.concealment,
        }
    )
