"""How a block's senders answer reports of loss: the rule's figures, and the format they fall back to."""

from telemedsim.catalogue.default_parts import target_rate_bps
from telemedsim.core.units import seconds_to_ns
from telemedsim.model.workflows import Consultation, MorningReading
from telemedsim.network.participants import Participants, Unworkable
from telemedsim.network.video_formats import video
from telemedsim.network.work import Adaptation


def adaptation(
    parties: Participants,
    block: Consultation | MorningReading,
    first: str,
    codec: str | None = None,
) -> Adaptation | None:
    """Return how rooms that send a format first adapt; None where they do not.

    Unworkable where the fallback is no smaller than what they send first.
    """
    if block.fallback is None:
        return None
    catalogue = parties.catalogue
    number = catalogue.number
    first_bps = block.target_rate_bps or target_rate_bps(catalogue, first, codec)
    fallback = video(catalogue, block.fallback, codec, None, block.repair)
    if fallback.target_rate_bps >= first_bps:
        message = f"the fallback '{block.fallback}' needs no less than what is sent first"
        remedy = "Name a smaller format, such as 'fallback: 720p30', or leave it out"
        raise Unworkable(block.id, "fallback", message, remedy)
    return Adaptation(
        fallback=fallback,
        report_ns=seconds_to_ns(number("rtcp_interval_s")),
        loss_low=number("adaptation_loss.low"),
        loss_high=number("adaptation_loss.high"),
        increase=number("adaptation_increase"),
        decrease=number("adaptation_decrease"),
        headroom=number("adaptation_headroom"),
    )
