"""Compiles consultations: rooms, their hosts and bridges, and what they fetch."""

import math
from collections.abc import Iterator, Sequence

from telemedsim.core.units import MINUTE_S, seconds_to_ns
from telemedsim.model.topology import Site
from telemedsim.model.workflows import Consultation, MorningReading
from telemedsim.network.adaptations import adaptation
from telemedsim.network.compile_imaging import fetch_of_site
from telemedsim.network.participants import Pair, Participants, Unworkable, both_ways, given
from telemedsim.network.sounds import sound
from telemedsim.network.study_volume import hospital_scale
from telemedsim.network.video_formats import video, video_name
from telemedsim.network.work import (
    ConsultationWork,
    FetchWork,
    ImagePush,
    Rooms,
    Work,
)

MEGABYTE = 1_000_000
LONG_TAIL_DEVIATIONS = 3.0
"""How far out the law of durations is compared, when a scenario's is longer than the usual one."""


def compile_consultation(
    parties: Participants, block: Consultation
) -> tuple[list[Work], list[Pair]]:
    """Return the rooms and the bridge of each host as one piece of work."""
    asking_sites = parties.selected(block.participants, block, "participants")
    hosts = parties.by_server(asking_sites, block.host, block, "host")
    works: list[Work] = []
    pairs: list[Pair] = []
    for host, sites in hosts.items():
        work = _hosted(parties, block, host, sites, len(asking_sites))
        works.append(work)
        rooms = (*work.asking, *work.answering)
        pairs += both_ways([(one.place, work.bridge_at) for one in rooms])
        pairs += both_ways([(one.terminals_at, one.source_at) for one in work.fetches])
    return works, pairs


def _hosted(
    parties: Participants, block: Consultation, host: str, sites: Sequence[Site], askers: int
) -> ConsultationWork:
    """Return what one host joins; ``askers`` is the number of asking sites of all hosts."""
    catalogue = parties.catalogue
    service = catalogue.services[block.service]
    screens = given(block.screens, service.screens or 1)
    median_min = given(block.duration_median_min, catalogue.number("consultation_median_min"))
    sigma = given(block.duration_sigma, catalogue.number("consultation_sigma"))
    ports = int(catalogue.number("consultation_platform.concurrent_points_min"))
    asking = tuple(_asking(parties, block, site, screens, askers) for site in sites)
    answering = tuple(_answering(parties, block, host, screens))
    push = _push(parties, block)
    return ConsultationWork(
        scenario=block.id,
        service=block.service,
        class_index=parties.class_index(block.class_of_service or service.class_of_service),
        probe=parties.probe(service),
        bridge_at=parties.server_room(host),
        bridge_ports=given(block.bridge_ports, ports),
        bridge_kind=given(block.bridge, catalogue.value("consultation_bridge")),
        asking=asking,
        answering=answering,
        parties=given(block.parties, int(catalogue.number("consultation_parties"))),
        video=video(
            catalogue,
            video_name(parties, block, block.video),
            block.codec,
            block.target_rate_bps,
            block.repair,
        ),
        duration_median_ns=seconds_to_ns(median_min * MINUTE_S),
        duration_sigma=sigma,
        push=push,
        lookback_ns=_lookback_ns(parties, median_min, sigma),
        sound=sound(parties, block.sound, service, video_name(parties, block, block.video)),
        adaptation=adaptation(parties, block, video_name(parties, block, block.video), block.codec),
        shared=video(catalogue, block.shared_screen) if block.shared_screen is not None else None,
        fetches=_fetches(parties, block, host, (*asking, *answering)),
        study_bytes=push.size_bytes if push is not None else _usual_push_bytes(parties),
    )


def _fetches(
    parties: Participants, block: Consultation, host: str, rooms: Sequence[Rooms]
) -> tuple[FetchWork, ...]:
    """Return how the rooms of each site fetch the images; nothing where no service judges it."""
    if block.services is None:
        return ()
    service = block.services.reading
    sites = dict.fromkeys(one.place.site for one in rooms)
    return tuple(fetch_from(parties, block, service, host, site) for site in sites)


def fetch_from(
    parties: Participants,
    block: Consultation | MorningReading,
    service: str,
    host: str,
    site: str,
) -> FetchWork:
    """Return how a site fetches the images of a meeting, from its host unless the block says else."""
    figures, source = block.image_fetch, host
    if figures.source is not None:
        source = parties.upwards(site, figures.source, block, "image_fetch")
    at = parties.server_room(source)
    return fetch_of_site(parties, block, figures, service, site, at, "image_fetch")


def _answering(
    parties: Participants, block: Consultation, host: str, screens: int
) -> Iterator[Rooms]:
    """Yield the experts' rooms: the host's own, or those of the experts; of a tier's host, its own experts."""
    experts: Sequence[Site] = (parties.sites[host],)
    if block.experts is not None:
        experts = parties.selected(block.experts, block, "experts")
        if block.host != host:
            experts = [site for site in experts if host in (site.id, *parties.ancestors(site.id))]
    if not experts:
        message = "none of the experts is served by"
        remedy = "Widen 'experts', or leave it out: then the host answers"
        raise Unworkable(block.id, "experts", message, remedy, site=host)
    for site in experts:
        rooms = _room_count(parties, block.expert_rooms, site)
        yield Rooms(parties.campus(site.id), rooms, given(block.expert_screens, screens), None)


def _asking(
    parties: Participants, block: Consultation, site: Site, screens: int, sites: int
) -> Rooms:
    rooms = _room_count(parties, block.rooms, site)
    usual = rooms * parties.catalogue.number("consultations_per_room_weekday")
    if block.sessions_per_day is not None:
        usual = block.sessions_per_day / sites
    per_weekday = given(block.sessions_per_site_per_day, usual)
    return Rooms(parties.campus(site.id), rooms, screens, parties.arrivals(per_weekday))


def _room_count(parties: Participants, asked: int | None, site: Site) -> int:
    """Return a site's rooms: asked for, by its scale, at least one."""
    if asked is not None:
        return asked
    scale = hospital_scale(parties.catalogue, site)
    return max(1, scale.consultation_rooms) if scale is not None else 1


def _push(parties: Participants, block: Consultation) -> ImagePush | None:
    if block.image_push == "none":
        return None
    catalogue = parties.catalogue
    service = catalogue.services[block.service]
    name = (
        block.image_push.class_of_service
        or service.transfer_class_of_service
        or service.class_of_service
    )
    size = given(block.image_push.size_bytes, _usual_push_bytes(parties))
    return ImagePush(size, parties.class_index(name), parties.tcp())


def _usual_push_bytes(parties: Participants) -> int:
    return round(parties.catalogue.number("consultation_push_mb") * MEGABYTE)


def _lookback_ns(parties: Participants, median_min: float, sigma: float) -> int:
    """Return the catalogue's hours before the window, more for longer consultations."""
    catalogue = parties.catalogue
    usual = catalogue.number("consultation_median_min") * math.exp(
        LONG_TAIL_DEVIATIONS * catalogue.number("consultation_sigma")
    )
    longer = median_min * math.exp(LONG_TAIL_DEVIATIONS * sigma) / usual
    return round(parties.hours_ns("consultation_lookback_h") * max(1.0, longer))
