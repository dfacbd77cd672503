"""Compiles lessons on demand: the learners of each site, their media server, video and questions."""

from telemedsim.core.units import MINUTE_S, seconds_to_ns
from telemedsim.model.workflows import Lesson
from telemedsim.network.participants import Pair, Participants, both_ways, given
from telemedsim.network.questions import questions
from telemedsim.network.video_formats import video, video_name
from telemedsim.network.work import LessonWork, Place, Work


def compile_lesson(parties: Participants, block: Lesson) -> tuple[list[Work], list[Pair]]:
    """Return one piece of work a site; learners at the server's own node load no link."""
    works: list[Work] = []
    pairs: list[Pair] = []
    for site in parties.selected(block.learners, block, "learners"):
        server = parties.server_of(site, block.server, block, "server")
        learners_at, server_at = parties.campus(site.id), parties.server_room(server)
        if learners_at.node == server_at.node:
            continue
        works.append(_of_site(parties, block, learners_at, server_at))
        pairs += both_ways([(learners_at, server_at)])
    return works, pairs


def _of_site(
    parties: Participants, block: Lesson, learners_at: Place, server_at: Place
) -> LessonWork:
    facts = parties.catalogue
    service = facts.services[block.service]

    def figure(name: str, asked: float | None = None) -> float:
        return float(given(asked, facts.number(f"lesson_{name}")))

    return LessonWork(
        scenario=block.id,
        service=block.service,
        class_index=parties.class_index(block.class_of_service or service.class_of_service),
        probe=parties.probe(service),
        learners_at=learners_at,
        server_at=server_at,
        arrivals=parties.arrivals(
            figure("starts_per_site_weekday", block.lessons_per_site_per_day)
        ),
        video=video(
            facts,
            video_name(parties, block, block.video),
            target_rate_bps=block.target_rate_bps,
            repair=block.repair,
        ),
        duration_median_ns=seconds_to_ns(
            figure("median_min", block.duration_median_min) * MINUTE_S
        ),
        duration_sigma=figure("sigma", block.duration_sigma),
        longest_ns=parties.hours_ns("lesson_longest_h"),
        request_bytes=int(figure("request_bytes")),
        server_ns=seconds_to_ns(figure("server_ms", block.server_time_ms) / 1000),
        questions=questions(
            parties,
            service,
            block.class_of_service,
            per_hour=figure("interactions_per_hour", block.interactions_per_hour),
            sizes_bytes=(
                figure("question_bytes", block.question_size_bytes),
                figure("answer_bytes", block.answer_size_bytes),
            ),
            server_ms=figure("server_ms", block.server_time_ms),
        ),
        tcp=parties.tcp(),
    )
