"""Compiles online consultations: patients by site, doctors by hospital."""

from collections.abc import Sequence

from telemedsim.core.units import MINUTE_S, seconds_to_ns
from telemedsim.model.topology import Site
from telemedsim.model.workflows import OnlineConsultation
from telemedsim.network.participants import Pair, Participants, Unworkable, both_ways, given
from telemedsim.network.sounds import sound
from telemedsim.network.video_formats import video
from telemedsim.network.work import OnlineConsultationWork, Patients, Place, Texting, Work


def compile_online(
    parties: Participants, block: OnlineConsultation
) -> tuple[list[Work], list[Pair]]:
    """Return the doctors of each hospital and their patients; a hospital's own site asks nobody."""
    selected = parties.selected(block.patients, block, "patients")
    of_hospital: dict[str, list[Site]] = {}
    for site in selected:
        hospital = parties.upwards(site.id, block.doctors_at, block, "doctors_at")
        if site.id != hospital:
            of_hospital.setdefault(hospital, []).append(site)
    asking = sum(len(sites) for sites in of_hospital.values())
    works: list[Work] = []
    pairs: list[Pair] = []
    for hospital, sites in of_hospital.items():
        work = _served(parties, block, parties.campus(hospital), sites, asking)
        works.append(work)
        pairs += both_ways([(one.place, work.doctors_at) for one in work.patients])
    return works, pairs


def _served(
    parties: Participants,
    block: OnlineConsultation,
    doctors_at: Place,
    sites: Sequence[Site],
    asking: int,
) -> OnlineConsultationWork:
    """Return what one hospital's doctors do; ``asking`` is the number of sites of all hospitals."""
    catalogue = parties.catalogue
    service = catalogue.services[block.service]
    per_site = given(
        block.sessions_per_site_per_day, catalogue.number("online_sessions_per_site_weekday")
    )
    if block.sessions_per_day is not None:
        per_site = block.sessions_per_day / asking
    if block.video is None and not service.videos:
        message = f"service '{block.service}' names no video format"
        raise Unworkable(block.id, "service", message, "Add 'video', such as 'video: 720p30'")
    name = block.video or service.videos[0]
    class_index = parties.class_index(block.class_of_service or service.class_of_service)
    return OnlineConsultationWork(
        scenario=block.id,
        service=block.service,
        class_index=class_index,
        probe=None,
        doctors_at=doctors_at,
        doctors=given(block.doctors, int(catalogue.number("online_doctors"))),
        patients=tuple(
            Patients(parties.campus(site.id), parties.arrivals(per_site)) for site in sites
        ),
        patience_mean_ns=_minutes(parties, block.patience_mean_min, "online_patience_mean_min"),
        phase_medians_ns=(
            _minutes(parties, block.text_median_min, "online_text_median_min"),
            _minutes(parties, block.voice_median_min, "online_voice_median_min"),
            _minutes(parties, block.video_median_min, "online_video_median_min"),
        ),
        duration_sigma=given(block.duration_sigma, catalogue.number("consultation_sigma")),
        texting=_texting(parties, block),
        video=video(catalogue, name, None, block.target_rate_bps, block.repair),
        sound=sound(parties, block.sound, service, name),
        lookback_ns=parties.hours_ns("consultation_lookback_h"),
    )


def _texting(parties: Participants, block: OnlineConsultation) -> Texting:
    catalogue = parties.catalogue
    service = catalogue.services[block.service]
    return Texting(
        messages=given(block.messages, int(catalogue.number("online_messages"))),
        message_bytes=given(
            block.message_size_bytes, int(catalogue.number("online_message_bytes"))
        ),
        class_index=parties.class_index(
            service.transfer_class_of_service or service.class_of_service
        ),
        tcp=parties.tcp(),
    )


def _minutes(parties: Participants, asked: float | None, fact: str) -> int:
    return seconds_to_ns(given(asked, parties.catalogue.number(fact)) * MINUTE_S)
