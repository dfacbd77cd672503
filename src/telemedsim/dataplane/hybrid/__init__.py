"""The fast data plane: a SimPy event is for a decision, packets between two decisions are arrays."""
