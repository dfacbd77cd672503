"""From scenario blocks to the work that control starts, and the routes that it needs."""

from collections.abc import Callable, Mapping

from telemedsim.catalogue.load import Catalogue
from telemedsim.model.experiment import Connection
from telemedsim.model.load import Scenario
from telemedsim.model.scenario import ScenarioBase
from telemedsim.model.workflows import (
    Archiving,
    Broadcast,
    Consultation,
    Examination,
    ImageReading,
    Lesson,
    Monitoring,
    MorningReading,
    OnlineConsultation,
    RemoteReporting,
    StudyReplication,
    StudyUpload,
)
from telemedsim.network.compile_archiving import compile_archiving
from telemedsim.network.compile_broadcast import compile_broadcast
from telemedsim.network.compile_examination import compile_examination
from telemedsim.network.compile_imaging import compile_reading, compile_uploads
from telemedsim.network.compile_lesson import compile_lesson
from telemedsim.network.compile_monitoring import compile_monitoring
from telemedsim.network.compile_morning_reading import compile_morning_reading
from telemedsim.network.compile_online import compile_online
from telemedsim.network.compile_replication import compile_replication
from telemedsim.network.compile_reporting import compile_reporting
from telemedsim.network.compile_video import compile_consultation
from telemedsim.network.participants import Pair, Participants, both_ways
from telemedsim.network.work import ConnectionWork, Place, Work

CAMPUS_ONLY = ("campus",)
"""Technologies of a connection that lies inside a site."""
COMPILERS: dict[type[ScenarioBase], Callable[..., tuple[list[Work], list[Pair]]]] = {
    Archiving: compile_archiving,
    Broadcast: compile_broadcast,
    Consultation: compile_consultation,
    Examination: compile_examination,
    ImageReading: compile_reading,
    Lesson: compile_lesson,
    Monitoring: compile_monitoring,
    MorningReading: compile_morning_reading,
    OnlineConsultation: compile_online,
    RemoteReporting: compile_reporting,
    StudyReplication: compile_replication,
    StudyUpload: compile_uploads,
}
"""What compiles the blocks of each workflow."""


def compile_work(
    scenario: Scenario,
    catalogue: Catalogue,
    nodes: Mapping[str, int],
    classes: tuple[str, ...],
    parent_of: Mapping[str, str],
) -> tuple[tuple[Work, ...], tuple[ConnectionWork, ...], tuple[Pair, ...]]:
    """Return the work, the connections to probe, and the pairs of nodes that need routes.

    ``nodes`` gives each node's index, ``parent_of`` the next site on the way to the centre.
    Unworkable where a figure that the work needs stands nowhere.
    """
    parties = Participants(scenario, catalogue, nodes, classes, parent_of)
    works: list[Work] = []
    pairs: list[Pair] = []
    for block in scenario.experiment.scenarios:
        compiled, ways = compile_block(parties, block)
        works += compiled
        pairs += ways
    connections = [
        connection
        for block in scenario.experiment.connections
        for connection in compile_connections(parties, block)
    ]
    pairs += both_ways((one.place, one.towards) for one in connections)
    return tuple(works), tuple(connections), tuple(dict.fromkeys(pairs))


def compile_block(parties: Participants, block: ScenarioBase) -> tuple[list[Work], list[Pair]]:
    """Return the work of a block and the pairs of nodes that need routes; Unworkable if it is none."""
    kind = next(one for one in type(block).__mro__ if one in COMPILERS)
    return COMPILERS[kind](parties, block)


def compile_connections(parties: Participants, block: Connection) -> list[ConnectionWork]:
    """Return the connections of a block's sites; a site has none to itself."""
    row = parties.catalogue.connections[block.service]
    found = []
    for site in parties.selected(block.sites, block, "sites"):
        place, towards = _ends(parties, block, site.id, row.technologies == CAMPUS_ONLY)
        if place.node != towards.node:
            found.append(
                ConnectionWork(
                    connection=block.id,
                    service=block.service,
                    class_index=parties.class_index(block.class_of_service or row.class_of_service),
                    place=place,
                    towards=towards,
                    probe=parties.prober(),
                )
            )
    return found


def _ends(parties: Participants, block: Connection, site: str, inside: bool) -> tuple[Place, Place]:
    """Return a connection's ends: a campus network's inside the site, else the two sites."""
    if inside:
        return parties.campus(site), parties.server_room(site)
    return parties.server_room(site), parties.server_room(
        parties.upwards(site, block.towards, block, "towards")
    )
