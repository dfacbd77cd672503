"""Where media streams may wait, against the streams that the shipped experiments open."""

from pathlib import Path
from typing import Any

import pytest

import telemedsim as ts
from telemedsim.control.world import simulate
from telemedsim.dataplane.base import Flow, Stream
from telemedsim.dataplane.null import NullPlane
from telemedsim.network.compile import compile_plan
from telemedsim.network.shared_queues import media_classes

ROOT = Path(__file__).resolve().parents[2]
EXPERIMENTS = sorted(
    path for path in (ROOT / "experiments").glob("*/*.yaml") if path.parent.name != "whitepaper"
)


class KeepsWays(NullPlane):
    """Notes (interface, class) of each stream with frames."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.ways: set[tuple[int, int]] = set()

    def open(self, flow: Flow) -> None:
        if isinstance(flow, Stream) and flow.playout is not None:
            self.ways |= {(interface, flow.class_index) for interface in flow.tree.interface}
        super().open(flow)


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_no_stream_goes_where_none_was_announced(path: Path) -> None:
    plan = compile_plan(ts.load(path, ["window.duration=30 s"]))
    plane = KeepsWays(
        plan.interfaces,
        plan.classes,
        bin_ns=plan.bin_ns,
        series_bin_ns=plan.series_bin_ns,
        seed=plan.seed,
        replication=plan.replication,
    )
    simulate(plan, plane)
    assert plane.ways <= media_classes(plan)
