"""The processes of each workflow, one a file: compiled work in, sessions and legs out."""


class Workflow:
    """The processes of one piece of work."""

    def start(self) -> None:
        """Begin when the replication begins, which may be before the window."""
        raise TypeError(f"{type(self).__name__} must say how it starts")

    def finish(self) -> None:
        """Record what still waits when the run ends; most workflows let nothing wait."""
