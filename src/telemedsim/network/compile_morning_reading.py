"""Compiles joint readings: hosts, their participants, meetings, cases and how they are fetched."""

from collections.abc import Sequence

from telemedsim.core.units import seconds_to_ns
from telemedsim.model.topology import Site
from telemedsim.model.workflows import MorningReading
from telemedsim.network.adaptations import adaptation
from telemedsim.network.compile_broadcast import shows_within
from telemedsim.network.compile_video import fetch_from
from telemedsim.network.participants import Pair, Participants, both_ways, given
from telemedsim.network.sounds import sound
from telemedsim.network.video_formats import video, video_name
from telemedsim.network.work import MorningReadingWork, Rooms, Work


def compile_morning_reading(
    parties: Participants, block: MorningReading
) -> tuple[list[Work], list[Pair]]:
    """Return each host and who meets there as one piece of work; a host alone has none."""
    sites = parties.selected(block.participants, block, "participants")
    works: list[Work] = []
    pairs: list[Pair] = []
    for host, found in parties.by_server(sites, block.host, block, "host").items():
        others = [site for site in found if site.id != host]
        if others:
            work = _hosted(parties, block, host, others)
            works.append(work)
            pairs += both_ways([(one.place, work.bridge_at) for one in work.rooms])
            pairs += both_ways([(one.terminals_at, one.source_at) for one in work.fetches])
    return works, pairs


def _hosted(
    parties: Participants, block: MorningReading, host: str, others: Sequence[Site]
) -> MorningReadingWork:
    catalogue = parties.catalogue
    service = catalogue.services[block.service]
    window = parties.scenario.experiment.window
    screens = given(block.screens, service.screens or 1)
    name = video_name(parties, block, block.video)

    def count(fact: str, asked: int | None) -> int:
        return int(given(asked, catalogue.number(f"morning_reading_{fact}")))

    return MorningReadingWork(
        scenario=block.id,
        service=block.service,
        class_index=parties.class_index(block.class_of_service or service.class_of_service),
        probe=None,
        bridge_at=parties.server_room(host),
        bridge_kind=given(block.bridge, catalogue.value("consultation_bridge")),
        rooms=tuple(
            Rooms(parties.campus(site), 1, screens, None)
            for site in (host, *(one.id for one in others))
        ),
        meetings=shows_within(block.schedule, window.start_s, window.duration_s),
        video=video(catalogue, name, target_rate_bps=block.target_rate_bps, repair=block.repair),
        adaptation=adaptation(parties, block, name),
        shared=video(catalogue, block.shared_screen) if block.shared_screen is not None else None,
        sound=sound(parties, block.sound, service, name),
        open_microphones=count("open_microphones", block.open_microphones),
        cases=count("cases", block.cases),
        mix=parties.mix(None, str(catalogue.value("processor_codec"))),
        fetches=tuple(
            fetch_from(parties, block, block.services.reading, host, site.id) for site in others
        ),
        terminals=count("terminals", block.terminals_per_site),
        opening_ns=seconds_to_ns(block.opening_s),
    )
