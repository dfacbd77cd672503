"""What can be read of a file although other parts of it are at fault, so that all is reported."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from telemedsim.catalogue.rows import Technology
from telemedsim.core.errors import Fault, PathParts
from telemedsim.core.salvage import Salvaged, salvaged
from telemedsim.core.validation import validated
from telemedsim.core.yaml_nodes import Node
from telemedsim.model.check_identity import (
    LegalWords,
    dangling,
    dangling_fault,
    rows_of,
    written_ids,
)
from telemedsim.model.experiment import Connection, Experiment, Window, workflows
from telemedsim.model.scenario import ScenarioBase
from telemedsim.model.topology import Link, Site, Topology

RecordT = TypeVar("RecordT", bound=BaseModel)
Words = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Placed(Generic[RecordT]):
    """A record as far as it can be read, and where it stands.

    A field at fault (missing, refused, or naming nothing) is None, whatever its type says.
    """

    path: PathParts
    record: RecordT
    faulty: frozenset[str]
    """Fields at fault."""
    clean: bool
    """Nothing in the record is at fault."""


@dataclass(frozen=True)
class TopologyDraft:
    """A topology's file: all of it if its values are valid, and what can be read of each row."""

    node: Node
    whole: Topology | None
    sites: tuple[Placed[Site], ...]
    links: tuple[Placed[Link], ...]
    technologies: tuple[Technology, ...]
    """The valid ones that it brings."""
    faults: tuple[Fault, ...]
    words: Words
    """The words that this file adds, by kind; a kind without any is not judged."""
    partial: Topology
    """The sites with an id, and the links between two such; fields at fault are None."""

    @property
    def unknown_keys(self) -> bool:
        """Whether the file has unknown keys at its top: sites or links may stand under one."""
        return any(one.code == "TM201" and not {".", "["} & set(one.path) for one in self.faults)

    def doubts_sites(self, *fields: str) -> bool:
        """Return whether one of these fields is at fault at some site."""
        rows = rows_of(self.node, "sites")
        return len(rows) != len(self.sites) or any(one.faulty & set(fields) for one in self.sites)

    def doubts_links(self, *fields: str) -> bool:
        """Return whether one of these fields is at fault at some link."""
        rows = rows_of(self.node, "links")
        return len(rows) != len(self.links) or any(one.faulty & set(fields) for one in self.links)


@dataclass(frozen=True)
class ExperimentDraft:
    """An experiment's file: all of it if its values are valid, and what can be read of it."""

    node: Node
    whole: Experiment | None
    scenarios: tuple[Placed[ScenarioBase], ...]
    connections: tuple[Placed[Connection], ...]
    window: Window | None
    seed: int | None
    faults: tuple[Fault, ...]


def draft_topology(node: Node) -> TopologyDraft:
    """Return what a tree holds of a topology, with the faults of its values and words."""
    whole, faults = validated(Topology, node)
    words = _added_words(node)
    rows = _Rows(node, words)
    sites = tuple(rows.read("sites", Site, whole.sites if whole else ()))
    links = tuple(rows.read("links", Link, whole.links if whole else ()))
    technologies = tuple(
        one.record
        for one in rows.read("technologies", Technology, whole.technologies if whole else ())
        if one.clean
    )
    return TopologyDraft(
        node,
        whole,
        sites,
        links,
        technologies,
        (*faults, *rows.faults),
        words,
        _partial(node, sites, links, technologies),
    )


def draft_experiment(node: Node, topology: TopologyDraft | None) -> ExperimentDraft:
    """Return what a tree holds of an experiment, with the faults of its values and words."""
    whole, faults = validated(Experiment, node)
    rows = _Rows(node, {} if topology is None else topology.words)
    scenarios = tuple(rows.read_scenarios())
    connections = tuple(
        rows.read("connections", Connection, () if whole is None else whole.connections)
    )
    window, seed = node.child("window"), node.child("seed")
    return ExperimentDraft(
        node,
        whole,
        scenarios,
        connections,
        validated(Window, window)[0] if window is not None else None,
        seed.value if seed is not None and isinstance(seed.value, int) else None,
        (*faults, *rows.faults),
    )


class _Rows:
    """Reads lists of records, and collects the words in them that name nothing."""

    def __init__(self, node: Node, words: Words) -> None:
        self.node = node
        self.legal = LegalWords(words)
        self.faults: list[Fault] = []

    def read(
        self, key: str, model: type[RecordT], valid: Sequence[RecordT]
    ) -> Iterator[Placed[RecordT]]:
        """Yield what can be read of each record under a key; ``valid`` are those of a whole file."""
        for index, row in enumerate(rows_of(self.node, key)):
            known = Salvaged(valid[index], frozenset(), clean=True) if valid else None
            yield from self._placed((key, index), model, row, known)

    def read_scenarios(self) -> Iterator[Placed[ScenarioBase]]:
        """Yield what can be read of each block; of an unknown workflow what all blocks share."""
        blocks: Mapping[str, type[ScenarioBase]] = workflows()
        for index, row in enumerate(rows_of(self.node, "scenarios")):
            word = row.child("workflow")
            model = blocks.get(str(word.value), ScenarioBase) if word is not None else ScenarioBase
            yield from self._placed(("scenarios", index), model, row)

    def _placed(
        self,
        path: PathParts,
        model: type[RecordT],
        row: Node,
        known: Salvaged[RecordT] | None = None,
    ) -> Iterator[Placed[RecordT]]:
        found = known or salvaged(model, row)
        unknown = list(dangling(model, row, self.legal))
        self.faults += [dangling_fault(self.node, path, one, self.legal) for one in unknown]
        if found is None:
            return
        if not unknown:
            yield Placed(path, found.record, found.faulty, found.clean)
            return
        lost = {
            name
            for name, field in model.model_fields.items()
            if any(one.path[0] in (name, field.alias) for one in unknown)
        }
        record = found.record.model_copy(update=dict.fromkeys(lost))
        yield Placed(path, record, found.faulty | lost, clean=False)


def _added_words(node: Node) -> Words:
    found = {
        kind: tuple(word for _, word in written_ids(node, key))
        for kind, key in (("site", "sites"), ("link", "links"), ("technology", "technologies"))
    }
    return {kind: words for kind, words in found.items() if words}


def _partial(
    node: Node,
    sites: tuple[Placed[Site], ...],
    links: tuple[Placed[Link], ...],
    technologies: tuple[Technology, ...],
) -> Topology:
    """Return a topology of what is known; of sites with one id the first."""
    known = {one.record.id: one.record for one in reversed(sites) if one.record.id is not None}
    return Topology.model_construct(
        telemedsim=1,
        kind="topology",
        name="",
        allow_isolated=_scalar(node, "allow_isolated") is True,
        tier_tree="required" if _scalar(node, "tier_tree") == "required" else "free",
        technologies=technologies,
        sites=tuple(reversed(known.values())),
        links=tuple(
            one.record
            for one in links
            if one.record.ends is not None and all(end in known for end in one.record.ends)
        ),
    )


def _scalar(node: Node, key: str) -> Any:
    child = node.child(key)
    return None if child is None else child.value
