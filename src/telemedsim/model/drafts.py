"""What can be read of a file although other parts of it are at fault, so that all is reported."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import BaseModel

from telemedsim.catalogue.rows import Technology
from telemedsim.core.errors import Fault, PathParts
from telemedsim.core.validation import validated
from telemedsim.core.yaml_nodes import Node
from telemedsim.model.experiment import Connection, Experiment, workflows
from telemedsim.model.scenario import ScenarioBase
from telemedsim.model.topology import Link, Site, Topology

RecordT = TypeVar("RecordT", bound=BaseModel)


@dataclass(frozen=True)
class Placed(Generic[RecordT]):
    """A valid record and where it stands."""

    path: PathParts
    record: RecordT


@dataclass(frozen=True)
class TopologyDraft:
    """A topology's file: all of it if it is valid, else its valid parts."""

    node: Node
    whole: Topology | None
    sites: tuple[Placed[Site], ...]
    links: tuple[Placed[Link], ...]
    faults: tuple[Fault, ...]
    technologies: tuple[str, ...]

    def ids(self, key: str) -> tuple[str, ...]:
        """Return the identifiers written under ``sites`` or ``links``, valid parts or not."""
        return tuple(word for _, word in written_ids(self.node, key))

    def words(self) -> dict[str, tuple[str, ...]]:
        """Return the words that this file adds, by kind; a kind without any is not judged."""
        found = {
            "site": self.ids("sites"),
            "link": self.ids("links"),
            "technology": self.technologies,
        }
        return {kind: words for kind, words in found.items() if words}


@dataclass(frozen=True)
class ExperimentDraft:
    """An experiment's file: all of it if it is valid, else its valid parts."""

    node: Node
    whole: Experiment | None
    scenarios: tuple[Placed[ScenarioBase], ...]
    connections: tuple[Placed[Connection], ...]
    faults: tuple[Fault, ...] = field(default=())


def draft_topology(node: Node) -> TopologyDraft:
    """Return what a tree holds of a topology, with the faults of its values."""
    whole, faults = validated(Topology, node)
    return TopologyDraft(
        node,
        whole,
        tuple(_valid(node, "sites", Site)),
        tuple(_valid(node, "links", Link)),
        tuple(faults),
        tuple(word for _, word in written_ids(node, "technologies")),
    )


def draft_experiment(node: Node) -> ExperimentDraft:
    """Return what a tree holds of an experiment, with the faults of its values."""
    whole, faults = validated(Experiment, node)
    return ExperimentDraft(
        node,
        whole,
        tuple(_valid_scenarios(node)),
        tuple(_valid(node, "connections", Connection)),
        tuple(faults),
    )


def written_ids(node: Node, key: str) -> list[tuple[PathParts, str]]:
    """Return the path and text of every ``id`` in a list of records."""
    found: list[tuple[PathParts, str]] = []
    for index, one in enumerate(_items(node, key)):
        word = one.child("id")
        if word is not None and isinstance(word.value, str):
            found.append(((key, index, "id"), word.value))
    return found


def _items(node: Node, key: str) -> list[Node]:
    child = node.child(key)
    return child.value if child is not None and isinstance(child.value, list) else []


def _valid(node: Node, key: str, model: type[RecordT]) -> Iterator[Placed[RecordT]]:
    for index, one in enumerate(_items(node, key)):
        record, _ = validated(model, one)
        if record is not None:
            yield Placed((key, index), record)


def _valid_scenarios(node: Node) -> Iterator[Placed[ScenarioBase]]:
    blocks: Mapping[str, type[ScenarioBase]] = workflows()
    for index, one in enumerate(_items(node, "scenarios")):
        word = one.child("workflow")
        model = blocks.get(str(word.value)) if word is not None else None
        record = validated(model, one)[0] if model is not None else None
        if record is not None:
            yield Placed(("scenarios", index), record)


def own_technologies(draft: TopologyDraft) -> tuple[Technology, ...]:
    """Return the valid technologies that the topology brings."""
    return tuple(one.record for one in _valid(draft.node, "technologies", Technology))
