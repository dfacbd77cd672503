"""Compiles study uploads and image reading: sites and catalogue -> work of numbers and parts."""

from dataclasses import fields, replace
from typing import Protocol

from telemedsim.core.units import BYTES_PER_GB, seconds_to_ns
from telemedsim.model.scenario import ScenarioBase
from telemedsim.model.topology import Site
from telemedsim.model.workflows import ImageReading, StudyUpload
from telemedsim.model.workflows.image_reading import Roaming as RoamingBlock
from telemedsim.model.workflows.study_upload import Uploads
from telemedsim.network.participants import (
    NoVolume,
    Pair,
    Participants,
    Unworkable,
    both_ways,
    given,
)
from telemedsim.network.reading_times import licences_of
from telemedsim.network.study_volume import hospital_scale, studies_per_weekday
from telemedsim.network.work import (
    FetchWork,
    FrontEndProcessor,
    Place,
    ReadingWork,
    Roaming,
    UploadWork,
    Work,
)
from telemedsim.parts.traffic.dicom import DicomProtocol

BITS_PER_MB = 8_000_000
MEET = 2
"""Access points between which one can roam, at least."""


class FetchFigures(Protocol):
    """What a block may say of fetches; None means the catalogue's figure."""

    @property
    def object_size_bytes(self) -> int | None: ...
    @property
    def server_time_ms(self) -> float | None: ...
    @property
    def rendering_time_ms(self) -> float | None: ...


def compile_uploads(parties: Participants, block: StudyUpload) -> tuple[list[Work], list[Pair]]:
    """Return one piece of work a site; a site that is its own archive uploads nothing."""
    lookback_ns = parties.hours_ns("upload_lookback_h")
    works: list[Work] = []
    pairs: list[Pair] = []
    for site in parties.selected(block.from_, block, "from"):
        archive = parties.server_room(parties.upwards(site.id, block.to, block, "to"))
        work = upload_of_site(parties, block, block.service, site, archive, lookback_ns)
        if work is not None:
            works.append(work)
            pairs += both_ways([(work.processor_at, archive)])
    return works, pairs


def upload_of_site(
    parties: Participants,
    block: Uploads,
    service_id: str,
    site: Site,
    archive: Place,
    lookback_ns: int,
) -> UploadWork | None:
    """Return a site's uploads to an archive as a service judges them; None if the archive is its own."""
    service = parties.catalogue.services[service_id]
    codec = _codec(parties, block)
    processor = parties.server_room(site.id)
    if archive.node == processor.node:
        return None
    studies = studies_of_site(parties, block, site)
    if studies is None:
        raise NoVolume(block.id, site.id)
    return UploadWork(
        scenario=block.id,
        service=service.id,
        class_index=parties.class_index(block.class_of_service or service.class_of_service),
        probe=parties.probe(service),
        processor_at=processor,
        archive_at=archive,
        arrivals=parties.arrivals(studies, block.hours),
        mix=parties.mix(block.modality_mix, codec),
        processor=_processor(parties, block, codec),
        protocol=_protocol(parties, block),
        tcp=parties.tcp(),
        lookback_ns=lookback_ns,
    )


def studies_of_site(parties: Participants, block: Uploads, site: Site) -> float | None:
    """Return the studies that a site makes on a weekday; None when nothing says how many."""
    mix = parties.mix(block.modality_mix, _codec(parties, block))
    asked = (block.studies_per_day, block.annual_tb)
    return studies_per_weekday(parties.catalogue, site, mix, parties.profile(block.hours), asked)


def _codec(parties: Participants, block: Uploads) -> str | None:
    processor = block.front_end_processor
    if not processor.compress:
        return None
    return processor.codec or str(parties.catalogue.value("processor_codec"))


def _processor(parties: Participants, block: Uploads, codec: str | None) -> FrontEndProcessor:
    catalogue = parties.catalogue
    default = int(catalogue.number("processor_associations"))
    speed = catalogue.codecs[codec].speed_mb_per_s if codec is not None else 0.0
    disk_bytes = round(catalogue.number("processor_disk_gb") * BYTES_PER_GB)
    return FrontEndProcessor(
        disk_bytes=given(block.front_end_processor.disk_bytes, disk_bytes),
        associations=given(block.front_end_processor.associations, default),
        compression_bps=round(speed * BITS_PER_MB),
    )


def _protocol(parties: Participants, block: Uploads) -> DicomProtocol:
    kind: str = block.protocol or next(iter(parties.catalogue.dicom_protocols))
    return parties.protocol(kind, block.window)


def compile_reading(parties: Participants, block: ImageReading) -> tuple[list[Work], list[Pair]]:
    """Return one piece of work a reading site."""
    works: list[Work] = []
    pairs: list[Pair] = []
    for site in parties.selected(block.from_, block, "from"):
        work = _reading(parties, block, site)
        works.append(work)
        roaming = work.roaming
        points = (work.terminals_at,) if roaming is None else roaming.access_points
        pairs += both_ways((at, to) for at in points for to in (work.source_at, work.cache_at))
    return works, pairs


