"""Compiles consultations and broadcasts: rooms, bridges, viewers, relays, schedules."""

import math
from collections.abc import Iterator, Sequence

from telemedsim.core.units import seconds_to_ns
from telemedsim.model.topology import Site
from telemedsim.model.words import seconds_of_day
from telemedsim.model.workflows import Broadcast, Consultation, Show
from telemedsim.network.compile_imaging import fetch_of_site
from telemedsim.network.participants import Pair, Participants, Unworkable, both_ways, given
from telemedsim.network.sounds import sound
from telemedsim.network.study_volume import hospital_scale
from telemedsim.network.video_formats import video, video_name
from telemedsim.network.work import (
    BroadcastWork,
    ConsultationWork,
    FetchWork,
    ImagePush,
    Place,
    Rooms,
    Viewers,
    Work,
)

DAY_S = 86_400
MINUTE_S = 60
MEGABYTE = 1_000_000
LONG_TAIL_DEVIATIONS = 3.0
"""How far out the law of durations is compared, when a scenario's is longer than the usual one."""


def compile_consultation(
    parties: Participants, block: Consultation
) -> tuple[list[Work], list[Pair]]:
    """Return the rooms and the bridge of each host as one piece of work."""
    asking_sites = parties.selected(block.participants, block, "participants")
    hosts: dict[str, list[Site]] = {}
    for site in asking_sites:
        hosts.setdefault(parties.upwards(site.id, block.host, block, "host"), []).append(site)
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
    service, figures = block.services.reading, block.image_fetch
    found = []
    for site in dict.fromkeys(one.place.site for one in rooms):
        source = host
        if figures.source is not None:
            source = parties.upwards(site, figures.source, block, "image_fetch")
        at = parties.server_room(source)
        found.append(fetch_of_site(parties, block, figures, service, site, at, "image_fetch"))
    return tuple(found)


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


def compile_broadcast(parties: Participants, block: Broadcast) -> tuple[list[Work], list[Pair]]:
    """Return each source and its viewers as one piece of work; a source's own site is left out."""
    sources: dict[str, list[Site]] = {block.source: []} if block.source in parties.sites else {}
    for site in parties.selected(block.viewers, block, "viewers"):
        if site.id != block.source:
            source = parties.upwards(site.id, block.source, block, "source")
            sources.setdefault(source, []).append(site)
    works: list[Work] = []
    pairs: list[Pair] = []
    for name, sites in sources.items():
        work = _shown(parties, block, name, sites)
        works.append(work)
        pairs += both_ways(way for one in work.viewers for way in _ways(work.source_at, one))
    return works, pairs


def _shown(
    parties: Participants, block: Broadcast, source: str, sites: Sequence[Site]
) -> BroadcastWork:
    """Return what one source sends to the viewers at some sites."""
    catalogue = parties.catalogue
    service = catalogue.services[block.service]
    class_name = block.class_of_service or service.class_of_service
    shown = video(
        catalogue,
        video_name(parties, block, block.video),
        target_rate_bps=block.target_rate_bps,
        repair=block.repair,
    )
    return BroadcastWork(
        scenario=block.id,
        service=block.service,
        class_index=parties.class_index(class_name),
        probe=None,
        source_at=parties.server_room(source),
        viewers=tuple(_viewers(parties, block, source, site) for site in sites),
        delivery=block.delivery,
        video=shown,
        shows=_shows(parties, block),
        sound=sound(
            parties,
            block.sound,
            service,
            video_name(parties, block, block.video),
            class_name=class_name,
            repair=shown.playout.repair,
        ),
    )


def _ways(source: Place, viewers: Viewers) -> list[tuple[Place, Place]]:
    if viewers.relay_at is None:
        return [(source, viewers.place)]
    return [(source, viewers.relay_at), (viewers.relay_at, viewers.place)]


def _viewers(parties: Participants, block: Broadcast, source: str, site: Site) -> Viewers:
    """Return a site's viewers; their relay is the nearest on the way up, the site itself first."""
    relay = None
    if block.relay_tier is not None:
        way = [site.id, *parties.ancestors(site.id)]
        relay = next((one for one in way if parties.sites[one].tier == block.relay_tier), None)
    at = parties.server_room(relay) if relay is not None and relay != source else None
    return Viewers(parties.campus(site.id), block.viewers_per_site, at)


def _shows(parties: Participants, block: Broadcast) -> tuple[tuple[int, int], ...]:
    """Return (start, stop) after the opening, of each broadcast that meets the window."""
    window = parties.scenario.experiment.window
    duration_ns = seconds_to_ns(window.duration_s)
    if not block.schedule:
        margin_ns = seconds_to_ns(parties.catalogue.number("broadcast_minutes") * MINUTE_S)
        return ((-margin_ns, duration_ns + margin_ns),)
    return shows_within(block.schedule, window.start_s, window.duration_s)


def shows_within(
    schedule: Sequence[Show], opens_s: int, duration_s: float
) -> tuple[tuple[int, int], ...]:
    """Return (start, stop) in ns after the opening, of each broadcast that meets the window."""
    found: list[tuple[int, int]] = []
    duration_ns = seconds_to_ns(duration_s)
    days = range(-1, math.ceil((opens_s + duration_s) / DAY_S))
    for day in days:
        for show in schedule:
            start_s = day * DAY_S + seconds_of_day(show.start) - opens_s
            start_ns = seconds_to_ns(start_s)
            stop_ns = start_ns + seconds_to_ns(show.duration_min * MINUTE_S)
            if stop_ns > 0 and start_ns < duration_ns:
                found.append((start_ns, stop_ns))
    return tuple(found)
