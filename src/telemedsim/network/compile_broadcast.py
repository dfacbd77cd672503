"""Compiles broadcasts: their sources, viewers, relays, cameras, schedules, and what viewers ask."""

import math
from collections.abc import Sequence

from telemedsim.catalogue.rows import Service
from telemedsim.core.units import DAY_S, MINUTE_S, seconds_to_ns
from telemedsim.model.topology import Site
from telemedsim.model.words import seconds_of_day
from telemedsim.model.workflows import Broadcast, Show
from telemedsim.network.participants import Pair, Participants, both_ways, given
from telemedsim.network.questions import questions
from telemedsim.network.sounds import sound
from telemedsim.network.video_formats import video, video_name
from telemedsim.network.work import BroadcastWork, Place, Questions, Viewers, Work

ONLY_CAMERA = ("",)


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
        pairs += both_ways(way for one in work.viewers for way in _ways(work, one))
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
        cameras=block.cameras or ONLY_CAMERA,
        questions=_asked(parties, block, service),
    )


def _asked(parties: Participants, block: Broadcast, service: Service) -> Questions | None:
    """Return what each viewer asks the source; None where nobody asks."""

    def figure(name: str, asked: float | None) -> float:
        return float(given(asked, parties.catalogue.number(f"broadcast_{name}")))

    per_hour = figure("questions_per_viewer_hour", block.questions_per_viewer_per_hour)
    if per_hour == 0:
        return None
    return questions(
        parties,
        service,
        block.class_of_service,
        per_hour=per_hour,
        sizes_bytes=(
            figure("question_bytes", block.question_size_bytes),
            figure("answer_bytes", block.answer_size_bytes),
        ),
        server_ms=figure("answer_ms", block.server_time_ms),
    )


def _ways(work: BroadcastWork, viewers: Viewers) -> list[tuple[Place, Place]]:
    """Return which places need routes: over a relay the picture goes, questions go past it."""
    straight = (work.source_at, viewers.place)
    if viewers.relay_at is None:
        return [straight]
    over = [(work.source_at, viewers.relay_at), (viewers.relay_at, viewers.place)]
    return over if work.questions is None else [*over, straight]


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
