"""From files to a Scenario, or to every fault of all of them."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from telemedsim.core.errors import Fault, InvalidInput, TelemedsimError
from telemedsim.core.frozen import legal_keys
from telemedsim.core.validation import fault_at, validated
from telemedsim.core.yaml_marks import read_yaml
from telemedsim.core.yaml_nodes import Node
from telemedsim.core.yaml_text import read_bytes
from telemedsim.model.check_experiment import check_experiment
from telemedsim.model.check_topology import check_topology
from telemedsim.model.drafts import (
    ExperimentDraft,
    TopologyDraft,
    draft_experiment,
    draft_topology,
)
from telemedsim.model.experiment import Experiment
from telemedsim.model.header import guessed_kind, header_faults
from telemedsim.model.origins import origins_of
from telemedsim.model.overrides import (
    Override,
    Setting,
    apply_settings,
    belongs_to_topology,
    parse_settings,
)
from telemedsim.model.recipe import Recipe
from telemedsim.model.topology import SCHEMA_VERSION, Topology

OF_TEXTS = ("TM102", "TM105", "TM109")
OF_VALUES = ("TM200", "TM201", "TM203", "TM204", "TM205", "TM206", "TM302")
"""Codes of which one place gets one, the first."""


@dataclass(frozen=True)
class Scenario:
    """An experiment with its topology, checked; all that a run needs of what the user wrote."""

    experiment: Experiment
    topology: Topology
    origins: Mapping[str, str]
    """Dotted path with ids (``links.c1-line.rate``) -> ``file:line``, or the option as typed."""
    files: tuple[str, ...]
    """The experiment's file and the topology's."""
    resolved: Mapping[str, Any]
    """Both, with every default written out: under `experiment` and `topology`."""
    warnings: tuple[Fault, ...] = ()
    """What is legal and unlikely."""

    def origin(self, *path: str) -> str:
        """Return where a record or value was written, or '' if it is a default."""
        return self.origins.get(".".join(path), "")

    def resolved_text(self) -> str:
        """Return the resolved scenario as YAML, which `load` reads again."""
        return _yaml(self.resolved)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the resolved scenario, the same wherever its files lie."""
        return hashlib.sha256(json.dumps(self.resolved, sort_keys=True).encode()).hexdigest()


Further = Callable[[ExperimentDraft, TopologyDraft], list[Fault]]
"""Checks of what can be read of both files that a room above this one knows."""


Builder = Callable[[Recipe], str]
"""Gives the text of the topology that a recipe describes; a room above this one knows places."""


def _nothing_further(experiment: ExperimentDraft, topology: TopologyDraft) -> list[Fault]:
    return []


def _nothing_built(recipe: Recipe) -> str:
    raise TelemedsimError(f"'{recipe.name}' is a recipe, and nothing builds it here")


def load(
    path: Path | str,
    settings: Iterable[str | Override] = (),
    further: Further = _nothing_further,
    build: Builder = _nothing_built,
) -> Scenario:
    """Return the scenario of an experiment's file (or of a saved scenario.yaml); raise InvalidInput with all faults of all files.

    ``settings`` are overrides such as ``window.duration=60 s``.
    """
    parsed, faults = parse_settings(settings)
    found = _Read(Path(path), parsed, further, build)
    faults += found.faults
    errors = [fault for fault in faults if fault.level == "error"]
    if errors or found.experiment is None or found.topology is None:
        raise InvalidInput(_tidy(errors))
    resolved = {
        "telemedsim": SCHEMA_VERSION,
        "kind": "scenario",
        "experiment": written(found.experiment),
        "topology": written(found.topology),
    }
    return Scenario(
        found.experiment,
        found.topology,
        found.origins,
        found.files,
        resolved,
        tuple(fault for fault in faults if fault.level == "warning"),
    )


def load_topology(path: Path | str, build: Builder = _nothing_built) -> Topology:
    """Return the topology of a file or recipe; raise InvalidInput with all its faults."""
    draft, faults = _topology_of(Path(path), (), build)
    errors = [fault for fault in faults if fault.level == "error"]
    if errors or draft is None or draft.whole is None:
        raise InvalidInput(_tidy(errors))
    return draft.whole


def load_recipe(path: Path | str) -> Recipe:
    """Return the recipe of a file; raise InvalidInput with all its faults."""
    node, faults = _tree(Path(path))
    recipe, found = (None, []) if node is None else _recipe_of(node)
    if recipe is None or faults or found:
        raise InvalidInput(_tidy([*faults, *found]))
    return recipe


def check(
    paths: Iterable[Path | str],
    further: Further = _nothing_further,
    build: Builder = _nothing_built,
) -> list[Fault]:
    """Return every fault and warning of some files; an experiment's topology is checked with it."""
    found: list[Fault] = []
    for path in (Path(one) for one in paths):
        node, faults = _tree(path)
        if node is not None and guessed_kind(node) in ("topology", "recipe"):
            found += _topology_of(path, (), build)[1]
        else:
            found += faults if node is None else _Read(path, (), further, build).faults
    return _tidy(found)


def written(record: Experiment | Topology) -> dict[str, Any]:
    """Return a record as its file would hold it, every default written out."""
    return record.model_dump(mode="json", by_alias=True, exclude_none=True)


def _yaml(value: Any) -> str:
    return str(
        yaml.dump(value, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=100)
    )


