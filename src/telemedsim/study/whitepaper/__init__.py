"""The white paper's own figures, reproduced by simulation: `compare_with_paper`."""

from telemedsim.study.whitepaper.comparison import compare_with_paper, questions

__all__ = ["compare_with_paper", "questions"]
