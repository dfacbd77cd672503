"""Questions beside a stream: a small message to the other end now and then, and its answer."""

from collections.abc import Generator
from typing import Any, NamedTuple

from telemedsim.control.replication import Replication
from telemedsim.control.transfers import ANSWERER, OPENER, TransferUse, Watch, send
from telemedsim.dataplane.base import Step
from telemedsim.network.work import Place, Questions
from telemedsim.parts.arrivals.daily_profile import HOUR_NS
from telemedsim.records.sessions import SessionRecord

Process = Generator[Any, Any, None]


class Asker(NamedTuple):
    """Who asks whom, in which session, and between when."""

    entity: str
    session: SessionRecord
    role: str
    place: Place
    answered_at: Place
    probe_leg: int
    from_ns: int
    """May lie before the window; so do its questions then, which are not asked again."""
    until_ns: int


def ask(replication: Replication, questions: Questions, asker: Asker) -> Process:
    """Ask at the times of a Poisson process until it ends and every answer is there.

    Each question uses the connection that the session holds open, and waits for no earlier answer.
    """
    answers = []
    for number, asked_ns in enumerate(question_times(replication, questions, asker)):
        if asked_ns < 0:
            continue
        if asked_ns > replication.now_ns:
            yield replication.environment.timeout(asked_ns - replication.now_ns)
        answers.append(_ask(replication, questions, asker, number))
    yield replication.environment.all_of(answers)


def question_times(replication: Replication, questions: Questions, asker: Asker) -> list[int]:
    """Return when the asker has a question, in ns after the window opens."""
    times: list[int] = []
    if questions.per_hour <= 0:
        return times
    draws = replication.draws(asker.entity, "questions")
    mean_ns = HOUR_NS / questions.per_hour
    next_ns = asker.from_ns + round(draws.exponential(mean_ns))
    end_ns = min(asker.until_ns, replication.plan.duration_ns)
    while next_ns < end_ns:
        times.append(next_ns)
        next_ns += round(draws.exponential(mean_ns))
    return times


def _ask(replication: Replication, questions: Questions, asker: Asker, number: int) -> Any:
    """Send one question now; return the event of its answer's arrival."""
    use = TransferUse(
        entity=f"{asker.entity}/question-{number}",
        session=asker.session,
        role=asker.role,
        opener=asker.place,
        answerer=asker.answered_at,
        judged=ANSWERER,
        participant=asker.place,
        class_index=questions.class_index,
        tcp=questions.tcp,
        probe_leg=asker.probe_leg,
        connected=True,
        tier=asker.place.tier,
    )
    steps = (
        Step(OPENER, questions.question_bytes, 0),
        Step(ANSWERER, questions.answer_bytes, questions.server_ns, report=True),
    )
    watch = Watch("interaction", 1, questions.answer_bytes)
    return send(replication, use, steps, (watch,), replication.now_ns).done
