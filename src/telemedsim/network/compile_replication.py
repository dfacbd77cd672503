"""Compiles replication for disaster recovery: primary and survivor, how far apart they may be."""

from telemedsim.catalogue.default_parts import dicom_protocol
from telemedsim.core.great_circle import great_circle_km
from telemedsim.core.units import seconds_to_ns
from telemedsim.model.topology import Site
from telemedsim.model.workflows import StudyReplication
from telemedsim.network.participants import Pair, Participants, Unworkable, both_ways, given
from telemedsim.network.study_volume import studies_per_weekday
from telemedsim.network.work import ReplicationWork, Work
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
        work = _replication(parties, block, site, survivor)
        works.append(work)
        pairs += both_ways([(work.primary_at, work.survivor_at)])
    return works, pairs


def _replication(
    parties: Participants, block: StudyReplication, site: Site, survivor: str
) -> ReplicationWork:
    catalogue = parties.catalogue
    service = catalogue.services[block.service]
    # What the primary site holds was compressed when it was stored.
    mix = parties.mix(block.modality_mix, str(catalogue.value("processor_codec")))
    arrivals = parties.arrivals(_studies(parties, block, site, mix), block.hours)
    periodic = block.mode == "periodic"
    minutes = given(block.period_min, catalogue.number("replication_period_min"))
    period_ns = seconds_to_ns(minutes * 60) if periodic else 0
    connections = given(block.connections, int(catalogue.number("replication_connections")))
    return ReplicationWork(
        scenario=block.id,
        service=block.service,
        class_index=parties.class_index(block.class_of_service or service.class_of_service),
        probe=parties.probe(service),
        primary_at=parties.server_room(site.id),
        survivor_at=parties.server_room(survivor),
        arrivals=arrivals,
        mix=mix,
        connections=1 if periodic else connections,
        period_ns=period_ns,
        since_copy_ns=arrivals.opens_ns % DAY_NS % period_ns if periodic else 0,
        protocol=parties.once(("dicom", PROTOCOL), lambda: dicom_protocol(catalogue, PROTOCOL)),
        tcp=parties.tcp(),
        lookback_ns=parties.hours_ns("upload_lookback_h") + period_ns,
    )


def _studies(parties: Participants, block: StudyReplication, site: Site, mix: StudyMix) -> float:
    """Return the studies stored on a weekday."""
    asked = (block.studies_per_day, block.annual_tb)
    studies = studies_per_weekday(parties.catalogue, site, mix, parties.profile(block.hours), asked)
    if studies is None:
        message = "nothing says how many studies are stored at"
        remedy = (
            "Add 'annual_tb', 'beds' or 'studies_per_day' to the site, or a volume to this block"
        )
        raise Unworkable(block.id, "from", message, remedy, site=site.id)
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
