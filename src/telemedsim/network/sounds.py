"""Sound beside the video of a block: what the user says, or what its service is judged by."""

from typing import Literal

from telemedsim.catalogue import default_parts
from telemedsim.catalogue.rows import Service
from telemedsim.network.participants import Participants
from telemedsim.network.work import Sound

VOICE_CLASS = "telephony"
"""RFC 4594: the class of conversations."""
Choice = Literal["opus", "none"] | None
"""What a block says of its sound; None leaves it to the service."""


def sound(
    parties: Participants,
    asked: Choice,
    service: Service,
    video: str,
    *,
    class_name: str = VOICE_CLASS,
    repair: str | None = None,
) -> Sound | None:
    """Return the sound beside a video format, None where there is none.

    ``class_name`` carries it; without a ``repair`` it is that of conversations.
    """
    if (asked or service.sound) == "none":
        return None
    catalogue = parties.catalogue
    return Sound(
        source=default_parts.sound_source(catalogue),
        playout=default_parts.sound_playout(catalogue, video, repair),
        class_index=parties.class_index(class_name),
        rate_bps=round(catalogue.number("audio_rate_bps")),
    )
