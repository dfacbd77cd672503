"""The E-model (ITU-T G.107): how a conversation is rated by its delay and loss.

R = R0 - Is - Id - Ie_eff + A. The delay's impairment Id is that of absolute delay and of what the
defaults of G.107 leave of echo, which is the louder the later it comes. Nobody was asked for an
opinion: scores are derived, and say so.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from telemedsim.catalogue.load import Catalogue
from telemedsim.sla.cases import FloatArray

UNHEARD_MS = 100.0
"""Mouth-to-ear delay up to which nobody notices it (G.107 clause 7.4)."""
STEEPNESS = 6.0
"""Exponent of G.107's delay impairment."""
WORST_IMPAIRMENT = 95.0


@dataclass(frozen=True)
class VoiceFacts:
    """What the E-model asks for beside delay and loss."""

    default_rating: float
    """R0 - Is at no delay and no loss, all parameters at their defaults."""
    signal_to_noise: float
    """R0, which is Roe too: against it echo is weighed."""
    talker_echo_loss_db: float
    """TELR, how much quieter one's own echo is."""
    echo_path_loss_db: float
    """WEPL, how much quieter what goes round the whole loop is."""
    equipment_impairment: float
    """Ie of the codec."""
    loss_robustness: float
    """Bpl of the codec, in per cent of loss."""
    burst_ratio: float
    advantage: float
    fixed_delay_ms: float
    """Between mouth and ear beside network and buffer: a frame, look-ahead, devices."""
    buffer_ms: tuple[float, float]
    """Least and greatest jitter buffer of a receiver that adapts it."""
    buffer_quantile: float
    """Share of the packets that its buffer is to catch."""
    least_packets: float


def voice_facts(facts: Catalogue) -> VoiceFacts:
    """Return the catalogue's figures.

    >>> from telemedsim.catalogue.load import catalogue
    >>> voice_facts(catalogue()).fixed_delay_ms
    36.5
    """
    number = facts.number
    own_ms = [number(name) for name in ("audio_frame_ms", "sound_lookahead_ms", "sound_device_ms")]
    return VoiceFacts(
        default_rating=number("voice_default_rating"),
        signal_to_noise=number("voice_signal_to_noise"),
        talker_echo_loss_db=number("voice_talker_echo_loss_db"),
        echo_path_loss_db=number("voice_echo_path_loss_db"),
        equipment_impairment=number("voice_equipment_impairment"),
        loss_robustness=number("voice_loss_robustness"),
        burst_ratio=number("voice_burst_ratio"),
        advantage=number("voice_advantage"),
        fixed_delay_ms=sum(own_ms),
        buffer_ms=(number("sound_buffer_min_ms"), number("sound_buffer_max_ms")),
        buffer_quantile=number("sound_buffer_quantile"),
        least_packets=number("voice_rated_packets"),
    )


def delay_impairment(mouth_to_ear_ms: ArrayLike, voice: VoiceFacts) -> FloatArray:
    """Return Id of G.107 clause 7.4 for one-way delays from mouth to ear; 0 at no delay.

    >>> from telemedsim.catalogue.load import catalogue
    >>> delay_impairment([0, 100, 300], voice_facts(catalogue())).round(1).tolist()
    [0.0, 2.5, 20.5]
    """
    delay_ms = np.asarray(mouth_to_ear_ms, dtype=np.float64)
    # The default rating holds what the loop's echo takes at no delay.
    loop = _listener_echo(delay_ms, voice) - _listener_echo(np.zeros(()), voice)
    return _talker_echo(delay_ms, voice) + loop + absolute_delay(delay_ms)


def _talker_echo(delay_ms: FloatArray, voice: VoiceFacts) -> FloatArray:
    """Return Idte: one's own voice that comes back from the other end."""
    later = 40 * np.log10((1 + delay_ms / 10) / (1 + delay_ms / 150))
    loudness = voice.talker_echo_loss_db - later + 6 * np.exp(-0.3 * delay_ms**2)
    half = (voice.signal_to_noise - (80 + 2.5 * (loudness - 14))) / 2
    heard = 1 - np.exp(-delay_ms)
    return np.asarray((half + np.sqrt(half**2 + 100) - 1) * heard, dtype=np.float64)


def _listener_echo(delay_ms: FloatArray, voice: VoiceFacts) -> FloatArray:
    """Return Idle: the other's voice that went once round the loop, there and back."""
    level = 10.5 * (voice.echo_path_loss_db + 7) * (2 * delay_ms + 1) ** -0.25
    half = (voice.signal_to_noise - level) / 2
    return np.asarray(half + np.sqrt(half**2 + 169), dtype=np.float64)


def absolute_delay(mouth_to_ear_ms: ArrayLike) -> FloatArray:
    """Return Idd: that both begin to speak at once, were there no echo at all.

    >>> absolute_delay([20, 150, 400]).round(2).tolist()
    [0.0, 0.16, 24.07]
    """
    delay_ms = np.asarray(mouth_to_ear_ms, dtype=np.float64)
    octaves = np.log2(np.maximum(delay_ms, UNHEARD_MS) / UNHEARD_MS)

    def bend(corner: float) -> FloatArray:
        smooth = (1 + (octaves / corner) ** STEEPNESS) ** (1 / STEEPNESS)
        return np.asarray(corner * smooth, dtype=np.float64)

    return 25.0 * (bend(1.0) - bend(3.0) + 2.0)


def loss_impairment(loss: ArrayLike, voice: VoiceFacts) -> FloatArray:
    """Return Ie_eff of G.107 clause 7.5 for shares of packets that were not played.

    >>> from telemedsim.catalogue.load import catalogue
    >>> facts = voice_facts(catalogue())
    >>> loss_impairment([0, 0.01, 0.03], facts).round(2).tolist()
    [0.0, 3.64, 10.14]
    """
    percent = 100.0 * np.asarray(loss, dtype=np.float64)
    own = voice.equipment_impairment
    share = percent / (percent / voice.burst_ratio + voice.loss_robustness)
    return np.asarray(own + (WORST_IMPAIRMENT - own) * share, dtype=np.float64)


def rating(mouth_to_ear_ms: ArrayLike, loss: ArrayLike, voice: VoiceFacts) -> FloatArray:
    """Return R, 0 to 100 (`voice.advantage` included); it may lie below 0 for useless lines."""
    impaired = delay_impairment(mouth_to_ear_ms, voice) + loss_impairment(loss, voice)
    return voice.default_rating + voice.advantage - impaired


def opinion(ratings: ArrayLike) -> FloatArray:
    """Return the mean opinion score, 1 to 4.5, that G.107 annex B derives from R.

    >>> opinion([93.2, 70, -5]).round(2).tolist()
    [4.41, 3.6, 1.0]
    """
    r = np.clip(np.asarray(ratings, dtype=np.float64), 0.0, 100.0)
    return np.asarray(1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6, dtype=np.float64)
