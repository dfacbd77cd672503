"""Compiles examinations: the candidates of each site, their server, and the sizes of its pages."""

from telemedsim.core.units import seconds_to_ns
from telemedsim.model.workflows import Examination
from telemedsim.network.compile_broadcast import shows_within
from telemedsim.network.participants import Pair, Participants, both_ways, given
from telemedsim.network.work import ExaminationWork, Place, Work


def compile_examination(parties: Participants, block: Examination) -> tuple[list[Work], list[Pair]]:
    """Return one piece of work a site; candidates at the server's own node load no link."""
    works: list[Work] = []
    pairs: list[Pair] = []
    for site in parties.selected(block.candidates, block, "candidates"):
        server = parties.server_of(site, block.server, block, "server")
        candidates_at, server_at = parties.campus(site.id), parties.server_room(server)
        if candidates_at.node == server_at.node:
            continue
        works.append(_of_site(parties, block, candidates_at, server_at))
        pairs += both_ways([(candidates_at, server_at)])
    return works, pairs


def _of_site(
    parties: Participants, block: Examination, candidates_at: Place, server_at: Place
) -> ExaminationWork:
    facts = parties.catalogue
    service = facts.services[block.service]
    window = parties.scenario.experiment.window

    def figure(name: str, asked: float | None = None) -> float:
        return float(given(asked, facts.number(f"examination_{name}")))

    images = int(figure("images", block.images))
    return ExaminationWork(
        scenario=block.id,
        service=block.service,
        class_index=parties.class_index(block.class_of_service or service.class_of_service),
        probe=parties.probe(service),
        candidates_at=candidates_at,
        server_at=server_at,
        candidates=block.candidates_per_site,
        sittings=shows_within(block.schedule, window.start_s, window.duration_s),
        entry_ns=seconds_to_ns(figure("entry_s", block.entry_s)),
        release_ns=seconds_to_ns(block.release_s),
        request_bytes=int(figure("request_bytes")),
        page_bytes=int(figure("page_bytes")),
        paper_bytes=int(figure("paper_bytes", block.paper_size_bytes)),
        images_bytes=images * int(figure("image_bytes", block.image_size_bytes)),
        answers=int(figure("answers", block.answers_per_candidate)),
        answer_bytes=int(figure("answer_bytes")),
        confirmation_bytes=int(figure("confirmation_bytes")),
        server_ns=seconds_to_ns(figure("server_ms", block.server_time_ms) / 1000),
        tcp=parties.tcp(),
    )
