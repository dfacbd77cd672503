"""Units, random streams, registry, YAML with line marks, errors. Invariant: no word of the domain."""
