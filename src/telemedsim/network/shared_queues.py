"""Where the plan's media streams may wait: what transfers that share a queue with them are measured by."""

from collections.abc import Iterator

from telemedsim.network.plan import Plan
from telemedsim.network.work import BroadcastWork, ConsultationWork, LessonWork


def media_classes(plan: Plan) -> frozenset[tuple[int, int]]:
    """Return (interface, class index) of each place that a stream with frames may cross.

    Probes are streams too, but measure transfers: where only they share a queue, it does not count.
    """
    return frozenset(
        (interface, class_index)
        for ends, class_index in _ways(plan)
        for interface in plan.routes.get(ends, ())
    )


def _ways(plan: Plan) -> Iterator[tuple[tuple[int, int], int]]:
    """Yield (from node, to node) and the class of all streams that the work may open."""
    for work in plan.work:
        if isinstance(work, ConsultationWork):
            bridge = work.bridge_at.node
            for rooms in (*work.asking, *work.answering):
                yield (rooms.place.node, bridge), work.class_index
                yield (bridge, rooms.place.node), work.class_index
        elif isinstance(work, BroadcastWork):
            source = work.source_at.node
            for viewers in work.viewers:
                relay = viewers.relay_at
                if relay is None:
                    yield (source, viewers.place.node), work.class_index
                else:
                    yield (source, relay.node), work.class_index
                    yield (relay.node, viewers.place.node), work.class_index
        elif isinstance(work, LessonWork):
            yield (work.server_at.node, work.learners_at.node), work.class_index
