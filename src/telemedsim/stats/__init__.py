"""Reads arrays and verdict tables, gives estimates. Invariant: no random number, no word of a network."""