class _Read:
    """An experiment and its topology as far as they can be read, and every fault of both."""

    def __init__(
        self, path: Path, settings: Sequence[Setting], further: Further, build: Builder
    ) -> None:
        self._further = further
        self._build = build
        self.experiment: Experiment | None = None
        self.topology: Topology | None = None
        self.origins: dict[str, str] = {}
        self.files: tuple[str, ...] = (str(path),)
        node, self.faults = _tree(path)
        if node is not None and guessed_kind(node) == "scenario":
            self._read_saved(node, settings)
        elif node is not None:
            self._read_experiment(path, node, settings)

    def _read_saved(self, node: Node, settings: Sequence[Setting]) -> None:
        """Read a resolved scenario, which holds both under two keys."""
        experiment, topology = node.child("experiment"), node.child("topology")
        self.faults += header_faults(node, "scenario")
        if experiment is None or topology is None:
            hint = "Use the scenario.yaml of a run as it was saved"
            message = "a scenario holds 'experiment' and 'topology'"
            self.faults.append(fault_at(node, (), "TM202", message, hint=hint))
            return
        others = [one for one in settings if belongs_to_topology(one)]
        draft, faults = _drafted(topology, others)
        self._take_topology(draft, faults)
        self._take_experiment(experiment, settings, draft)

    def _read_experiment(self, path: Path, node: Node, settings: Sequence[Setting]) -> None:
        if guessed_kind(node) != "experiment":
            self.faults += header_faults(node, "experiment")
            return
        others = [one for one in settings if belongs_to_topology(one)]
        self._take_experiment(node, settings, self._read_topology(path, node, others))

    def _take_experiment(
        self, node: Node, settings: Sequence[Setting], topology: TopologyDraft | None
    ) -> None:
        header = header_faults(node, "experiment")
        own = [one for one in settings if not belongs_to_topology(one)]
        legal = [*legal_keys(Experiment), *legal_keys(Topology)]
        node, unplaced = apply_settings(node, own, legal)
        draft = draft_experiment(node, topology)
        self.faults += [*header, *unplaced, *_beside(header, check_experiment(draft, topology))]
        if topology is not None:
            self.faults += self._further(draft, topology)
        self.experiment = draft.whole
        self.origins |= origins_of(node)

    def _take_topology(self, draft: TopologyDraft | None, faults: list[Fault]) -> None:
        self.faults += faults
        if draft is not None:
            self.topology = draft.whole
            self.origins |= origins_of(draft.node)

    def _read_topology(
        self, path: Path, node: Node, settings: Sequence[Setting]
    ) -> TopologyDraft | None:
        named = node.child("topology")
        if named is None or not isinstance(named.value, str) or not named.value:
            return None
        place = path.parent / named.value
        draft, faults = _topology_of(place, settings, self._build)
        if draft is None and all(fault.code == "TM100" for fault in faults):
            # The experiment's line is where the user mends a path.
            for fault in faults:
                message = f"'{place}': {fault.message}"
                self.faults.append(
                    Fault("TM100", *named.mark, "topology", message, hint=fault.hint)
                )
            return None
        self.files = (*self.files, str(place))
        self._take_topology(draft, faults)
        return draft


def _tree(path: Path) -> tuple[Node | None, list[Fault]]:
    data, faults = read_bytes(path, str(path))
    return (None, faults) if data is None else read_yaml(data, str(path))


def _topology_of(
    path: Path, settings: Sequence[Setting], build: Builder
) -> tuple[TopologyDraft | None, list[Fault]]:
    node, faults = _tree(path)
    if node is not None and guessed_kind(node) == "recipe":
        node, found = _built(node, path, build)
        faults += found
    if node is None:
        return None, faults
    if guessed_kind(node) != "topology":
        return None, [*faults, *header_faults(node, "topology")]
    draft, found = _drafted(node, settings)
    return draft, [*faults, *found]


def _recipe_of(node: Node) -> tuple[Recipe | None, list[Fault]]:
    header = header_faults(node, "recipe")
    recipe, faults = validated(Recipe, node)
    return (None if header else recipe), [*header, *_beside(header, faults)]


def _built(node: Node, path: Path, build: Builder) -> tuple[Node | None, list[Fault]]:
    """Return the tree of the topology that a recipe describes, its lines those of the built text."""
    recipe, faults = _recipe_of(node)
    if recipe is None:
        return None, faults
    try:
        text = build(recipe)
    except TelemedsimError as error:
        hint = error.remedy or ""
        return None, [fault_at(node, ("provinces",), "TM313", str(error), hint=hint)]
    return read_yaml(text.encode(), f"{path} (built)")


def _drafted(node: Node, settings: Sequence[Setting]) -> tuple[TopologyDraft, list[Fault]]:
    header = header_faults(node, "topology")
    node, unplaced = apply_settings(node, settings, legal_keys(Topology))
    draft = draft_topology(node)
    return draft, [*unplaced, *header, *_beside(header, check_topology(draft))]


def _beside(header: list[Fault], faults: list[Fault]) -> list[Fault]:
    """Return the faults without those of the header's keys, which are told once and better."""
    told = {fault.path for fault in header}
    return [fault for fault in faults if not (fault.path in told and fault.code < "TM300")]


def _tidy(faults: Iterable[Fault]) -> list[Fault]:
    """Return the faults file by file in the order of their lines, each place and reason once."""
    files: dict[str, list[Fault]] = {}
    for fault in faults:
        files.setdefault(fault.file, []).append(fault)
    found: list[Fault] = []
    for group in files.values():
        told: set[str] = set()
        seen: set[tuple[int, int, str, str]] = set()
        for fault in sorted(group, key=lambda one: (one.line, one.column)):
            key = (fault.line, fault.column, fault.path, fault.message)
            # What cannot be read as a value is then also of the wrong type, and names nothing.
            follows = fault.path in told and fault.code in OF_VALUES
            if key in seen or follows:
                continue
            seen.add(key)
            if fault.path and fault.code in (*OF_VALUES, *OF_TEXTS):
                told.add(fault.path)
            found.append(fault)
    return found
