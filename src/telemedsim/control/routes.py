"""What a session may know of its path: interfaces, rate and propagation, out of the Plan."""

from telemedsim.network.plan import Plan


class Routes:
    """Paths between nodes and their constant figures."""

    def __init__(self, plan: Plan) -> None:
        self._routes = plan.routes
        self._rate_bps: list[int] = plan.interfaces.rate_bps.tolist()
        self._propagation_ns: list[int] = plan.interfaces.propagation_ns.tolist()

    def path(self, tail: int, head: int) -> tuple[int, ...]:
        """Return the interfaces from one node to another; empty when they are the same node.

        KeyError if the Plan holds no route for the pair, which is a fault of its compilation.
        """
        return () if tail == head else self._routes[(tail, head)]

    def provisioned_bps(self, path: tuple[int, ...]) -> int:
        """Return the least provisioned rate over the path in bit/s; 0 for an empty path."""
        return min([self._rate_bps[interface] for interface in path], default=0)

    def propagation_ns(self, path: tuple[int, ...]) -> int:
        """Return the propagation delay of the whole path."""
        return sum([self._propagation_ns[interface] for interface in path])

    def round_trip_ns(self, tail: int, head: int) -> int:
        """Return the propagation delay there and back."""
        forward = self.propagation_ns(self.path(tail, head))
        return forward + self.propagation_ns(self.path(head, tail))
