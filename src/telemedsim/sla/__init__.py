"""Reads the tables of a run, gives verdicts with causes. Invariant: judges from tables alone, so
that a saved run can be judged again under other limits; knows no engine."""