def _reading(parties: Participants, block: ImageReading, site: Site) -> ReadingWork:
    catalogue = parties.catalogue
    source_at = parties.server_room(parties.upwards(site.id, block.source, block, "source"))
    fetch = fetch_of_site(parties, block, block, block.service, site.id, source_at, "source")
    fetch = replace(fetch, whole_study=block.whole_study)
    terminals = _terminals(parties, block, site)
    patience_s = given(block.patience_s, catalogue.services[block.service].patience_s)
    own_share = given(block.prefetched_share, catalogue.number("prefetch_share"))
    return ReadingWork(
        **{one.name: getattr(fetch, one.name) for one in fields(fetch)},
        cache_at=parties.server_room(site.id),
        cached_share=own_share if block.access == "prefetch" else 0.0,
        terminals=terminals,
        arrivals=parties.arrivals(_reads_per_weekday(parties, block, site, terminals)),
        mix=parties.mix(None, str(catalogue.value("processor_codec"))),
        lookback_ns=parties.hours_ns(
            "reading_lookback_h" if block.licences is None else "licence_lookback_h"
        ),
        licences=licences_of(parties, block, source_at),
        patience_ns=None if patience_s is None else seconds_to_ns(patience_s),
        roaming=None if block.roaming is None else _roaming(parties, block, block.roaming, site),
    )


def _roaming(
    parties: Participants, block: ImageReading, asked: RoamingBlock, site: Site
) -> Roaming:
    """Return how terminals walk at a site; Unworkable where there is no second access point."""
    catalogue, points = parties.catalogue, parties.access_points(site)
    if len(points) < MEET:
        message = "there is no other access point to roam to at"
        remedy = "Give the site's campus 'access_points', or leave out 'roaming'"
        raise Unworkable(block.id, "roaming", message, remedy, site=site.id)
    kind = given(asked.handover, catalogue.value("roaming_handover"))
    segment = parties.tcp().segment_bytes
    piece = int(catalogue.number("roaming_piece_bytes"))
    stay_s = given(asked.stay_s, catalogue.number("roaming_stay_s"))
    return Roaming(
        access_points=points,
        stay_mean_ns=seconds_to_ns(stay_s),
        handover_ns=_milliseconds(parties, asked.handover_time_ms, f"wifi_handover_ms.{kind}"),
        # Whole segments, so that pieces cost no more packets than the message they make up.
        piece_bytes=max(1, piece // segment) * segment,
    )


def fetch_of_site(
    parties: Participants,
    block: ScenarioBase,
    figures: FetchFigures,
    service_id: str,
    site: str,
    source_at: Place,
    field: str,
) -> FetchWork:
    """Return how terminals of a site fetch whole studies, as a service judges them.

    Unworkable, for the field that names the source, when no link lies between.
    """
    catalogue = parties.catalogue
    service = catalogue.services[service_id]
    terminals_at = parties.campus(site)
    if source_at.node == terminals_at.node:
        message = "no link lies between the readers and their source at"
        remedy = "Give the site a 'campus' network, choose another source, or leave it out"
        raise Unworkable(block.id, field, message, remedy, site=site)
    return FetchWork(
        scenario=block.id,
        service=service.id,
        class_index=parties.class_index(block.class_of_service or service.class_of_service),
        probe=parties.probe(service),
        terminals_at=terminals_at,
        source_at=source_at,
        whole_study=True,
        first_image_bytes=_object_bytes(parties, block, figures, service_id),
        request_bytes=int(catalogue.number("reading_request_bytes")),
        server_ns=_milliseconds(parties, figures.server_time_ms, "reading_server_ms"),
        rendering_ns=_milliseconds(parties, figures.rendering_time_ms, "reading_rendering_ms"),
        tcp=parties.tcp(),
    )


def _milliseconds(parties: Participants, asked_ms: float | None, fact: str) -> int:
    return seconds_to_ns(given(asked_ms, parties.catalogue.number(fact)) / 1000)


def _object_bytes(
    parties: Participants, block: ScenarioBase, figures: FetchFigures, service_id: str
) -> int:
    size = figures.object_size_bytes or parties.catalogue.services[service_id].object_size_bytes
    if size is None:
        message = f"service '{service_id}' names no image to judge"
        remedy = "Add 'object_size', such as 5 MB, or name a service of reading"
        field = "service" if service_id == block.service else "services"
        raise Unworkable(block.id, field, message, remedy)
    return size


def _terminals(parties: Participants, block: ImageReading, site: Site) -> int:
    if block.terminals is not None:
        return block.terminals
    scale = hospital_scale(parties.catalogue, site)
    if scale is None:
        message = "nothing says how many terminals read at"
        remedy = "Add 'terminals' to this block, or 'scale' or 'beds' to the site"
        raise Unworkable(block.id, "from", message, remedy, site=site.id)
    return scale.reading_terminals


def _reads_per_weekday(
    parties: Participants, block: ImageReading, site: Site, terminals: int
) -> float:
    """Return the reads of one terminal: asked for, by the site's studies, or the usual ones."""
    catalogue = parties.catalogue
    if block.reads_per_terminal_per_hour is not None:
        hours = catalogue.number("egress_working_hours_per_day")
        return block.reads_per_terminal_per_hour * hours
    mix = parties.mix(None, str(catalogue.value("processor_codec")))
    studies = studies_per_weekday(catalogue, site, mix, parties.profile())
    if studies is None:
        return catalogue.number("reads_per_terminal_weekday")
    return studies * (1 + catalogue.number("priors_mean")) / max(1, terminals)
