"""The nearest legal word to a mistyped one."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

LONGEST_WORD = 60
LONGEST_LIST = 12
SHORTEST_START = 3
"""Letters from which on the beginning of one legal word alone is taken for it."""


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


def _only_longer(word: str, legal: Iterable[str]) -> str | None:
    """Return the one legal word that begins with a word, None if there are none or several."""
    longer = [one for one in legal if one.casefold().startswith(word.casefold())]
    return longer[0] if len(longer) == 1 and len(word) >= SHORTEST_START else None


def suggestion(word: str, legal: Iterable[str]) -> str:
    """Return the hint for a mistyped word: the nearest, else the list of the legal ones.

    >>> suggestion("drrr", ["drr", "fifo"]), suggestion("x", ["drr", "fifo"])
    ("Did you mean 'drr'?", 'Legal: drr, fifo')
    """
    words = list(dict.fromkeys(legal))
    found = nearest(word, words) or _only_longer(word, words)
    return f"Did you mean '{found}'?" if found is not None else legal_list(words)


def legal_list(words: Iterable[str], most: int = LONGEST_LIST) -> str:
    """Return the hint that lists the legal words (so many at most), '' where there is none."""
    words = list(words)
    if not words:
        return ""
    more = f", … ({len(words)} in all)" if len(words) > most else ""
    return f"Legal: {', '.join(words[:most])}{more}"
