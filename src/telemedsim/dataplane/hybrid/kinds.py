"""The behaviours of parts by number: compiled code cannot hold a part, so it holds its number.

Numbers follow the registries, so a new part stays one file. Parts that share a behaviour share its
number. Each family's function takes the number first, then the behaviour's own arguments.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Generic, TypeVar

from telemedsim.core.compiled import dispatch
from telemedsim.parts.drop_policies import DropPolicy, drop_policies
from telemedsim.parts.impairments import (
    DelayVariation,
    LossProcess,
    delay_variations,
    loss_processes,
)
from telemedsim.parts.schedulers import Scheduler, schedulers

PartT = TypeVar("PartT", Scheduler, DropPolicy, LossProcess, DelayVariation)


class Kinds(Generic[PartT]):
    """The behaviours of one family of parts, numbered."""

    def __init__(self, parts: Mapping[str, type[PartT]]) -> None:
        self._kernels: list[Any] = []
        for kind, part in parts.items():
            # A behaviour is its class's, not its parameters': none are needed to ask for it.
            behaviour = part.model_construct(kind=kind).kernel()
            if behaviour not in self._kernels:
                self._kernels.append(behaviour)

    def number(self, part: PartT) -> int:
        """Return the number of a part's behaviour; ValueError for a behaviour of no known class."""
        return self._kernels.index(part.kernel())

    def call(self, name: str) -> Callable[..., int]:
        """Return ``call(number, *args)`` for one function of all behaviours, open to kernels."""
        return dispatch([getattr(behaviour, name) for behaviour in self._kernels])


@cache
def scheduler_kinds() -> Kinds[Scheduler]:
    """Return the schedulers' behaviours."""
    return Kinds(schedulers())


@cache
def drop_policy_kinds() -> Kinds[DropPolicy]:
    """Return the drop policies' behaviours."""
    return Kinds(drop_policies())


@cache
def loss_kinds() -> Kinds[LossProcess]:
    """Return the loss processes' behaviours."""
    return Kinds(loss_processes())


@cache
def variation_kinds() -> Kinds[DelayVariation]:
    """Return the delay variations' behaviours."""
    return Kinds(delay_variations())


on_accept = scheduler_kinds().call("on_accept")
"""(number, state, queue, now_ns, service_ns) -> tag."""
select = scheduler_kinds().call("select")
"""(number, state, queue_lengths, head_bytes, head_tags, now_ns) -> queue."""
accept = drop_policy_kinds().call("accept")
"""(number, state, queue_packets, queue_bytes, packet_bytes, now_ns, emptied_ns, draw) -> 1 or 0."""
is_lost = loss_kinds().call("is_lost")
"""(number, state, draw, second_draw, threshold) -> 1 or 0."""
variation_ns = variation_kinds().call("variation_ns")
"""(number, parameters, draw) -> ns."""
