"""What an experiment must fulfil beyond the types of its values, alone and with its topology."""

from collections.abc import Iterator

from pydantic import BaseModel

from telemedsim.catalogue.load import catalogue
from telemedsim.core.errors import Fault, PathParts, suggestion
from telemedsim.core.validation import fault_at
from telemedsim.core.yaml_nodes import Node
from telemedsim.model.check_identity import duplicates
from telemedsim.model.check_shape import sites_apart
from telemedsim.model.drafts import ExperimentDraft, Placed, TopologyDraft
from telemedsim.model.experiment import Connection, workflows
from telemedsim.model.references import ENGINES
from telemedsim.model.scenario import Judged, ScenarioBase
from telemedsim.model.selector import Selector, candidates, select
from telemedsim.model.topology import Topology


def check_experiment(draft: ExperimentDraft, topology: TopologyDraft | None) -> list[Fault]:
    """Return every fault of an experiment; without its topology, those that need none."""
    found = list(draft.faults)
    found += duplicates(draft.node, "scenarios", "connections")
    found += _nothing_to_do(draft)
    for one in judged(draft):
        found += _limits(draft, one)
        # A fault in a selector says enough; that it matches nothing follows from it.
        if topology is not None and topology.partial.sites:
            found += _participants(draft, one, topology)
    for block in draft.scenarios:
        found += _contradictions(draft, block)
        found += _workflow_of_service(draft, block)
    found += _engine(draft)
    return found


def judged(draft: ExperimentDraft) -> list[Placed[Judged]]:
    """Return the scenarios and connections."""
    blocks: list[Placed[ScenarioBase] | Placed[Connection]] = [
        *draft.scenarios,
        *draft.connections,
    ]
    return [Placed[Judged](one.path, one.record, one.faulty, one.clean) for one in blocks]


def _contradictions(draft: ExperimentDraft, one: Placed[ScenarioBase]) -> Iterator[Fault]:
    for found in one.record.contradictions():
        value = getattr(one.record, found.field)
        path = (*one.path, found.field)
        yield fault_at(draft.node, path, "TM311", found.message, value=value, hint=found.remedy)


def _engine(draft: ExperimentDraft) -> Iterator[Fault]:
    word = draft.node.child("engine")
    if word is None or not isinstance(word.value, str) or word.value in ENGINES:
        return
    hint = suggestion(word.value, ENGINES)
    yield fault_at(draft.node, ("engine",), "TM302", "unknown engine", value=word.value, hint=hint)


def _workflow_of_service(draft: ExperimentDraft, one: Placed[ScenarioBase]) -> Iterator[Fault]:
    """Yield a warning for each service that judges no session of the workflow, or of its part."""
    record = one.record
    asked: list[tuple[PathParts, str, str]] = [(("service",), record.service, record.workflow)]
    for part, name in record.part_services().items():
        asked.append((("services", part), name, record.part_workflows[part]))
    for path, name, workflow in asked:
        service = catalogue().services.get(name)
        if service is None or workflow not in workflows() or workflow in service.workflows:
            continue
        legal = ", ".join(service.workflows)
        hint = f"It judges: {legal}" if legal else "Nothing of this version judges it"
        message = f"sessions of '{workflow}' are not judged by '{service.id}'"
        at = (*one.path, *path)
        yield fault_at(draft.node, at, "TM402", message, hint=hint, value=service.id)


def _nothing_to_do(draft: ExperimentDraft) -> Iterator[Fault]:
    if not any(_written(draft.node, key) for key in ("scenarios", "connections")):
        hint = "Add a block under 'scenarios' or 'connections'"
        yield fault_at(
            draft.node, (), "TM307", "nothing is simulated and nothing judged", hint=hint
        )


def _written(node: Node, key: str) -> bool:
    child = node.child(key)
    return child is not None and child.value not in ([], None)


