"""The nearest legal word to a mistyped one."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

LONGEST_WORD = 60


class _Nothing:
    """The type of NOTHING."""

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING: Final = _Nothing()
"""Stands for 'no value to show' in a fault."""


def nearest(word: str, legal: Iterable[str]) -> str | None:
    """Return the legal word nearest to a mistyped one, or None; case does not count.

    >>> nearest("bandwith", ["rate", "bandwidth"])
    'bandwidth'
    """
    words = list(legal)
    folded = {one.casefold(): one for one in reversed(words)}
    found = get_close_matches(word[:LONGEST_WORD].casefold(), list(folded), n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def suggestion(word: str, legal: Iterable[str]) -> str:
    """Return the hint for a mistyped word: the nearest, else the list of the legal ones.

    >>> suggestion("drrr", ["drr", "fifo"]), suggestion("x", ["drr", "fifo"])
    ("Did you mean 'drr'?", 'Legal: drr, fifo')
    """
    words = list(dict.fromkeys(legal))
    found = nearest(word, words)
    if found is not None:
        return f"Did you mean '{found}'?"
    if not words:
        return ""
    more = f", … ({len(words)} in all)" if len(words) > 12 else ""
    return f"Legal: {', '.join(words[:12])}{more}"
