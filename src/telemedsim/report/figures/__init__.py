"""Pictures of a run or a topology, drawn by matplotlib from saved tables."""
