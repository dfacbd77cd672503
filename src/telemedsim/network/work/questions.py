"""Compiled questions that a viewer or learner asks beside a stream."""

from dataclasses import dataclass

from telemedsim.parts.transport import Tcp


@dataclass(frozen=True, slots=True)
class Questions:
    """How often one person asks something, and what crosses for it."""

    per_hour: float
    """Mean number, at random times."""
    question_bytes: int
    answer_bytes: int
    server_ns: int
    """From the question's last byte to the answer's first, at the other end."""
    class_index: int
    tcp: Tcp
