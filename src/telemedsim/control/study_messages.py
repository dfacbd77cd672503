"""A study's messages as steps of a transfer, and what is measured of its way."""

from collections.abc import Sequence

from telemedsim.control.transfers import Watch
from telemedsim.dataplane.base import Step
from telemedsim.parts.traffic.dicom import Message
from telemedsim.parts.traffic.studies import Study


def study_steps(messages: Sequence[Message], before_ns: int = 0) -> tuple[Step, ...]:
    """Return messages as steps, the first one after a time; the last, which frees the connection, is reported."""
    last = len(messages) - 1
    return tuple(
        Step(
            message.sender,
            message.size_bytes,
            message.delay_ns + (before_ns if number == 0 else 0),
            report=message.report or number == last,
        )
        for number, message in enumerate(messages)
    )


def lag_watches(study: Study, steps: Sequence[Step]) -> tuple[Watch, ...]:
    """Return the lag: it ends with the first report, the arrival of the study's last byte."""
    arrival = next(number for number, step in enumerate(steps) if step.report)
    return (Watch("lag", arrival, study.size_bytes),)
