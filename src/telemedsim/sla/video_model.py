"""The video half of ITU-T G.1070: how a moving picture is rated by its bit rate, frame rate and loss.

Vq = 1 + Ic exp(-loss / Dp), 1 to 5. Nobody was asked for an opinion: scores are derived, and say so. They are
provisional: the coefficients come from one open port of the Recommendation, whose tables end at VGA, so that rates
of larger pictures are first divided by their pixels over VGA's.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from telemedsim.catalogue.load import Catalogue
from telemedsim.sla.cases import FloatArray

BPS_PER_KBPS = 1000.0
LEAST_KBPS = 1e-6
"""Below any rate: a logarithm is taken of it."""


@dataclass(frozen=True)
class VideoFacts:
    """What the model asks for beside rates and loss."""

    v: tuple[float, ...]
    """v1 to v12 of G.1070 annex B, for one codec, size of picture and screen."""
    known_pixels: float
    """Of the pictures that they were found for."""
    known_frame_rate: float
    known_loss: float
    """Greatest frame rate and share of lost packets that they were found for."""
    efficiency: dict[str, float]
    """Codec -> how many times the bits its picture would take in the codec of the coefficients."""
    least_s: float


def video_facts(facts: Catalogue) -> VideoFacts:
    """Return the catalogue's figures.

    >>> from telemedsim.catalogue.load import catalogue
    >>> video_facts(catalogue()).known_pixels
    307200.0
    """
    return VideoFacts(
        v=facts.numbers("video_score_coefficients"),
        known_pixels=facts.number("video_score_known.pixels"),
        known_frame_rate=facts.number("video_score_known.frame_rate"),
        known_loss=facts.number("video_score_known.loss"),
        efficiency={"h264": 1.0, "h265": 1 / (1 - facts.number("h265_saving"))},
        least_s=facts.number("video_score_least_s"),
    )


def coding_quality(rate_bps: ArrayLike, frame_rate: ArrayLike, video: VideoFacts) -> FloatArray:
    """Return Ic, what coding leaves of the score above 1, of pictures of the known size.

    >>> from telemedsim.catalogue.load import catalogue
    >>> coding_quality([5e5, 1e6], 30, video_facts(catalogue())).round(3).tolist()
    [2.163, 2.675]
    """
    v1, v2, v3, v4, v5, v6, v7 = video.v[:7]
    kbps = _kbps(rate_bps)
    best_frame_rate = v1 + v2 * kbps
    best = v3 * (1 - 1 / (1 + (kbps / v4) ** v5))
    width = v6 + v7 * kbps
    away = np.log(np.asarray(frame_rate, dtype=np.float64)) - np.log(best_frame_rate)
    return np.asarray(best * np.exp(-(away**2) / (2 * width**2)), dtype=np.float64)


def loss_robustness(rate_bps: ArrayLike, frame_rate: ArrayLike, video: VideoFacts) -> FloatArray:
    """Return Dp, the loss in per cent that leaves 1/e of the coding quality."""
    v8, v9, v10, v11, v12 = video.v[7:]
    frames = np.asarray(frame_rate, dtype=np.float64)
    more = v11 * np.exp(-frames / v8) + v12 * np.exp(-_kbps(rate_bps) / v9)
    return np.asarray(v10 + more, dtype=np.float64)


def score(
    rate_bps: ArrayLike, frame_rate: ArrayLike, loss: ArrayLike, video: VideoFacts
) -> FloatArray:
    """Return Vq, 1 to 5, for pictures of the known size and shares of lost packets.

    >>> from telemedsim.catalogue.load import catalogue
    >>> score([5e5, 1e6, 2e6], 30, [0, 0.01, 0.03], video_facts(catalogue())).round(3).tolist()
    [3.163, 2.926, 2.06]
    """
    percent = 100.0 * np.asarray(loss, dtype=np.float64)
    kept = np.exp(-percent / loss_robustness(rate_bps, frame_rate, video))
    return np.asarray(
        np.clip(1 + coding_quality(rate_bps, frame_rate, video) * kept, 1, 5), np.float64
    )


def _kbps(rate_bps: ArrayLike) -> FloatArray:
    rate = np.asarray(rate_bps, dtype=np.float64) / BPS_PER_KBPS
    return np.asarray(np.maximum(rate, LEAST_KBPS), dtype=np.float64)
