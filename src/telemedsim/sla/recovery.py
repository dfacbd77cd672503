"""What a survivor did not have yet: the age of data that the loss of its primary would cost."""

import numpy as np
import pandas as pd

from telemedsim.core.units import MINUTE_S
from telemedsim.records.sessions import LOST
from telemedsim.sla.cases import BEGAN_BEFORE, FINAL, UNFINISHED, UNSEEN, Tables, observations


def data_at_risk(cases: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return the greatest age in min that a study reached before the survivor had it wholly.

    The recovery point of a pair is the greatest of all of its studies, whatever their order. Where
    the primary was lost the age counts up to then. A study whose commit waits for the survivor is never
    at risk.
    """
    rows = tables["measures"]
    committed_late = rows.leg[rows.measure == "commit"].unique()
    lags = rows[rows.measure == "lag"].drop_duplicates("leg").set_index("leg")
    legs = cases[cases.leg.isin(lags.index)]
    lags = lags.reindex(legs.leg)
    origin_s, lost = lags.origin_s.to_numpy(), (legs.outcome == LOST).to_numpy()
    running = lags.value_s.isna().to_numpy()
    age_s = lags.value_s.fillna(lags.running_s).to_numpy()
    safe = legs.leg.isin(committed_late).to_numpy()
    state = np.select(
        [safe, origin_s < 0, running & ~lost], [FINAL, UNSEEN, UNFINISHED], default=FINAL
    )
    note = np.select(
        [safe, state == UNSEEN, running & lost],
        ["committed only when the survivor has it", BEGAN_BEFORE, "lost with the primary"],
        "",
    )
    return observations(legs, np.where(safe, 0.0, age_s / MINUTE_S), state, note)
