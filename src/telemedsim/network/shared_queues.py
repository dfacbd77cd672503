"""Where the plan's media streams may wait: what transfers that share a queue with them are measured by."""

from telemedsim.network.plan import Plan


def media_classes(plan: Plan) -> frozenset[tuple[int, int]]:
    """Return (interface, class index) of each place that a stream of the work may cross.

    Probes are streams too, but measure transfers: where only they share a queue, it does not count.
    """
    return frozenset(
        (interface, class_index)
        for work in plan.work
        for ends, class_index in work.stream_ways()
        for interface in plan.routes.get(ends, ())
    )
