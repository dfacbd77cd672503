"""DICOM studies: how many objects of what size, and how many studies make a year's volume."""

import math
from typing import NamedTuple

from pydantic import Field, field_validator, model_validator

from telemedsim.core.frozen import Frozen
from telemedsim.core.random_streams import RandomStream
from telemedsim.parts.traffic._size_laws import normal_cdf

TERABYTE = 10**12


class Study(NamedTuple):
    """One study as it is sent."""

    modality: str
    objects: int
    object_bytes: int
    """One object after lossless compression."""
    raw_bytes: int
    """The whole study before compression."""

    @property
    def size_bytes(self) -> int:
        """The whole study after compression."""
        return self.objects * self.object_bytes


class Modality(Frozen):
    """A kind of examination: lognormal count of objects of one size."""

    name: str
    share: float = Field(ge=0)
    """Weight among the studies of a mix."""
    objects_median: float = Field(gt=0)
    sigma: float = Field(gt=0)
    """Log standard deviation of the count."""
    object_raw_bytes: int = Field(gt=0)
    """One object before compression."""
    lossless_ratio: float = Field(ge=1)
    """Raw over compressed bytes; 1 where objects are compressed already."""
    objects_max: int | None = Field(default=None, ge=1)
    """Larger counts are cut to this one; None cuts nothing."""

    @model_validator(mode="after")
    def _cut_above_the_median(self) -> "Modality":
        if self.objects_max is not None and self.objects_max < self.objects_median:
            raise ValueError(
                f"{self.name}: objects_max {self.objects_max} is below the median of"
                f" {self.objects_median:g} objects"
            )
        return self

    @property
    def object_bytes(self) -> int:
        """One object after compression, whole bytes, rounded up."""
        return math.ceil(self.object_raw_bytes / self.lossless_ratio)

    @property
    def mean_objects(self) -> float:
        """Expected objects of a study: the mean of the lognormal cut to [1, objects_max].

        Exact for what `objects` draws, since its rounding keeps the mean:
        P(X < 1) + E[X; 1 <= X < max] + max P(X >= max), partial expectations in closed form.
        """
        low = -math.log(self.objects_median) / self.sigma
        mean = self.objects_median * math.exp(0.5 * self.sigma**2)
        if self.objects_max is None:
            return normal_cdf(low) + mean * normal_cdf(self.sigma - low)
        high = math.log(self.objects_max / self.objects_median) / self.sigma
        middle = mean * (normal_cdf(high - self.sigma) - normal_cdf(low - self.sigma))
        return normal_cdf(low) + middle + self.objects_max * normal_cdf(-high)

    def objects(self, stream: RandomStream) -> int:
        """Draw a count of objects: two uniforms, the size and its rounding up or down."""
        exact = max(stream.lognormal(self.objects_median, self.sigma), 1.0)
        if self.objects_max is not None:
            exact = min(exact, float(self.objects_max))
        return math.floor(exact + stream.uniform())


class StudyMix(Frozen):
    """The studies of a hospital.

    >>> film = Modality(name="CR", share=1, objects_median=2, sigma=0.4,
    ...                 object_raw_bytes=7_530_000, lossless_ratio=3.64)
    >>> round(StudyMix(modalities=(film,)).mean_study_bytes)
    4494119
    """

    modalities: tuple[Modality, ...] = Field(min_length=1)

    @field_validator("modalities")
    @classmethod
    def _something_to_draw(cls, modalities: tuple[Modality, ...]) -> tuple[Modality, ...]:
        names = [modality.name for modality in modalities]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"modality {name} stands twice in the mix: keep one")
        if math.fsum(modality.share for modality in modalities) <= 0:
            raise ValueError(f"no modality of {', '.join(names)} has a share above 0")
        return modalities

    @property
    def mean_study_bytes(self) -> float:
        """Expected bytes of a study after compression, protocol overhead not included."""
        total = math.fsum(modality.share for modality in self.modalities)
        return math.fsum(m.share * m.mean_objects * m.object_bytes for m in self.modalities) / total

    def draw(self, stream: RandomStream) -> Study:
        """Draw a study: always three uniforms, so streams stay in step when the mix changes."""
        modality = self.modalities[stream.index([m.share for m in self.modalities])]
        objects = modality.objects(stream)
        return Study(
            modality.name, objects, modality.object_bytes, objects * modality.object_raw_bytes
        )

    def studies_per_day(self, annual_tb: float, days: float) -> float:
        """Return the studies of a weekday that make ``annual_tb`` (compressed) in a year.

        ``days`` is the year in weekday equivalents (a weekend day counts as its factor).
        """
        return annual_tb * TERABYTE / (days * self.mean_study_bytes)
