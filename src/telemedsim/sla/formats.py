"""How long a picture was in the format that its sender wanted, where senders adapt: a derived figure."""

import numpy as np
import pandas as pd

KEY = ["session", "site", "peer", "direction", "role"]
"""What the legs of one picture have in common, whatever their format."""


def shares_of_best(legs: pd.DataFrame) -> pd.DataFrame:
    """Return ``session``, ``video`` and ``share`` for each session of more than one format.

    ``video`` is the format with the greatest rate, ``share`` its part of the time of all pictures that were
    ever seen in it, 0 to 1; what lies before the window does not count.
    """
    seen = legs[(legs.kind == "stream") & (legs.video != "")]
    # Most sessions have one format throughout: what follows is for the others.
    seen = seen[seen.groupby("session").video.transform("nunique") > 1]
    ended_s = seen.ended_s.fillna(seen.joined_s + seen.running_s)
    seen = seen.assign(lasted_s=np.maximum(0.0, ended_s - seen.joined_s.clip(lower=0.0)))
    most = seen.groupby("session").target_rate_bps.transform("max")
    seen = seen.assign(best=seen.target_rate_bps == most)
    # A screen that is always smaller, such as shared images, never wanted the best format.
    wanted = seen[seen.groupby(KEY).best.transform("any")]
    several = wanted[wanted.groupby("session").video.transform("nunique") > 1]
    best = several[several.best].groupby("session")
    share = best.lasted_s.sum() / several.groupby("session").lasted_s.sum()
    return pd.DataFrame({"video": best.video.first(), "share": share}).reset_index()
