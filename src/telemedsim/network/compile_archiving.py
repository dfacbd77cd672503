"""Compiles archiving by night: which day's studies are due in which night of the window."""

from collections.abc import Iterator

from telemedsim.catalogue.load import Catalogue
from telemedsim.core.units import DAY_S, seconds_to_ns
from telemedsim.model.experiment import Window
from telemedsim.model.words import seconds_of_day
from telemedsim.model.workflows import Archiving
from telemedsim.model.workflows.archiving import NightHours
from telemedsim.network.participants import (
    WINDOW_DAY,
    NoVolume,
    Pair,
    Participants,
    both_ways,
    given,
)
from telemedsim.network.study_volume import DAYS_A_YEAR, studies_per_weekday
from telemedsim.network.work import ArchivingWork, Night, Place, Work
from telemedsim.parts.arrivals.daily_profile import DAY_NS
from telemedsim.parts.arrivals.poisson import Poisson
from telemedsim.parts.traffic.studies import TERABYTE

PROTOCOL = "streamed"
"""Archives copy a study at once, whatever the modalities speak."""


def compile_archiving(parties: Participants, block: Archiving) -> tuple[list[Work], list[Pair]]:
    """Return one piece of work a site; a site that is its own archive sends nothing."""
    works: list[Work] = []
    pairs: list[Pair] = []
    for site in parties.selected(block.from_, block, "from"):
        archive = parties.server_room(parties.upwards(site.id, block.to, block, "to"))
        online = parties.server_room(site.id)
        if archive.node != online.node:
            works.append(_archiving(parties, block, online, archive))
            pairs += both_ways([(online, archive)])
    return works, pairs


def _archiving(
    parties: Participants, block: Archiving, online: Place, archive: Place
) -> ArchivingWork:
    catalogue = parties.catalogue
    service = catalogue.services[block.service]
    mix = parties.mix(block.modality_mix, str(catalogue.value("processor_codec")))
    asked = (block.studies_per_day, block.annual_tb)
    profile = parties.profile()
    studies = studies_per_weekday(catalogue, parties.sites[online.site], mix, profile, asked)
    if studies is None:
        raise NoVolume(block.id, online.site)
    weekdays = profile.weekday_equivalents(DAYS_A_YEAR)
    return ArchivingWork(
        scenario=block.id,
        service=block.service,
        class_index=parties.class_index(block.class_of_service or service.class_of_service),
        probe=parties.probe(service),
        online_at=online,
        archive_at=archive,
        nights=_nights(parties, block, studies),
        mix=mix,
        batch_studies=given(block.batch_studies, int(catalogue.number("archive_batch_studies"))),
        connections=given(block.connections, int(catalogue.number("archive_connections"))),
        protocol=parties.protocol(PROTOCOL),
        tcp=parties.tcp(),
        annual_tb=studies * weekdays * mix.mean_study_bytes / TERABYTE,
    )


def _nights(parties: Participants, block: Archiving, studies: float) -> tuple[Night, ...]:
    catalogue, window = parties.catalogue, parties.scenario.experiment.window
    hours = block.night or default_night(catalogue)
    age_days = given(block.age_days, int(catalogue.number("archive_age_days")))
    return tuple(
        Night(
            number=day,
            start_ns=seconds_to_ns(begin_s),
            stop_ns=seconds_to_ns(end_s),
            made=Poisson(
                profile=parties.profile(),
                per_weekday=studies,
                opens_ns=(WINDOW_DAY + day - age_days) * DAY_NS,
                batch_mean=catalogue.number("batch_mean"),
            ),
        )
        for day, begin_s, end_s in nights_within(hours, window)
    )


def default_night(catalogue: Catalogue) -> NightHours:
    """Return the catalogue's hours of archiving."""
    return NightHours.model_validate(catalogue.value("archive_night"))


def nights_within(hours: NightHours, window: Window) -> Iterator[tuple[int, int, int]]:
    """Yield the nights of which a window sees anything: its day, and begin and end in s.

    The day counts from that on which the window opens, the seconds from its opening.
    """
    start_s, end_s = seconds_of_day(hours.start), seconds_of_day(hours.end)
    length_s = (end_s - start_s) % DAY_S or DAY_S
    for day in range(-1, int((window.start_s + window.duration_s) // DAY_S) + 1):
        begin_s = day * DAY_S + start_s - window.start_s
        if begin_s < window.duration_s and begin_s + length_s > 0:
            yield day, begin_s, begin_s + length_s
