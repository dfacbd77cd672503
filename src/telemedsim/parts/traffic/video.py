"""An H.264 or H.265 encoder: frames of random size at an exact rate, sent as RTP.

Not modelled: rate changes and their bursts (RFC 8593 section 5.1), correlation of sizes between
frames of one type, and a frame clock that wanders.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from telemedsim.core.frozen import Frozen
from telemedsim.core.random_streams import child_key, draw_uniform
from telemedsim.parts.traffic._framed import GROUP, FramedSource
from telemedsim.parts.traffic._size_laws import MeanOneLognormal, SizeLaw, TruncatedLaplace


class LowDelay(Frozen):
    """Conference encoder: size = mean x (1 + Laplace(0, scale)), RFC 8593 section 5.1, truncated."""

    model: Literal["low_delay"] = "low_delay"
    scale: float = Field(gt=0)
    """RFC 8593 gives 0.15."""
    bound: float = Field(gt=0, lt=1)
    """Sizes stay within mean x (1 ± bound)."""


class GroupOfPictures(Frozen):
    """Broadcast encoder: I, P and B frames in a fixed order, lognormal sizes for each type."""

    model: Literal["gop"] = "gop"
    gop_s: float = Field(gt=0)
    """Length of a group; rounded to whole frames."""
    b_frames: int = Field(ge=0)
    """B frames between two others: 2 in IBBP."""
    i_to_p: float = Field(gt=0)
    """Mean size of I frames over that of P frames."""
    b_to_p: float = Field(gt=0)
    i_variation: float = Field(gt=0)
    """Coefficient of variation of the sizes of I frames."""
    p_variation: float = Field(gt=0)
    b_variation: float = Field(gt=0)


class Video(FramedSource):
    """An encoder whose mean output equals its target rate.

    A group starts at a position drawn from the key, so that groups of many streams do not march in
    step; frames are sent in the order of display, one at each tick of the frame clock.
    """

    kind: Literal["video"] = "video"
    sizes: Annotated[LowDelay | GroupOfPictures, Field(discriminator="model")]
    """How frame sizes vary."""

    @model_validator(mode="after")
    def _frames_have_bytes(self) -> "Video":
        smallest = min(mean for _, mean, _ in self._types())
        if smallest < self._least_mean_bytes:
            raise ValueError(
                f"target_rate_bps {self.target_rate_bps} leaves {smallest:.3g} bytes for a mean"
                f" frame, at least {self._least_mean_bytes:.3g} are needed: raise the rate or lower"
                " the frame rate"
            )
        return self

    @property
    def _least_mean_bytes(self) -> float:
        """Below this the floor of 1 byte a frame would lift the mean above the target."""
        if isinstance(self.sizes, LowDelay):
            return 1.0 / (1.0 - self.sizes.bound)
        return max(1.0 / law.quantile(0.0) for _, _, law in self._types())

    def _gop_frames(self, sizes: GroupOfPictures) -> int:
        return max(1, round(sizes.gop_s * self.frame_rate_num / self.frame_rate_den))

    def _types(self) -> list[tuple[float, float, SizeLaw]]:
        if isinstance(self.sizes, LowDelay):
            law = TruncatedLaplace(self.sizes.scale, self.sizes.bound)
            return [(1.0, self.mean_frame_bytes, law)]
        sizes = self.sizes
        length = self._gop_frames(sizes)
        anchors = -(-length // (sizes.b_frames + 1))
        counts = (1, anchors - 1, length - anchors)
        ratios = (sizes.i_to_p, 1.0, sizes.b_to_p)
        variations = (sizes.i_variation, sizes.p_variation, sizes.b_variation)
        weight = sum(count * ratio for count, ratio in zip(counts, ratios, strict=True))
        p_bytes = self.mean_frame_bytes * length / weight
        return [
            (count / length, p_bytes * ratio, MeanOneLognormal(variation))
            for count, ratio, variation in zip(counts, ratios, variations, strict=True)
        ]

    def _pattern(self) -> tuple[int, int]:
        if isinstance(self.sizes, LowDelay):
            return super()._pattern()
        return self._gop_frames(self.sizes), self.sizes.b_frames + 1

    def _position(self, key: int, frame: int) -> int:
        if isinstance(self.sizes, LowDelay):
            return frame
        return frame + int(draw_uniform(child_key(key, GROUP), 0) * self._gop_frames(self.sizes))
