"""Whether a window can be sampled as an experiment asks: told as faults of its file."""

from collections.abc import Iterator

from telemedsim.catalogue.load import Catalogue, catalogue
from telemedsim.core.errors import Fault
from telemedsim.core.units import NS_PER_S, seconds_to_ns
from telemedsim.core.validation import fault_at
from telemedsim.model.drafts import ExperimentDraft
from telemedsim.model.experiment import Experiment
from telemedsim.model.workflows import Consultation
from telemedsim.network.sampling import SampledTime, sampled_time, stratum_ns, turns_of

SAMPLES = "hybrid"
"""The engine that can leave packets out."""


def block_times_ns(facts: Catalogue) -> tuple[int, int, int]:
    """Return the length of a block, of its lead-in and of the grace behind it.

    >>> block_times_ns(catalogue())
    (60000000000, 5000000000, 2000000000)
    """
    names = ("sampling_block_s", "sampling_lead_in_s", "sampling_grace_s")
    block, lead_in, grace = (seconds_to_ns(facts.number(name)) for name in names)
    return block, lead_in, grace


def sampling_of(
    experiment: Experiment, facts: Catalogue, replication: int = 0
) -> SampledTime | None:
    """Return the parts of an experiment's window that are sampled; None where all of it is."""
    if experiment.stream_sampling == 1:
        return None
    duration_ns = seconds_to_ns(experiment.window.duration_s)
    times_ns = block_times_ns(facts)
    return sampled_time(
        experiment.stream_sampling, duration_ns, *times_ns, experiment.seed, replication
    )


def check_sampling(draft: ExperimentDraft) -> Iterator[Fault]:
    """Yield why a window cannot be sampled so; nothing for an experiment whose values are at fault."""
    whole = draft.whole
    if whole is None:
        return
    yield from _check_transfers(draft, whole)
    if whole.stream_sampling == 1:
        return
    share, path = whole.stream_sampling, ("stream_sampling",)
    try:
        turns_of(share)
    except ValueError as fault:
        message, hint = "must be 1 over a whole number", f"It is {fault}"
        yield fault_at(draft.node, path, "TM204", message, value=share, hint=hint)
        return
    if whole.engine != SAMPLES:
        message = _every_packet(whole)
        hint = f"Use engine: {SAMPLES}, or stream_sampling: 1"
        yield fault_at(draft.node, path, "TM311", message, value=share, hint=hint)
    for number, block in enumerate(whole.scenarios):
        if isinstance(block, Consultation) and block.fallback is not None:
            message = "senders that adapt hear of every packet's fate"
            hint = "Leave out 'fallback', or use stream_sampling: 1"
            where = ("scenarios", number, "fallback")
            yield fault_at(draft.node, where, "TM311", message, value=block.fallback, hint=hint)
    block_ns, lead_in_ns, _ = block_times_ns(catalogue())
    least_s = stratum_ns(share, block_ns, lead_in_ns) / NS_PER_S
    if whole.window.duration_s < least_s:
        message = f"a window of {whole.window.duration_s:g} s may hold no sampled block"
        hint = f"Use at least {least_s:g} s, or a larger share (1 is every packet)"
        yield fault_at(draft.node, path, "TM308", message, value=share, hint=hint)


def _check_transfers(draft: ExperimentDraft, whole: Experiment) -> Iterator[Fault]:
    """Yield why transfers cannot run as the experiment asks."""
    asked, path = whole.transfers, ("transfers",)
    if asked == "packets" and whole.stream_sampling < 1:
        message = "transfers are a fluid where the packets of streams are sampled"
        hint = "Use transfers: auto, or stream_sampling: 1"
        yield fault_at(draft.node, path, "TM311", message, value=asked, hint=hint)
    if asked == "fluid" and whole.engine != SAMPLES:
        message = _every_packet(whole)
        hint = f"Use engine: {SAMPLES}, or transfers: auto"
        yield fault_at(draft.node, path, "TM311", message, value=asked, hint=hint)


def _every_packet(whole: Experiment) -> str:
    return f"engine '{whole.engine}' simulates every packet"
