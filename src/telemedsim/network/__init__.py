"""Reads a Scenario, gives a Plan. Invariant: the engine needs nothing but the Plan."""
