"""Compiles remote reporting: asking sites, a centre's readers with their hours, reading times."""

from collections.abc import Mapping, Sequence

from telemedsim.core.units import seconds_to_ns
from telemedsim.model.experiment import Window
from telemedsim.model.topology import Site
from telemedsim.model.words import seconds_of_day
from telemedsim.model.workflows import RemoteReporting
from telemedsim.model.workflows.remote_reporting import ReadingHours
from telemedsim.network.compile_imaging import fetch_of_site, upload_of_site
from telemedsim.network.participants import Pair, Participants, both_ways, given
from telemedsim.network.reading_times import reading_times
from telemedsim.network.work import Place, Readers, ReportingWork, UploadWork, Work
from telemedsim.parts.arrivals.daily_profile import DAY_NS


def compile_reporting(
    parties: Participants, block: RemoteReporting
) -> tuple[list[Work], list[Pair]]:
    """Return each centre with the sites that ask it as one piece of work; its own site asks nobody."""
    centres: dict[str, list[Site]] = {}
    for site in parties.selected(block.from_, block, "from"):
        centre = parties.upwards(site.id, block.centre, block, "centre")
        if centre != site.id:
            centres.setdefault(centre, []).append(site)
    works: list[Work] = []
    pairs: list[Pair] = []
    for centre, sites in centres.items():
        work = _centre(parties, block, centre, sites)
        if not work.uploads:
            continue
        works.append(work)
        pairs += both_ways([(work.fetch.terminals_at, work.fetch.source_at)])
        for upload in work.uploads:
            ends = (upload.processor_at, work.fetch.source_at)
            pairs += both_ways([ends, (upload.processor_at, work.fetch.terminals_at)])
    return works, pairs


def _centre(
    parties: Participants, block: RemoteReporting, centre: str, sites: Sequence[Site]
) -> ReportingWork:
    catalogue = parties.catalogue
    service = catalogue.services[block.service]
    archive_at = parties.server_room(parties.upwards(centre, block.archive, block, "archive"))
    fetch = fetch_of_site(
        parties, block, block, block.services.reading, centre, archive_at, "archive"
    )
    uploads = _uploads(parties, block, sites, archive_at)
    return ReportingWork(
        scenario=block.id,
        service=block.service,
        class_index=parties.class_index(block.class_of_service or service.class_of_service),
        probe=parties.probe(service),
        uploads=uploads,
        fetch=fetch,
        readers=_readers(parties, block),
        priorities=_priorities(parties, block),
        reading=reading_times(parties, block.reading_mean_min, block.reading_variation),
        report_bytes=given(block.report_size_bytes, int(catalogue.number("report_bytes"))),
        tcp=parties.tcp(),
        lookback_ns=parties.hours_ns("reporting_lookback_h"),
    )


def _uploads(
    parties: Participants, block: RemoteReporting, sites: Sequence[Site], archive_at: Place
) -> tuple[UploadWork, ...]:
    lookback_ns = parties.hours_ns("reporting_lookback_h")
    found = (
        upload_of_site(parties, block, block.services.upload, site, archive_at, lookback_ns)
        for site in sites
    )
    return tuple(one for one in found if one is not None)


def _priorities(parties: Participants, block: RemoteReporting) -> tuple[tuple[str, float], ...]:
    usual: Mapping[str, float] = parties.catalogue.value("reporting_priorities")
    weights = usual
    if block.priorities is not None:
        weights = {str(name): weight for name, weight in block.priorities.items()}
    return tuple((name, float(weights.get(name, 0.0))) for name in usual)


def _readers(parties: Participants, block: RemoteReporting) -> Readers:
    count = given(block.readers, int(parties.catalogue.number("reporting_readers")))
    hours = block.reading_hours
    if hours is None:
        return Readers(count, 0, ())
    window = parties.scenario.experiment.window
    lookback_ns = parties.hours_ns("reporting_lookback_h")
    return Readers(count, max(0, count - hours.on_duty), away_spans(hours, window, lookback_ns))


def away_spans(hours: ReadingHours, window: Window, before_ns: int) -> tuple[tuple[int, int], ...]:
    """Return (from, to) outside of the hours, from ``before_ns`` before the window to its end.

    In ns after the window opens. Hours that end when they begin last all day.
    """
    start_ns, end_ns = (seconds_to_ns(seconds_of_day(one)) for one in (hours.start, hours.end))
    length_ns = (start_ns - end_ns) % DAY_NS
    leave_ns = end_ns - seconds_to_ns(window.start_s)
    first, last = -(before_ns // DAY_NS) - 2, seconds_to_ns(window.duration_s) // DAY_NS + 1
    spans = [(leave_ns + day * DAY_NS, length_ns) for day in range(first, last + 1)]
    return tuple(
        (max(begin, -before_ns), begin + length)
        for begin, length in spans
        if length and begin + length > -before_ns
    )
