"""A tier as host or source: every site is served by its nearest one of that tier on the way up."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from telemedsim.core.errors import TelemedsimError
from telemedsim.model.load import load
from telemedsim.network.compile import compile_plan
from telemedsim.network.work import BroadcastWork, ConsultationWork, Work
from telemedsim.parts.arrivals.daily_profile import DAY_NS

SITES = ["p provincial", "m1 municipal", "m2 municipal", "c1 county", "c2 county", "c3 county"]
LINKS = ["m1 p", "m2 p", "c1 m1", "c2 m1", "c3 m2"]
"""Two cities under one province; the second serves one county."""


def compiled(folder: Path, block: dict[str, Any]) -> tuple[Work, ...]:
    topology = {
        "telemedsim": 1,
        "kind": "topology",
        "name": "t",
        "sites": [
            {"id": name, "tier": tier, "latitude": 26 + 0.1 * place, "longitude": 106, "beds": 200}
            for place, (name, tier) in enumerate(word.split() for word in SITES)
        ],
        "links": [
            {"id": f"l{number}", "ends": ends.split(), "technology": "sdh"}
            for number, ends in enumerate(LINKS)
        ],
    }
    experiment = {
        "telemedsim": 1,
        "kind": "experiment",
        "name": "e",
        "topology": "t.yaml",
        "window": {"start": "09:30", "duration": "1 h"},
        "scenarios": [block],
    }
    (folder / "t.yaml").write_text(yaml.safe_dump(topology), encoding="utf-8")
    (folder / "e.yaml").write_text(yaml.safe_dump(experiment), encoding="utf-8")
    return compile_plan(load(folder / "e.yaml")).work


def rooms(**others: Any) -> dict[str, Any]:
    return {
        "id": "rooms",
        "workflow": "consultation",
        "service": "consult.regular_room",
        "host": "municipal",
        "participants": {"tier": "county"},
        "sessions_per_day": 30,
        **others,
    }


def joined(works: tuple[Work, ...]) -> dict[str, list[list[str]]]:
    """Return for each bridge the sites that ask and those that answer."""
    return {
        work.bridge_at.site: [
            [one.place.site for one in work.asking],
            [one.place.site for one in work.answering],
        ]
        for work in works
        if isinstance(work, ConsultationWork)
    }


def test_each_host_joins_the_sites_below_it_and_answers_itself(tmp_path: Path) -> None:
    assert joined(compiled(tmp_path, rooms())) == {
        "m1": [["c1", "c2"], ["m1"]],
        "m2": [["c3"], ["m2"]],
    }


def test_the_sessions_of_a_day_are_those_of_all_hosts_together(tmp_path: Path) -> None:
    works = compiled(tmp_path, rooms())
    asking = [one for work in works if isinstance(work, ConsultationWork) for one in work.asking]
    a_day = sum(one.arrivals.expected(0, DAY_NS) for one in asking if one.arrivals is not None)
    assert a_day == pytest.approx(30)


def test_experts_answer_at_the_host_that_serves_them(tmp_path: Path) -> None:
    works = compiled(tmp_path, rooms(experts={"ids": ["c2", "m2"]}))
    assert joined(works) == {"m1": [["c1", "c2"], ["c2"]], "m2": [["c3"], ["m2"]]}


def test_a_host_without_experts_is_told(tmp_path: Path) -> None:
    block = rooms(experts={"ids": ["c1", "c2"]})
    with pytest.raises(TelemedsimError, match="none of the experts is served by 'm2'"):
        compiled(tmp_path, block)


def test_each_source_sends_to_the_viewers_below_it(tmp_path: Path) -> None:
    block = {
        "id": "lesson",
        "workflow": "broadcast",
        "service": "education.surgery_live",
        "source": "municipal",
        "viewers": {"tier": "county"},
        "delivery": "multicast",
    }
    works = [one for one in compiled(tmp_path, block) if isinstance(one, BroadcastWork)]
    sent = {one.source_at.site: [viewers.place.site for viewers in one.viewers] for one in works}
    assert sent == {"m1": ["c1", "c2"], "m2": ["c3"]}
