# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A first look at telemedsim
#
# Twelve sites, from the national centre to a township hospital on a satellite: does a 4K lesson reach the county hospital of
# Tongzi, and what happens to it on a thinner line? Everything below runs in half a minute.

# %%
import numpy as np
from matplotlib import pyplot as plt

import telemedsim as ts
from telemedsim.records.quantiles import bucket_edges

EXPERIMENT = "../experiments/reference_half_hour.yaml"
WINDOW = ["window.start=09:41", "window.duration=3 s"]  # the lesson is on from 09:40

# %% [markdown]
# ## Load
# An experiment is a YAML file; a list of `path=value` texts changes single values. A fault would be told with file, line and remedy.

# %%
scenario = ts.load(EXPERIMENT, WINDOW)
ts.topology_frame("../topologies/reference.yaml", "links").head(12)

# %% [markdown]
# ## Plan
# What the run would do, before any packet is simulated.

# %%
forecast = ts.plan(scenario)
print(dict(forecast.figures))
forecast.loads.head(5)

# %% [markdown]
# ## Simulate
# The same scenario gives the same tables, digit by digit.

# %%
results = ts.simulate(scenario)
print(results)
results.sessions[["scenario", "site", "started_s", "in_progress", "outcome"]]

# %% [markdown]
# The summary has a row for each scenario, service, tier and clause. `judged` counts the verdicts; what is censored (unfinished when
# the window closed) or has too little data is counted apart and never as met.

# %%
results.summary.loc[
    results.summary["judged"] > 0,
    ["scenario", "tier", "clause", "bound", "unit", "judged", "violated", "rate", "p95"],
]


# %% [markdown]
# ## Look at the delays
# Delays are kept as counts of narrow buckets for each leg (a participant and a direction).


# %%
def delay_curve(run: ts.Results, scenario: str, site: str) -> tuple[np.ndarray, np.ndarray]:
    """Return delays in ms and the share of packets at or under each."""
    legs = run.legs
    chosen = (legs["scenario"] == scenario) & (legs["site"] == site) & (legs["kind"] == "stream")
    delays = run.tables["delays"]
    counts = delays[delays["leg"].isin(legs.loc[chosen, "leg"])].groupby("bucket")["packets"].sum()
    _, upper_ns = bucket_edges(counts.index.to_numpy())
    return upper_ns / 1e6, (counts.cumsum() / counts.sum()).to_numpy()


milliseconds, share = delay_curve(results, "lesson_4k", "tongzi")
plt.step(milliseconds, share, where="post")
plt.axvline(20, color="darkred")
plt.xlabel("one-way delay, ms (dark red: the bound)")
plt.ylabel("share of packets")
plt.title("The lesson at Tongzi, 30 Mbit/s")
plt.show()

# %% [markdown]
# ## Change one line
# What if Tongzi had 10 Mbit/s? All random draws stay as they were, so every difference comes from the line.

# %%
thin = ts.simulate(ts.load(EXPERIMENT, [*WINDOW, "links.tongzi-line.rate=10 Mbit/s"]))
thin.violations()[
    ["scenario", "site", "clause", "observed", "bound", "unit", "cause", "cause_interface"]
]

# %%
for run, label in ((results, "30 Mbit/s"), (thin, "10 Mbit/s")):
    plt.step(*delay_curve(run, "lesson_4k", "tongzi"), where="post", label=label)
plt.axvline(20, color="darkred")
plt.xscale("log")
plt.xlabel("one-way delay, ms (dark red: the bound)")
plt.ylabel("share of packets")
plt.legend(title="Tongzi's line")
plt.show()

# %% [markdown]
# ## Other promises, same run
# A run is judged again under other limits without simulating. A player that buffers would live with half a second of delay:

# %%
patient = ts.evaluate(thin, {("lesson_4k", "delay_ms_max"): 500})
before = len(thin.violations().query("scenario == 'lesson_4k'"))
after = len(patient.violations().query("scenario == 'lesson_4k'"))
print(f"violated clauses of the lesson: {before} before, {after} after")

# %% [markdown]
# ## Keep it
# `results.save("results")` writes a folder with all tables, figures and the resolved scenario; `ts.open_run(folder)` reads it back.
