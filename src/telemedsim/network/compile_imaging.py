"""Compiles study uploads and image reading: sites and catalogue -> work of numbers and parts."""

from telemedsim.catalogue.default_parts import dicom_protocol
from telemedsim.core.units import seconds_to_ns
from telemedsim.model.topology import Site
from telemedsim.model.workflows import ImageReading, StudyUpload
from telemedsim.network.participants import Pair, Participants, Unworkable, both_ways, given
from telemedsim.network.study_volume import hospital_scale, studies_per_weekday
from telemedsim.network.work import FrontEndProcessor, ReadingWork, UploadWork, Work
from telemedsim.parts.traffic.dicom import DicomProtocol

BITS_PER_MB = 8_000_000
BYTES_PER_GB = 10**9


def compile_uploads(parties: Participants, block: StudyUpload) -> tuple[list[Work], list[Pair]]:
    """Return one piece of work a site; a site that is its own archive uploads nothing."""
    catalogue = parties.catalogue
    service = catalogue.services[block.service]
    codec = _codec(parties, block)
    mix = parties.mix(block.modality_mix, codec)
    works: list[Work] = []
    pairs: list[Pair] = []
    for site in parties.selected(block.from_, block, "from"):
        archive = parties.server_room(parties.upwards(site.id, block.to, block, "to"))
        processor = parties.server_room(site.id)
        if archive.node == processor.node:
            continue
        studies = studies_of_site(parties, block, site)
        if studies is None:
            raise _no_volume(block, site)
        works.append(
            UploadWork(
                scenario=block.id,
                service=block.service,
                class_index=parties.class_index(block.class_of_service or service.class_of_service),
                probe=parties.probe(service),
                processor_at=processor,
                archive_at=archive,
                arrivals=parties.arrivals(studies, block.hours),
                mix=mix,
                processor=_processor(parties, block, codec),
                protocol=_protocol(parties, block),
                tcp=parties.tcp(),
                lookback_ns=parties.hours_ns("upload_lookback_h"),
            )
        )
        pairs += both_ways([(processor, archive)])
    return works, pairs


def studies_of_site(parties: Participants, block: StudyUpload, site: Site) -> float | None:
    """Return the studies that a site makes on a weekday; None when nothing says how many."""
    mix = parties.mix(block.modality_mix, _codec(parties, block))
    asked = (block.studies_per_day, block.annual_tb)
    return studies_per_weekday(parties.catalogue, site, mix, parties.profile(block.hours), asked)


def _no_volume(block: StudyUpload, site: Site) -> Unworkable:
    message = "nothing says how many studies are made at"
    remedy = "Add 'annual_tb', 'beds' or 'studies_per_day' to the site, or a volume to this block"
    return Unworkable(block.id, "from", message, remedy, site=site.id)


def _codec(parties: Participants, block: StudyUpload) -> str | None:
    processor = block.front_end_processor
    if not processor.compress:
        return None
    return processor.codec or str(parties.catalogue.value("processor_codec"))


def _processor(parties: Participants, block: StudyUpload, codec: str | None) -> FrontEndProcessor:
    catalogue = parties.catalogue
    default = int(catalogue.number("processor_associations"))
    speed = catalogue.codecs[codec].speed_mb_per_s if codec is not None else 0.0
    disk_bytes = round(catalogue.number("processor_disk_gb") * BYTES_PER_GB)
    return FrontEndProcessor(
        disk_bytes=given(block.front_end_processor.disk_bytes, disk_bytes),
        associations=given(block.front_end_processor.associations, default),
        compression_bps=round(speed * BITS_PER_MB),
    )


def _protocol(parties: Participants, block: StudyUpload) -> DicomProtocol:
    kind: str = block.protocol or next(iter(parties.catalogue.dicom_protocols))
    return parties.once(
        ("dicom", kind, block.window),
        lambda: dicom_protocol(parties.catalogue, kind, block.window),
    )


def compile_reading(parties: Participants, block: ImageReading) -> tuple[list[Work], list[Pair]]:
    """Return one piece of work a reading site."""
    works: list[Work] = []
    pairs: list[Pair] = []
    for site in parties.selected(block.from_, block, "from"):
        work = _reading(parties, block, site)
        works.append(work)
        pairs += both_ways(
            [(work.terminals_at, work.source_at), (work.terminals_at, work.cache_at)]
        )
    return works, pairs


def _reading(parties: Participants, block: ImageReading, site: Site) -> ReadingWork:
    catalogue = parties.catalogue
    service = catalogue.services[block.service]
    terminals_at = parties.campus(site.id)
    source_at = parties.server_room(parties.upwards(site.id, block.source, block, "source"))
    if source_at.node == terminals_at.node:
        message = "no link lies between the readers and their source at"
        remedy = "Give the site a 'campus' network, choose another source, or leave it out"
        raise Unworkable(block.id, "source", message, remedy, site=site.id)
    terminals = _terminals(parties, block, site)
    own_share = given(block.prefetched_share, catalogue.number("prefetch_share"))
    return ReadingWork(
        scenario=block.id,
        service=block.service,
        class_index=parties.class_index(block.class_of_service or service.class_of_service),
        probe=parties.probe(service),
        terminals_at=terminals_at,
        source_at=source_at,
        cache_at=parties.server_room(site.id),
        cached_share=own_share if block.access == "prefetch" else 0.0,
        terminals=terminals,
        arrivals=parties.arrivals(_reads_per_weekday(parties, block, site, terminals)),
        mix=parties.mix(None, str(catalogue.value("processor_codec"))),
        whole_study=block.whole_study,
        first_image_bytes=_object_bytes(parties, block),
        request_bytes=int(catalogue.number("reading_request_bytes")),
        server_ns=_milliseconds(parties, block.server_time_ms, "reading_server_ms"),
        rendering_ns=_milliseconds(parties, block.rendering_time_ms, "reading_rendering_ms"),
        tcp=parties.tcp(),
        lookback_ns=parties.hours_ns("reading_lookback_h"),
    )


def _milliseconds(parties: Participants, asked_ms: float | None, fact: str) -> int:
    return seconds_to_ns(given(asked_ms, parties.catalogue.number(fact)) / 1000)


def _object_bytes(parties: Participants, block: ImageReading) -> int:
    size = block.object_size_bytes or parties.catalogue.services[block.service].object_size_bytes
    if size is None:
        message = f"service '{block.service}' names no image to judge"
        remedy = "Add 'object_size', such as 5 MB, or name a service of reading"
        raise Unworkable(block.id, "service", message, remedy)
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
