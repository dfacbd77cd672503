"""All figures of a run, as PNG bytes by file name."""

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from telemedsim.report.figures.distributions import delay_figure, response_figure
from telemedsim.report.figures.map import load_figure, violation_figure
from telemedsim.report.figures.style import write_png
from telemedsim.report.figures.utilisation import utilisation_figure

if TYPE_CHECKING:
    import pandas as pd


def run_figures(
    tables: "Mapping[str, pd.DataFrame]", manifest: Mapping[str, Any]
) -> dict[str, bytes]:
    """Return the figures of a run; one that has nothing to show is left out.

    The same tables give the same bytes.
    """
    name = str(manifest["experiment"])
    sites, links, legs = tables["sites"], tables["links"], tables["legs"]
    verdicts = tables["verdicts"]
    with_delay = verdicts.loc[verdicts["clause"].eq("delay_ms_max"), "leg"]
    figures: dict[str, Figure | None] = {
        "map_violations.png": violation_figure(
            sites, links, verdicts, f"{name}: where promises break"
        ),
        "map_utilisation.png": load_figure(sites, links, f"{name}: how full the links are"),
        # Probes and transfers beside video have delays that no clause judges.
        "delays.png": delay_figure(
            legs[legs["leg"].isin(with_delay)], tables["delays"], tables["limits"]
        ),
        "responses.png": response_figure(legs, tables["measures"], tables["limits"]),
        "utilisation.png": utilisation_figure(links, tables["link_series"]),
    }
    return {file: _png(figure) for file, figure in figures.items() if figure is not None}


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    write_png(figure, buffer)
    return buffer.getvalue()
