"""What a topology must fulfil beyond the types of its values; every check runs, all is reported."""

from collections.abc import Callable, Iterator

from telemedsim.catalogue.load import catalogue
from telemedsim.catalogue.rows import Technology
from telemedsim.core.errors import Fault
from telemedsim.core.units import FULL_PACKET_BYTES
from telemedsim.core.validation import fault_at
from telemedsim.model.check_identity import duplicates
from telemedsim.model.check_shape import shape_checks
from telemedsim.model.drafts import Placed, TopologyDraft
from telemedsim.model.topology import Link

LONG_DELAY_MS = 10_000
CAMPUS_SUFFIX = ".campus"
"""Ends the name of a site's campus network, so no link of the user may be called so."""

Check = Callable[[TopologyDraft], Iterator[Fault]]


def check_topology(draft: TopologyDraft) -> list[Fault]:
    """Return every fault and warning of a topology, those of its values included."""
    found = list(draft.faults)
    for check in (*CHECKS, *shape_checks()):
        found += check(draft)
    return found


def _identifiers(draft: TopologyDraft) -> Iterator[Fault]:
    for key in ("sites", "links", "technologies"):
        yield from duplicates(draft.node, key)
    campuses = {
        f"{one.record.id}{CAMPUS_SUFFIX}" for one in draft.sites if one.record.id is not None
    }
    for one in draft.links:
        name = one.record.id or ""
        # Further access points have a number behind the name.
        if name in campuses or name.rpartition("-")[0] in campuses:
            message = "identifier is that of a site's campus network"
            yield _at(draft, one, "id", "TM301", message, hint="Give the link another id")


def _self_loops(draft: TopologyDraft) -> Iterator[Fault]:
    for one in draft.links:
        ends = one.record.ends
        if ends is not None and ends[0] == ends[1]:
            hint = "Name two sites; a site's own network is its 'campus'"
            yield _at(draft, one, "ends", "TM303", "both ends are the same site", hint=hint)


def _rates(draft: TopologyDraft) -> Iterator[Fault]:
    for one in draft.links:
        link = one.record
        if None not in (link.rate_bps, link.rate_up_bps, link.rate_down_bps):
            message = "rate, rate_up and rate_down are all given"
            hint = "Keep 'rate' for both directions, or the other two"
            yield _at(draft, one, "rate_bps", "TM311", message, hint=hint)


def _queues(draft: TopologyDraft) -> Iterator[Fault]:
    technologies = _technologies(draft)
    for one in draft.links:
        link = one.record
        row = technologies.get(link.technology)
        if link.queue_limit_bytes is not None and link.queue_limit_packets is not None:
            message = "a queue has one limit, in packets or in bytes"
            yield _at(draft, one, "queue_limit_bytes", "TM311", message, hint="Keep one of them")
        overhead = link.overhead_bytes if link.overhead_bytes is not None else 0
        if link.overhead_bytes is None and row is not None:
            overhead = row.overhead_bytes
        least = FULL_PACKET_BYTES + overhead
        if link.queue_limit_bytes is not None and link.queue_limit_bytes < least:
            message = f"the queue holds no full packet of {least} bytes, framing included"
            hint = "Use a larger limit, such as 256 kB or 100 packets"
            value = link.queue_limit_bytes
            yield _at(draft, one, "queue_limit_bytes", "TM309", message, hint=hint, value=value)


def _delays(draft: TopologyDraft) -> Iterator[Fault]:
    technologies = _technologies(draft)
    for one in draft.links:
        link, row = one.record, technologies.get(one.record.technology)
        per_km = link.propagation_us_per_km
        if per_km is None:
            per_km = row.propagation_us_per_km if row is not None else 0.0
        route_ms = (link.distance_km or 0.0) * per_km / 1000
        delay_ms = (link.propagation_fixed_ms or 0.0) + route_ms
        if delay_ms > LONG_DELAY_MS:
            field = "distance_km" if route_ms > LONG_DELAY_MS else "propagation_fixed_ms"
            message = f"one-way delay of {delay_ms / 1000:.4g} s"
            hint = "A geostationary hop takes 0.25 s: look for a slip in the unit"
            yield _at(draft, one, field, "TM402", message, hint=hint)


def _standbys(draft: TopologyDraft) -> Iterator[Fault]:
    links = {one.record.id: one.record for one in draft.links}
    for one in draft.links:
        if one.faulty & {"ends", "role", "standby_of"}:
            continue  # What was meant is not known.
        if one.record.standby_of is None and not one.clean:
            continue  # It may stand there under a mistyped key.
        problem = _standby_problem(one.record, links)
        if problem is not None:
            field = "role" if one.record.standby_of is None else "standby_of"
            message, hint = problem
            value = one.record.standby_of or one.record.role
            yield _at(draft, one, field, "TM306", message, hint=hint, value=value)


def _standby_problem(link: Link, links: dict[str, Link]) -> tuple[str, str] | None:
    """Return what is wrong with a standby and the remedy, or None."""
    if link.role == "active":
        if link.standby_of is None:
            return None
        return "an active link stands by for none", "Write 'role: standby', or remove 'standby_of'"
    if link.standby_of is None:
        return "a standby must say for which link", "Add 'standby_of: <id of the active link>'"
    if link.standby_of == link.id:
        return "a link cannot be its own standby", "Name another, active link"
    primary = links.get(link.standby_of)
    if primary is None:
        return None
    if primary.role == "standby":
        return "a standby must stand by for an active link", f"'{primary.id}' is itself a standby"
    if primary.ends is not None and link.ends[0] != primary.ends[0]:
        where = f"'{primary.id}' serves '{primary.ends[0]}', this one '{link.ends[0]}'"
        return "a standby must serve the same site (first end)", where
    return None


def _shared_fate(draft: TopologyDraft) -> Iterator[Fault]:
    links = {one.record.id: one.record for one in draft.links}
    for one in draft.links:
        link = one.record
        primary = links.get(link.standby_of or "")
        if primary is None or primary.id == link.id or link.role == "active":
            continue
        if link.operator is not None and link.operator == primary.operator:
            message = f"this standby and '{primary.id}' are lines of one operator"
            hint = "Redundant lines should be of different operators"
            yield _at(draft, one, "operator", "TM401", message, hint=hint, value=link.operator)
        group = link.shared_risk_group
        if group is not None and group == primary.shared_risk_group:
            message = f"this standby and '{primary.id}' may fail together"
            hint = "Redundant lines should share no duct"
            yield _at(draft, one, "shared_risk_group", "TM401", message, hint=hint, value=group)


def _class_shares(draft: TopologyDraft) -> Iterator[Fault]:
    classes = tuple(catalogue().classes)
    for one in draft.links:
        scheduler = one.record.scheduler
        if scheduler is None:
            continue
        try:
            scheduler.parameters(classes)
        except ValueError as error:
            yield _at(draft, one, "scheduler", "TM302", str(error))


def _technologies(draft: TopologyDraft) -> dict[str, Technology]:
    rows = dict(catalogue().technologies)
    return rows | {row.id: row for row in draft.technologies}


def _at(
    draft: TopologyDraft,
    one: Placed[Link],
    field: str,
    code: str,
    message: str,
    *,
    hint: str = "",
    value: object = None,
) -> Fault:
    path = (*one.path, field)
    if value is None:
        return fault_at(draft.node, path, code, message, hint=hint)
    return fault_at(draft.node, path, code, message, hint=hint, value=value)


CHECKS: tuple[Check, ...] = (
    _identifiers,
    _self_loops,
    _rates,
    _queues,
    _delays,
    _standbys,
    _shared_fate,
    _class_shares,
)
