"""Reads what the engine measured, gives tables. Invariant: a table is its schema, nothing more."""
