"""Reads YAML, gives frozen values; every fault with file, line, path, value and remedy.
Invariant: what a Scenario holds has passed every check, so lower rooms need none."""
