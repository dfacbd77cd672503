"""Virtual reality by 3GPP TR 38.838: truncated Gaussian frame sizes, optional truncated jitter."""

from typing import Literal

from pydantic import Field, model_validator

from telemedsim.parts.traffic._framed import FramedSource
from telemedsim.parts.traffic._size_laws import SizeLaw, TruncatedNormal, law_table


class Xr(FramedSource):
    """A VR encoder; as in the report, truncation is not scaled back, so an asymmetric one
    moves the mean away from the target a little (`expected_rate_bps` has it exactly)."""

    kind: Literal["xr"] = "xr"
    size_deviation: float = Field(gt=0)
    """Standard deviation of a frame's size before truncation, over the mean."""
    size_low: float = Field(gt=0, lt=1)
    """Smallest frame over the mean."""
    size_high: float = Field(gt=1)
    """Largest frame over the mean."""
    jitter_deviation_ms: float = Field(default=0.0, ge=0)
    """Of a frame's sending time, Gaussian around 0 before truncation; 0 is no jitter."""
    jitter_bound_ms: float = Field(default=0.0, ge=0)
    """Jitter lies within ± this; frames are sent this much later, so none precedes its capture."""

    @model_validator(mode="after")
    def _frames_stay_apart(self) -> "Xr":
        if (self.jitter_deviation_ms > 0) != (self.jitter_bound_ms > 0):
            raise ValueError(
                f"jitter_deviation_ms {self.jitter_deviation_ms:g} and jitter_bound_ms"
                f" {self.jitter_bound_ms:g}: give both, or neither"
            )
        period_ms = self.frame_period_ns / 1e6
        used_ms = 2 * self.jitter_bound_ms + self.pacing_share * period_ms
        if used_ms > period_ms:
            raise ValueError(
                f"jitter and pacing span {used_ms:.4g} ms of a frame period of {period_ms:.4g} ms,"
                " frames would overlap: lower jitter_bound_ms or pacing_share"
            )
        if self.mean_frame_bytes * self.size_low < 1:
            raise ValueError(
                f"target_rate_bps {self.target_rate_bps} leaves less than a byte for the smallest"
                " frame: raise it or lower the frame rate"
            )
        return self

    def _types(self) -> list[tuple[float, float, SizeLaw]]:
        law = TruncatedNormal(1.0, self.size_deviation, self.size_low, self.size_high)
        return [(1.0, self.mean_frame_bytes, law)]

    def _jitter_law(self) -> list[float]:
        bound = self.jitter_bound_ms
        if bound == 0:
            return []
        law = TruncatedNormal(0.0, self.jitter_deviation_ms, -bound, bound)
        return law_table([(1.0, 1.0, law)])
