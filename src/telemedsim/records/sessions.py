"""What control says of the work: sessions and their legs, before they become tables."""

from dataclasses import dataclass, field

COMPLETED, RUNNING, BLOCKED, ABANDONED = "completed", "running", "blocked", "abandoned"
LOST = "lost"
"""Cut off by a failure of the scenario, such as the loss of a centre."""
SOUND = "sound"
"""Role of the legs of a stream of sound: judged by the clauses of sound, and by no other."""
OUTCOMES = (COMPLETED, RUNNING, BLOCKED, ABANDONED, LOST)


@dataclass(slots=True)
class Measure:
    """A time that a clause judges: from ``origin_ns`` to the arrival of a transfer's step.

    ``waiting_ns`` of it passed before the transfer began, and ``server_after_ns`` (rendering)
    is added after the last byte.
    """

    name: str
    """``response`` (first displayable image), ``study`` (all images), ``lag`` (upload), ``result``
    (examination to report), ``alarm`` or ``text``."""
    step: int
    origin_ns: int
    """May lie before the window opens."""
    object_bytes: int
    waiting_ns: int = 0
    server_after_ns: int = 0
    stages: tuple[tuple[str, int], ...] = ()
    """What the waiting consisted of, (name, ns) one after the other from ``origin_ns`` on."""


@dataclass(slots=True)
class LegUse:
    """One participant's leg and direction: the unit of a verdict (definitions.md, rule 1)."""

    leg: int
    session: int
    flow: int
    """-1 for a unit that was still waiting to send when the run ended: it has measures only."""
    flow_leg: int
    """Which leg of a stream; for a transfer the end whose data is judged (0 or 1)."""
    kind: str
    """``stream``, ``transfer``, ``connection`` (a probe of a connection) or ``probe``.

    A ``probe`` only gives the loss of transfers (rule 4); it is never judged itself.
    """
    role: str
    """Such as ``viewer``, ``room``, ``sound``, ``bridge``, ``upload``, ``reader``, ``alarm``, ``probe``."""
    direction: str
    """``up`` (towards the centre or bridge) or ``down``."""
    site: str
    tier: str
    peer: str
    path: tuple[int, ...]
    """Interfaces in the order of the judged data."""
    class_index: int
    joined_ns: int
    """When the participant asked; may lie before the window opens (then start-up is not judged)."""
    target_rate_bps: int = 0
    """The encoder's target, for streams of frames."""
    provisioned_bps: int = 0
    """Least IP-layer rate over the path."""
    measures: tuple[Measure, ...] = ()
    probe_leg: int = -1
    """The connection or probe leg that gives this leg's loss (transfers, rule 4)."""
    scenario: str = ""
    """Only for a leg without a session: the connection's id in the experiment."""
    service: str = ""
    """Only for a leg without a session: the connection of the catalogue."""
    ended_ns: int = -1
    """When control ended it before its session; -1: it ends with its session, or by itself."""
    handover_ns: int = -1
    """How long a handover had cut its participant off before it began, 0 for none; -1: no roaming."""
    video: str = ""
    """Format and codec of its picture, such as 720p30/h264."""


@dataclass(slots=True)
class SessionRecord:
    """One use of a service."""

    session: int
    scenario: str
    service: str
    site: str
    """The requesting, viewing or patient site."""
    tier: str
    started_ns: int
    ended_ns: int = -1
    outcome: str = RUNNING
    in_progress: bool = False
    """It was already under way when the window opened."""
    blocked_by: str = ""


@dataclass(slots=True)
class ResourceRecord:
    """How full something became that work at a site shares, such as a disk."""

    scenario: str
    site: str
    resource: str
    unit: str
    capacity: int
    peak: int = 0
    """The most in use at the same time, in the window."""
    waited: int = 0
    """How often someone had to wait for a place."""


@dataclass(frozen=True, slots=True)
class ControlRecords:
    """All that control recorded in one replication."""

    sessions: list[SessionRecord]
    legs: list[LegUse]
    control_events: int
    resources: list[ResourceRecord] = field(default_factory=list)
