"""Reads its own data files, gives facts as typed rows, each figure with its source. No literal
default lives elsewhere. Invariant: it knows no user file, no engine and no simulated value."""