def _limits(draft: ExperimentDraft, one: Placed[Judged]) -> Iterator[Fault]:
    facts = catalogue()
    judging, known = one.record.judged_by(), {*facts.services, *facts.connections}
    if not judging or not known.issuperset(judging):
        return
    clauses = {clause.clause: clause for name in judging for clause in facts.sla(name).clauses}
    for name, bound in (one.record.limits or {}).items():
        path = (*one.path, "limits", name)
        clause = clauses.get(name)
        if clause is None and name in facts.clauses:
            hint = suggestion(name, clauses)
            message = f"{_none_of(judging)} such clause"
            yield fault_at(draft.node, path, "TM302", message, hint=hint, value=name, on_key=True)
        elif clause is not None and clause.unit == "ratio" and bound > 1.0:
            hint = "Use 0.05 or 5 %"
            yield fault_at(draft.node, path, "TM204", "must be at most 1", hint=hint, value=bound)
    if not any(clause.delay_basis for clause in clauses.values()):
        yield from _no_delays(draft, one)


def _none_of(services: tuple[str, ...]) -> str:
    """Return the words that none of some services has ..."""
    *first, last = (f"'{name}'" for name in services)
    return f"neither {', '.join(first)} nor {last} has a" if first else f"{last} has no"


def _no_delays(draft: ExperimentDraft, one: Placed[Judged]) -> Iterator[Fault]:
    for field in ("statistic", "delay_basis"):
        value = getattr(one.record, field)
        if value is not None:
            message = f"'{one.record.service}' has no clause of delays"
            path = (*one.path, field)
            yield fault_at(draft.node, path, "TM311", message, value=value, hint="Remove it")


def _participants(
    draft: ExperimentDraft, one: Placed[Judged], topology: TopologyDraft
) -> Iterator[Fault]:
    partial = topology.partial
    sure = partial.allow_isolated and not topology.doubts_links("ends", "role")
    apart = sites_apart(partial) if sure else ()
    for path, selector in selectors(one.record, one.path):
        found = candidates(selector, partial)
        if not found and not _doubts(topology, selector):
            hint = f"The topology has {_tiers(partial)}"
            what = f"'{one.record.service}'" if one.record.service is not None else "it"
            message = f"matches no site, so {what} has no participants"
            value = shown_selector(selector)
            yield fault_at(draft.node, path, "TM307", message, hint=hint, value=value)
        elif found and _draws_none(draft, one, selector, partial, str(path[-1])):
            message = f"the share draws none of the {len(found)} sites that match"
            hint = "Use a larger share or another seed"
            at = (*path, "share")
            yield fault_at(draft.node, at, "TM307", message, hint=hint, value=selector.share)
        for site in found:
            if site.id in apart:
                message = f"site '{site.id}' takes part and has no way to the others"
                hint = "Add a link, or leave it out with 'except'"
                yield fault_at(draft.node, path, "TM304", message, hint=hint)


def _draws_none(
    draft: ExperimentDraft,
    one: Placed[Judged],
    selector: Selector,
    topology: Topology,
    role: str,
) -> bool:
    if draft.seed is None or one.record.id is None:
        return False
    return not select(selector, topology, draft.seed, f"{one.record.id}/{role}")


def _doubts(topology: TopologyDraft, selector: Selector) -> bool:
    """Return whether sites might match a selector if the faults of the topology were mended."""
    fields = {name for name in ("tier", "scale") if getattr(selector, name) is not None}
    by_link = selector.technology is not None
    return topology.doubts_sites("id", *fields) or (
        by_link and topology.doubts_links("ends", "technology", "role")
    )


def selectors(record: BaseModel, path: PathParts) -> Iterator[tuple[PathParts, Selector]]:
    """Yield every selector in a record with its path."""
    for name, field in type(record).model_fields.items():
        value = getattr(record, name)
        here = (*path, field.alias or name)
        if isinstance(value, Selector):
            yield here, value
        elif isinstance(value, BaseModel):
            yield from selectors(value, here)


def shown_selector(selector: Selector) -> str:
    """Return a selector's conditions on one line."""
    given = selector.model_dump(exclude_defaults=True, by_alias=True)
    parts = [f"{key}: {', '.join(value)}" for key, value in given.items() if key != "share"]
    return "; ".join(parts) or "every site"


def _tiers(topology: Topology) -> str:
    counts: dict[str, int] = {}
    for site in topology.sites:
        counts[site.tier] = counts.get(site.tier, 0) + 1
    return ", ".join(f"{count} {tier}" for tier, count in counts.items()) or "no sites"
