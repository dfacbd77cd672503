"""Pictures of a run or a topology, drawn by matplotlib from saved tables."""

from telemedsim.report.figures.gallery import run_figures

__all__ = ["run_figures"]
