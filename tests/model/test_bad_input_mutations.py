"""Shipped files, changed by chance: every outcome is a scenario or faults, never another exception."""

import re
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import telemedsim as ts
from telemedsim.network.compile import compile_plan

ROOT = Path(__file__).resolve().parents[2]
TOPOLOGY = (ROOT / "topologies" / "reference.yaml").read_text("utf-8")
EXPERIMENT = (ROOT / "experiments" / "reference_half_hour.yaml").read_text("utf-8")
TOKEN = re.compile(r"[\w./]+|[^\s\w]")
WORDS = sorted(set(TOKEN.findall(TOPOLOGY + EXPERIMENT)))
ODD = [
    "", "{", "}", "[", "]", ":", ",", '"', "\n", "\t", "-", "#", "&a", "*a", "!!x", "null", "~", ".nan",
    "-.inf", "-1", "0", "1.5", "1e308", "1e-300", "9" * 30, "9" * 50, "true", "no", "%", "5 ms",
    "100 Mbit/s", "\u202e", "é", "|", ">", "<<", "x*", '""', "[]", "{}", "\x00", "\ufeff",
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, text: str) -> str:
    """Return a text some of whose words are replaced, swapped, doubled or gone."""
    for _ in range(draw(st.integers(1, 4))):
        spans = [match.span() for match in TOKEN.finditer(text)]
        if not spans:
            return text
        start, stop = draw(st.sampled_from(spans))
        kind = draw(st.sampled_from(["odd", "word", "line", "cut"]))
        if kind == "cut":
            text = text[:start] + text[start + draw(st.integers(1, 60)) :]
        elif kind == "line":
            lines = text.split("\n")
            lines.insert(draw(st.integers(0, len(lines))), draw(st.sampled_from(lines)))
            text = "\n".join(lines)
        else:
            new = draw(st.sampled_from(ODD if kind == "odd" else WORDS))
            text = text[:start] + new + text[stop:]
    return text


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_mutation_is_a_scenario_or_faults_of_one_line(
    data: st.DataObject, tmp_path: Path
) -> None:
    topology, experiment = TOPOLOGY, EXPERIMENT.replace("../topologies/", "")
    if data.draw(st.booleans()):
        topology = data.draw(mutated(topology))
    else:
        experiment = data.draw(mutated(experiment))
    (tmp_path / "reference.yaml").write_text(topology, "utf-8")
    path = tmp_path / "experiment.yaml"
    path.write_text(experiment, "utf-8")
    faults: tuple[ts.Fault, ...] | None = None
    try:
        compile_plan(ts.load(path))
    except ts.InvalidInput as error:
        faults = error.faults
    if faults is None:
        return
    assert faults, "refused without a word"
    assert all(fault.level == "error" and fault.line > 0 for fault in faults)
    assert all("\n" not in str(fault) for fault in faults)
