"""Video formats of the catalogue as sources of packets and receivers."""

from telemedsim.catalogue import default_parts
from telemedsim.catalogue.load import Catalogue
from telemedsim.model.scenario import Judged
from telemedsim.network.participants import Participants, Unworkable
from telemedsim.network.work import Video


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
    rate_bps = target_rate_bps or default_parts.target_rate_bps(catalogue, name, codec)
    source = default_parts.video_source(catalogue, name, rate_bps)
    row = catalogue.videos[name]
    receiver = default_parts.playout(catalogue, name, repair)
    return Video(source, receiver, rate_bps, f"{name}/{codec or row.codec}")


def video_name(parties: Participants, block: Judged, asked: str | None) -> str:
    """Return the format that a block asks for, or its service's first; Unworkable without either."""
    videos = parties.catalogue.services[block.service].videos
    if asked is None and not videos:
        message = f"service '{block.service}' names no video format"
        remedy = "Add 'video', such as 'video: 1080p30', or name a service with video"
        raise Unworkable(block.id, "service", message, remedy)
    return asked or videos[0]
