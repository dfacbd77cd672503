"""Quantities that blocks of several workflows have."""

from typing import Annotated

from pydantic import Field

from telemedsim.core.units import DurationMin, SizeBytes, SizeTB

PerDay = Annotated[float, Field(gt=0, le=1e7)]
PerHour = Annotated[float, Field(ge=0, le=1e5)]
Minutes = Annotated[DurationMin, Field(gt=0)]
Volume = Annotated[SizeTB, Field(gt=0)]
Bytes = Annotated[SizeBytes, Field(gt=0)]
