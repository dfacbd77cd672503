"""Python's cycle collector kept out of the way of a run that makes millions of records."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

RARE = (200_000, 20, 100)
"""Thresholds of the three generations: objects, then collections of the generation before."""


@contextmanager
def rare_collections() -> Iterator[None]:
    """Look for cycles rarely in a block, and never among what was there before it.

    A run's records hold no cycles, and looking through them again and again took a quarter of a
    day of 800,000 sessions. The collector is as it was when the block ends; a block within such a
    block changes nothing.

    >>> before = gc.get_threshold()
    >>> with rare_collections():
    ...     inside = gc.get_threshold()
    >>> inside == RARE, gc.get_threshold() == before
    (True, True)
    """
    thresholds = gc.get_threshold()
    if thresholds == RARE:
        yield
        return
    gc.freeze()
    gc.set_threshold(*RARE)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
