"""What a handover does to a fetch: for as long as it lasts, nothing can come (rule 7, at a terminal that walks)."""

import numpy as np
import pandas as pd

from telemedsim.catalogue.load import catalogue
from telemedsim.core.units import NS_PER_S
from telemedsim.parts.traffic.playout import FREEZE_EXTRA_NS
from telemedsim.sla.cases import FINAL, UNFINISHED, observations

BY_HANDOVER = "handover"
"""Where the cause of a cut is looked for: at the access link behind the handover."""


def least_cut_s(count: str) -> float:
    """Return how long a cut lasts at most that does not count, in s, for ``freezes`` or ``interruptions``.

    A fetched image has no frames: it stands still where a picture of very many frames would.

    >>> least_cut_s("freezes"), least_cut_s("interruptions")
    (0.15, 2.0)
    """
    if count == "interruptions":
        return catalogue().number("interruption_s")
    return FREEZE_EXTRA_NS / NS_PER_S


def cut_fetches(count: str, cases: pd.DataFrame) -> pd.DataFrame:
    """Return how many handovers of a fetch lasted too long, so far, of each leg whose terminal roams."""
    legs = cases[(cases.kind == "transfer") & cases.handover_s.notna()]
    long = (legs.handover_s > least_cut_s(count)).astype(np.float64)
    so_far = long.groupby([legs.limit, legs.session]).cumsum().to_numpy()
    over = np.where(legs.strict, so_far >= legs.bound, so_far > legs.bound)
    state = np.where(legs.running & ~over, UNFINISHED, FINAL)
    return observations(legs, so_far, state).assign(cause_kind=BY_HANDOVER)
