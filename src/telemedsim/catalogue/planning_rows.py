"""Rows of the catalogue for planning: tiers, hospital scales, recovery, VR phases, scenarios."""

from pydantic import Field

from telemedsim.catalogue.rows import Row
from telemedsim.core.units import DurationMin, SizeTB

Range = tuple[float, float]
"""(least, greatest)."""


class PlanningRow(Row):
    """A planning fact with its section of the white paper."""

    section: str


class Tier(PlanningRow):
    """A level of the hierarchy; rows stand from the centre outwards."""

    role: str
    reaches: tuple[str, ...]
    """Technologies by which its sites reach the tier above."""


class HospitalScale(PlanningRow):
    """A size of hospital and the egress lines that the white paper gives it."""

    beds_min: int = Field(ge=0)
    beds_max: int | None = None
    """None: no upper bound."""
    annual_tb_max: SizeTB
    uplink_mbps: float = Field(gt=0)
    """Of each line."""
    lines: int = Field(ge=1)
    """Active and standby together."""
    studies_per_weekday: float = Field(gt=0)
    """Only warns where the annual volume says otherwise."""
    consultation_rooms: int = Field(ge=0)
    reading_terminals: int = Field(ge=0)


class RecoveryObjective(PlanningRow):
    """How soon a service must be back, and how much data may be lost."""

    scope: str
    """``local`` or ``remote``."""
    level: str
    """Scale of hospital, or ``any``."""
    rto_min: DurationMin
    rpo_min: DurationMin


class VrPhase(PlanningRow):
    """A phase of VR and what it asks of a network."""

    video: str
    bit_rate_mbps: Range
    transport_mbps: Range
    bandwidth_mbps: Range
    delay_ms_max: float = Field(gt=0)


class AccessLink(PlanningRow):
    """A way in which institutions reach the centres, and the technologies that stand for it."""

    technologies: tuple[str, ...]
    use: str


class ScenarioRow(PlanningRow):
    """A sub-scenario of the white paper and what it is judged by; its experiment has its name."""

    category: str
    """One of the paper's five categories, ``extra`` beside them, or ``whitepaper``: its figures put to the test."""
    services: tuple[str, ...] = ()
    connections: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    """Facts it is held against besides."""
    note: str = ""

    @property
    def file(self) -> str:
        """Return where its experiment stands in the project."""
        return f"experiments/{self.category}/{self.id}.yaml"
