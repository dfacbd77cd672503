"""Compiles replication to a survivor, and refuses pairs that the white paper's geography excludes."""

from telemedsim.core.great_circle import great_circle_km
from telemedsim.core.units import BYTES_PER_GB, DAY_S, seconds_to_ns
from telemedsim.model.experiment import Window
from telemedsim.model.topology import Site
from telemedsim.model.words import seconds_of_day
from telemedsim.model.workflows import StudyReplication
from telemedsim.model.workflows.replication import Disaster
from telemedsim.network.participants import (
    NoVolume,
    Pair,
    Participants,
    Unworkable,
    both_ways,
    given,
)
from telemedsim.network.study_volume import hospital_scale, studies_per_weekday
from telemedsim.network.work import Place, RecoveryWork, ReplicationWork, Work
from telemedsim.parts.arrivals.daily_profile import DAY_NS
from telemedsim.parts.traffic.studies import StudyMix

PROTOCOL = "streamed"
"""A copy between archives needs no acknowledgement an image."""


def compile_replication(
    parties: Participants, block: StudyReplication
) -> tuple[list[Work], list[Pair]]:
    """Return one piece of work a primary site; a site that is its own survivor copies nothing.

    Unworkable where a pair is too far apart or too close for the block's scope, or where nothing
    says how many studies are stored.
    """
    works: list[Work] = []
    pairs: list[Pair] = []
    for site in parties.selected(block.from_, block, "from"):
        survivor = parties.upwards(site.id, block.to, block, "to")
        if survivor == site.id:
            continue
        _check_distance(parties, block, site, parties.sites[survivor])
        _check_level(parties, block, site)
        work = _replication(parties, block, site, survivor)
        works.append(work)
        pairs += both_ways([(work.primary_at, work.survivor_at)])
        if work.recovery is not None:
            pairs += both_ways([(work.recovery.users_at, work.survivor_at)])
    return works, pairs


def _replication(
    parties: Participants, block: StudyReplication, site: Site, survivor: str
) -> ReplicationWork:
    catalogue = parties.catalogue
    service = catalogue.services[block.service]
    # What the primary site holds was compressed when it was stored.
    mix = parties.mix(block.modality_mix, str(catalogue.value("processor_codec")))
    arrivals = parties.arrivals(_studies(parties, block, site, mix), block.hours)
    period_ns = 0
    if block.mode == "periodic":
        minutes = given(block.period_min, catalogue.number("replication_period_min"))
        period_ns = seconds_to_ns(60 * minutes)
    survivor_at = parties.server_room(survivor)
    return ReplicationWork(
        scenario=block.id,
        service=block.service,
        class_index=parties.class_index(block.class_of_service or service.class_of_service),
        probe=parties.probe(service),
        primary_at=parties.server_room(site.id),
        survivor_at=survivor_at,
        mode=block.mode,
        period_ns=period_ns,
        first_period_ns=-(arrivals.opens_ns % DAY_NS) % period_ns if period_ns else 0,
        connections=given(block.connections, int(catalogue.number("replication_connections"))),
        arrivals=arrivals,
        mix=mix,
        protocol=parties.protocol(PROTOCOL),
        tcp=parties.tcp(),
        lookback_ns=parties.hours_ns("upload_lookback_h") + period_ns,
        recovery=_recovery(parties, block, site, survivor_at),
    )


def _studies(parties: Participants, block: StudyReplication, site: Site, mix: StudyMix) -> float:
    """Return the studies stored on a weekday."""
    asked = (block.studies_per_day, block.annual_tb)
    studies = studies_per_weekday(parties.catalogue, site, mix, parties.profile(block.hours), asked)
    if studies is None:
        raise NoVolume(block.id, site.id)
    return studies


def _check_distance(
    parties: Participants, block: StudyReplication, primary: Site, survivor: Site
) -> None:
    """Raise Unworkable where the white paper's geography calls the pair something else."""
    geography = parties.catalogue.facts["dr_geography"].value
    nearest_km = geography["remote_from_nearest_local_km_min"]
    farthest_km = geography["local_pair_km_max"]
    apart_km = great_circle_km(
        primary.latitude, primary.longitude, survivor.latitude, survivor.longitude
    )
    if block.scope == "local" and apart_km > farthest_km:
        wanted = f"at most {farthest_km} km"
        other = " or write 'scope: remote'" if apart_km >= nearest_km else ""
    elif block.scope == "remote" and apart_km < nearest_km:
        wanted = f"at least {nearest_km} km"
        other = " or write 'scope: local'" if apart_km <= farthest_km else ""
    else:
        return
    message = f"'{block.scope}' asks for {wanted}, and '{survivor.id}' is {apart_km:.0f} km from"
    remedy = f"Choose a survivor {wanted} away{',' if other else ''}{other}"
    raise Unworkable(block.id, "scope", message, remedy, site=primary.id, way=True)


def _check_level(parties: Participants, block: StudyReplication, primary: Site) -> None:
    """Refuse the objectives of another level than that of the primary's scale."""
    scale = hospital_scale(parties.catalogue, primary)
    if block.level is None or scale is None:
        return
    level = parties.catalogue.value("recovery_level_of_scale")[scale.id]
    if level != block.level:
        message = f"the level of a hospital of scale '{scale.id}' is '{level}', not that of"
        remedy = f"Write 'level: {level}', or give each level a block of its own"
        raise Unworkable(block.id, "level", message, remedy, site=primary.id)


def disaster_after_s(disaster: Disaster, window: Window) -> int:
    """Return how long after the opening of the window the primaries are lost; it may be behind its end."""
    return (seconds_of_day(disaster.at) - window.start_s) % DAY_S


def _recovery(
    parties: Participants, block: StudyReplication, primary: Site, survivor: Place
) -> RecoveryWork | None:
    disaster, catalogue = block.disaster, parties.catalogue
    if disaster is None:
        return None
    users_at = parties.server_room(disaster.working_set_to)
    if users_at.site in (primary.id, survivor.site):
        message = f"the working set goes to '{users_at.site}', which is one of the pair of"
        remedy = "Name the site of the users in 'working_set_to', such as a hospital"
        raise Unworkable(block.id, "disaster", message, remedy, site=primary.id)
    service = catalogue.services[block.services.recovery]
    window = parties.scenario.experiment.window
    working_set_bytes = round(catalogue.number("disaster_working_set_gb") * BYTES_PER_GB)

    def duration_ns(asked_s: float | None, fact: str) -> int:
        return seconds_to_ns(given(asked_s, catalogue.number(fact)))

    return RecoveryWork(
        scenario=block.id,
        service=service.id,
        class_index=parties.class_index(service.class_of_service),
        probe=parties.probe(service),
        at_ns=seconds_to_ns(disaster_after_s(disaster, window)),
        detection_ns=duration_ns(disaster.detection_s, "disaster_detection_s"),
        switch_over_ns=duration_ns(disaster.switch_over_s, "disaster_switch_over_s"),
        restart_ns=duration_ns(disaster.restart_s, "disaster_restart_s"),
        users_at=users_at,
        working_set_bytes=given(disaster.working_set_bytes, working_set_bytes),
        request_bytes=int(catalogue.number("reading_request_bytes")),
        server_ns=seconds_to_ns(catalogue.number("reading_server_ms") / 1000),
    )
