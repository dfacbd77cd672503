"""Whether the centres of several blocks of replication fit together: the remote one is far from all others."""

from collections.abc import Iterator, Sequence

from telemedsim.catalogue.load import catalogue
from telemedsim.core.errors import Fault
from telemedsim.core.great_circle import great_circle_km
from telemedsim.core.validation import fault_at
from telemedsim.model.drafts import ExperimentDraft, Placed
from telemedsim.model.scenario import ScenarioBase
from telemedsim.model.selector import candidates
from telemedsim.model.topology import Site, Topology
from telemedsim.model.workflows import StudyReplication


def check_centres(experiment: ExperimentDraft, topology: Topology) -> Iterator[Fault]:
    """Yield a fault for each remote survivor that lies too near to a local one of the same primary.

    Only survivors named by their site are looked at; a pair itself is checked when it is compiled.
    """
    sites = {site.id: site for site in topology.sites}
    shortest = catalogue().number("dr_geography.remote_from_nearest_local_km_min")
    for block in experiment.scenarios:
        remote = _survivor(block, "remote", sites)
        if remote is None:
            continue
        for local in _local_survivors(experiment.scenarios, block.record, topology):
            km = great_circle_km(remote.latitude, remote.longitude, local.latitude, local.longitude)
            if km < shortest:
                message = (
                    f"a remote centre is at least {shortest:g} km from the nearest local one, and"
                    f" '{local.id}' is {km:.0f} km away"
                )
                path, hint = (*block.path, "to"), "Choose a survivor farther away"
                yield fault_at(experiment.node, path, "TM312", message, hint=hint, value=remote.id)


def _survivor(block: Placed[ScenarioBase], scope: str, sites: dict[str, Site]) -> Site | None:
    """Return the survivor of a block of that scope, if all that matters of it can be read."""
    record = block.record
    if not isinstance(record, StudyReplication) or block.faulty & {"scope", "to", "from"}:
        return None
    found = sites.get(record.to) if record.scope == scope else None
    return found if found is not None and found.latitude is not None else None


def _local_survivors(
    blocks: Sequence[Placed[ScenarioBase]], remote: ScenarioBase, topology: Topology
) -> Iterator[Site]:
    """Yield the survivors of local pairs that share a primary with a remote one, each once."""
    sites = {site.id: site for site in topology.sites}
    assert isinstance(remote, StudyReplication)
    primaries = set(candidates(remote.from_, topology))
    found: dict[str, Site] = {}
    for block in blocks:
        local = _survivor(block, "local", sites)
        if local is None:
            continue
        assert isinstance(block.record, StudyReplication)
        if primaries.intersection(candidates(block.record.from_, topology)):
            found[local.id] = local
    yield from found.values()
