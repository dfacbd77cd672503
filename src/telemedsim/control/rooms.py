"""Rooms and bridge ports: a session takes all that it needs at once, or is blocked (no queue)."""

from collections.abc import Sequence

import simpy

from telemedsim.network.work import ConsultationWork, Rooms

Held = list[tuple[simpy.Resource, simpy.resources.resource.Request]]


class RoomPool:
    """The rooms of a scenario's sites and the ports of its bridge, as SimPy resources."""

    def __init__(self, environment: simpy.Environment, work: ConsultationWork) -> None:
        self._bridge = f"bridge ports at {work.bridge_at.site}"
        self._ports = simpy.Resource(environment, capacity=work.bridge_ports)
        self._rooms = {
            rooms.place.name: simpy.Resource(environment, capacity=rooms.rooms)
            for rooms in (*work.answering, *work.asking)
        }

    def lacking(self, parties: Sequence[Rooms]) -> str:
        """Return the first resource that a session of these parties would lack, or ''."""
        for rooms in parties:
            if self._free(self._rooms[rooms.place.name]) < 1:
                return f"rooms at {rooms.place.site}"
        if self._free(self._ports) < len(parties):
            return self._bridge
        return ""

    def hold(self, parties: Sequence[Rooms]) -> Held:
        """Take a room for each party and its port; `lacking` must have said that none lacks."""
        resources = [self._rooms[rooms.place.name] for rooms in parties]
        resources += [self._ports] * len(parties)
        return [(resource, resource.request()) for resource in resources]

    def release(self, held: Held) -> None:
        """Give everything back."""
        for resource, request in held:
            resource.release(request)

    @staticmethod
    def _free(resource: simpy.Resource) -> int:
        return int(resource.capacity - resource.count)
