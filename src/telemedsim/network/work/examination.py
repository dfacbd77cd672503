"""Compiled examinations."""

from dataclasses import dataclass

from telemedsim.network.work.base import Place, Work
from telemedsim.parts.transport import Tcp


@dataclass(frozen=True)
class ExaminationWork(Work):
    """The candidates of one site and the server of their examinations."""

    candidates_at: Place
    server_at: Place
    candidates: int
    sittings: tuple[tuple[int, int], ...]
    """(start, stop) of each examination; a start may lie before the window."""
    entry_ns: int
    """Time before a start in which start pages are opened."""
    release_ns: int
    """Time after a start in which papers are handed out."""
    request_bytes: int
    page_bytes: int
    paper_bytes: int
    images_bytes: int
    """All images of a paper together; 0 for a paper without any."""
    answers: int
    """Of one candidate."""
    answer_bytes: int
    confirmation_bytes: int
    server_ns: int
    tcp: Tcp
