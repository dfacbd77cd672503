"""Reads a Scenario, gives tables with verdicts. Invariant: one function from input to result, no state kept."""
