"""Rows of the catalogue: link technologies, classes of service, and SLAs with their clauses."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from telemedsim.catalogue.part_specs import (
    DelayVariationPart,
    DropPolicyPart,
    LossPart,
    SchedulerPart,
)
from telemedsim.core.frozen import Frozen
from telemedsim.core.units import (
    FULL_PACKET_BYTES,
    DurationH,
    DurationMs,
    DurationUs,
    RateBps,
    SizeBytes,
)

Confidence = Literal["sourced", "well_known", "assumption"]
"""sourced: read in the cited text; well_known: of the named standard or paper, not re-read;
assumption: an engineering default that a scenario may override."""

LegKind = Literal["stream", "transfer", "connection", "session"]


class Source(Frozen):
    """Where one figure comes from."""

    source: str
    """Citation."""
    confidence: Confidence
    note: str = ""


class Row(Frozen):
    """A record of the catalogue; ``sources`` says for each figure where it comes from."""

    id: str
    sources: dict[str, Source] = Field(default_factory=dict)
    """Field -> source."""


class Fact(Row):
    """A figure that belongs to no other row: a number, a text, a list or a small table."""

    value: Any
    unit: str
    topic: str = ""

    @property
    def source(self) -> Source:
        """Where the value comes from."""
        return self.sources["value"]


class Technology(Row):
    """What a link of this technology is like, unless a topology says otherwise.

    "Up" is from a link's first end (the lower tier) to its second (the centre).
    """

    label: str
    medium: Literal["fibre", "radio", "satellite"]
    use: str
    """Who uses it."""
    rate_up_bps: RateBps
    rate_down_bps: RateBps
    overhead_bytes: SizeBytes
    """Framing added to each IP packet; counts against the rate."""
    min_frame_bytes: SizeBytes
    """Least size on the wire, overhead included; 0 for none."""
    propagation_us_per_km: float = Field(ge=0)
    """Per kilometre of route."""
    propagation_fixed_ms: DurationMs
    """One way, whatever the distance."""
    route_factor: float = Field(ge=1)
    """Route kilometres per great-circle kilometre."""
    node_transit_us: DurationUs
    """Transit of the node at the far end, without queueing."""
    delay_variation: DelayVariationPart
    loss: LossPart
    scheduler: SchedulerPart
    drop_policy: DropPolicyPart
    queue_limit: int = Field(gt=0)
    """Of each queue of the scheduler, counting the packet in service; see ``queue_unit``."""
    queue_unit: Literal["packets", "bytes", "ms"]
    """``ms``: bytes that the direction's rate sends in that time."""
    availability: float = Field(gt=0, lt=1)
    mtbf_h: DurationH = Field(gt=0)
    mttr_h: DurationH = Field(gt=0)
    monthly_cost_per_mbps: float = Field(ge=0)
    """Index, broadband Internet = 1; of the larger direction's rate."""
    monthly_cost_per_mbps_km: float = Field(ge=0)
    """Added per kilometre of route."""

    def queue_limit_of(self, rate_bps: int) -> tuple[int, bool]:
        """Return (limit, True if in bytes) of a direction with this rate.

        A time becomes the bytes that drain in it, at least one full packet of 1500 bytes.
        """
        if self.queue_unit == "ms":
            return max(rate_bps * self.queue_limit // 8000, FULL_PACKET_BYTES), True
        return self.queue_limit, self.queue_unit == "bytes"

    def propagation_ns(self, route_km: float) -> int:
        """Return the one-way propagation of a route, in ns, without the node's transit."""
        return round(self.propagation_fixed_ms * 1e6 + self.propagation_us_per_km * 1e3 * route_km)

    def monthly_cost(self, rate_bps: int, route_km: float) -> float:
        """Return the index of a line's monthly cost, from the rate of its larger direction."""
        per_mbps = self.monthly_cost_per_mbps + self.monthly_cost_per_mbps_km * route_km
        return rate_bps / 1e6 * per_mbps


class ServiceClass(Row):
    """A service class of RFC 4594; rows stand in order of priority, the highest first."""

    phb: str
    """Per-hop behaviour."""
    dscp: int = Field(ge=0, le=63)
    """Code point of the class, or of the first drop precedence of an assured class."""
    weight: int = Field(ge=1)
    """Default weight in WFQ, in hundredths of the line."""
    quantum_bytes: int = Field(ge=1)
    """Default quantum in DRR."""
    use: str


class ClauseKind(Row):
    """What a clause means, whatever its bound."""

    unit: str
    statistic: str
    """What of the measured values is compared: p95, max, minimum, ratio, count or the value."""
    delay_basis: str = ""
    """``one_way`` or ``round_trip``, for delays."""
    measure: dict[LegKind, str]
    """Kind of leg -> what of it is measured; empty when no workflow measures it."""
    assumed: tuple[str, ...] = ()
    """Fields that the white paper leaves open."""
    rule: str
    """Number of the rule that says how a verdict is counted."""
    meaning: str

    @property
    def is_minimum(self) -> bool:
        """True if the observed value must not lie below the bound."""
        return self.id.endswith("_min")


class Clause(Frozen):
    """One bound of an SLA, with all that is needed to judge it."""

    clause: str
    """Such as ``delay_ms_max``; ``_min`` and ``_max`` give the sense."""
    bound: float
    unit: str
    strict: bool = False
    """True: the bound itself already breaks it."""
    statistic: str
    delay_basis: str = ""
    measure: dict[LegKind, str]
    assumed: tuple[str, ...] = ()
    """Fields that the white paper leaves open, ``bound`` if it gives none."""
    bound_by_video: dict[str, float] = Field(default_factory=dict)
    """Bounds for other video formats than the first of the service."""
    bound_by_objective: dict[str, float] = Field(default_factory=dict)
    """Bounds by recovery objective, such as local.secondary."""
    column: str = ""
    """Column of the white paper when it is called otherwise."""
    section: str
    rule: str
    source: str
    confidence: Confidence
    not_judged: str = ""
    """Why no workflow can judge it; empty for clauses that are judged."""
    note: str = ""

    @property
    def is_minimum(self) -> bool:
        """True if the observed value must not lie below the bound."""
        return self.clause.endswith("_min")

    def bound_for(self, word: str) -> float:
        """Return the bound for a video format or recovery objective (its own, else the clause's)."""
        return {**self.bound_by_video, **self.bound_by_objective}.get(word, self.bound)


class Sla(Row):
    """A promise: clauses, and the white paper's other columns."""

    section: str
    """Of the white paper."""
    label: str
    class_of_service: str
    """Default class of its packets."""
    clauses: tuple[Clause, ...]
    figures: dict[str, Any] = Field(default_factory=dict)
    """Columns of the white paper that are no bounds."""
    note: str = ""

    def clause(self, name: str) -> Clause | None:
        """Return the clause of that name, or None."""
        return next((one for one in self.clauses if one.clause == name), None)

    def judged_clauses(self) -> tuple[Clause, ...]:
        """Return the clauses that a workflow can judge."""
        return tuple(one for one in self.clauses if not one.not_judged)


class Connection(Sla):
    """What a connection of a tier must give."""

    tiers: tuple[str, ...]
    technologies: tuple[str, ...] = ()
    """Those that the white paper names; empty when it names none."""


class Service(Sla):
    """What a medical user must see."""

    workflows: tuple[str, ...] = ()
    """Workflows whose sessions it judges; empty when none of this version does."""
    transfer_class_of_service: str = ""
    """Default class of the transfers beside its streams (an image push); empty: as the others."""
    object_size_bytes: int | None = None
    """Default size of the judged object."""
    patience_s: float | None = None
    """How long its users wait before they give up; None where they are at work and wait."""
    screens: int | None = None
    """Video streams of a room, each way."""
    videos: tuple[str, ...] = ()
    """Video formats, the default first."""
    sound: Literal["opus", "none"] = "none"
    """Codec of the sound beside the video; `none` where no clause asks for sound."""


Rows = Mapping[str, Row]
