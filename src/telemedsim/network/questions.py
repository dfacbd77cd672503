"""Questions beside the stream of a service: their class of service is that of its transfers."""

from telemedsim.catalogue.rows import Service
from telemedsim.core.units import seconds_to_ns
from telemedsim.network.participants import Participants
from telemedsim.network.work import Questions


def questions(
    parties: Participants,
    service: Service,
    asked_class: str | None,
    per_hour: float,
    sizes_bytes: tuple[float, float],
    server_ms: float,
) -> Questions:
    """Return what one person asks: ``sizes_bytes`` are those of a question and of its answer.

    A class that the block asks for holds for its streams and its questions.
    """
    usual = service.transfer_class_of_service or service.class_of_service
    question_bytes, answer_bytes = sizes_bytes
    return Questions(
        per_hour=per_hour,
        question_bytes=int(question_bytes),
        answer_bytes=int(answer_bytes),
        server_ns=seconds_to_ns(server_ms / 1000),
        class_index=parties.class_index(asked_class or usual),
        tcp=parties.tcp(),
    )
