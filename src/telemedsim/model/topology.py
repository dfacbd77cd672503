"""Sites and the links between them, as a user writes them."""

from typing import Annotated, Literal

from pydantic import Field

from telemedsim.catalogue.part_specs import (
    DelayVariationPart,
    DropPolicyPart,
    LossPart,
    SchedulerPart,
)
from telemedsim.catalogue.rows import Technology
from telemedsim.core.frozen import Frozen
from telemedsim.core.units import (
    DurationH,
    DurationMs,
    DurationUs,
    LengthKm,
    MoneyIndex,
    PacketCount,
    RateBps,
    Ratio,
    SizeBytes,
    SizeTB,
)
from telemedsim.model.references import LinkName, ScaleName, SiteName, TechnologyName, TierName
from telemedsim.model.words import Identifier, SiteIdentifier

SCHEMA_VERSION = 1
"""Version of the YAML files; raised when a file of the version before would mean another thing."""


class Campus(Frozen):
    """The network inside a site, between its devices and its server room."""

    technology: TechnologyName
    rate_bps: RateBps | None = None
    """Both directions; the technology's where none is given."""
    access_points: int = Field(default=1, ge=1, le=1000)
    """Each is a link of its own to the server room; only those who roam use others than the first."""


class Site(Frozen):
    """A place: a centre, a hospital, a clinic, an ambulance."""

    id: SiteIdentifier
    name: str = ""
    """As people call it."""
    tier: TierName
    """Word of the catalogue's tiers."""
    latitude: float = Field(ge=-90, le=90)
    """Degrees, north positive."""
    longitude: float = Field(ge=-180, le=180)
    """Degrees, east positive."""
    scale: ScaleName | None = None
    """Hospital scale of the white paper's sizing table."""
    beds: int | None = Field(default=None, ge=0, le=1_000_000)
    annual_tb: SizeTB | None = None
    """Image data a year on the wire, after lossless compression; drives the study counts."""
    studies_per_day: float | None = Field(default=None, ge=0, le=1e7)
    """Only compared with what ``annual_tb`` says."""
    operator: str | None = None
    campus: Campus | None = None
    """None: the devices stand at the site's own node."""


class Link(Frozen):
    """A line between two sites; figures that are not given are its technology's."""

    id: Identifier
    ends: tuple[SiteName, SiteName]
    """Two sites, the lower (served) one first; 'up' is from the first to the second."""
    technology: TechnologyName
    rate_bps: RateBps | None = None
    """Both directions."""
    rate_up_bps: RateBps | None = None
    rate_down_bps: RateBps | None = None
    distance_km: LengthKm | None = None
    """Length of the route; where none is given, the great circle times the route factor."""
    route_factor: float | None = Field(default=None, ge=1, le=10)
    operator: str | None = None
    shared_risk_group: str | None = None
    """Duct, pole or bridge that fails as a whole; links of one group share its name."""
    role: Literal["active", "standby"] = "active"
    standby_of: LinkName | None = None
    """Link that a standby takes over from."""
    scheduler: SchedulerPart | None = None
    drop_policy: DropPolicyPart | None = None
    queue_limit_packets: Annotated[PacketCount, Field(gt=0)] | None = None
    """Of each queue, the packet in service counted."""
    queue_limit_bytes: Annotated[SizeBytes, Field(gt=0)] | None = None
    """Of each queue, the packet in service counted."""
    loss: LossPart | None = None
    delay_variation: DelayVariationPart | None = None
    overhead_bytes: SizeBytes | None = Field(default=None, le=1000)
    """Framing added to each IP packet."""
    min_frame_bytes: SizeBytes | None = Field(default=None, le=10_000)
    propagation_us_per_km: float | None = Field(default=None, ge=0, le=1000)
    propagation_fixed_ms: DurationMs | None = None
    node_transit_us: DurationUs | None = None
    availability: Annotated[Ratio, Field(gt=0)] | None = None
    mtbf_h: Annotated[DurationH, Field(gt=0)] | None = None
    mttr_h: Annotated[DurationH, Field(gt=0)] | None = None
    monthly_cost: MoneyIndex | None = None
    """Index of the whole line, broadband Internet at 1 Mbit/s = 1."""


class Topology(Frozen):
    """Sites, links and the technologies that the catalogue does not have."""

    telemedsim: Literal[1]
    """Version of the file's schema."""
    kind: Literal["topology"]
    name: Identifier
    description: str = ""
    attribution: str = ""
    """Whom the data comes from and under which licence."""
    tier_tree: Literal["free", "required"] = "free"
    """required: each site is served by one, and no cycle is allowed."""
    allow_isolated: bool = False
    """True: sites without a way to the others are no fault."""
    technologies: tuple[Technology, ...] = ()
    """Own technologies; one with the id of the catalogue's replaces it."""
    sites: tuple[Site, ...] = Field(min_length=1)
    links: tuple[Link, ...] = ()
