"""Joint readings: who opens which case when, who sees and hears whom, and what one moment costs a line."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from control.control_plans import (
    HOUR,
    MIX,
    READING_CLASS,
    TCP,
    VIDEO,
    VIDEO_CLASS,
    NominalPlane,
    S,
    Star,
    times_s,
    wire_s,
)
from telemedsim.control.world import simulate
from telemedsim.network.work import FetchWork, MorningReadingWork, Rooms, Sound
from telemedsim.parts.traffic.constant import Constant
from telemedsim.parts.traffic.studies import Modality, StudyMix
from telemedsim.records.sessions import ControlRecords

SITES, CASES, TERMINALS = 3, 4, 2
START_NS, STOP_NS = 60 * S, 1260 * S
STUDY_BYTES = 2_000_000
ALIKE = StudyMix(
    modalities=(
        Modality(
            name="CR",
            share=1.0,
            objects_median=1,
            sigma=0.1,
            object_raw_bytes=2 * STUDY_BYTES,
            lossless_ratio=2.0,
            objects_max=1,
        ),
    )
)
"""Every study is one image of so many bytes."""


def fetch_at(star: Star, name: str) -> FetchWork:
    return FetchWork(
        scenario="morning",
        service="reading.cloud_desktop",
        class_index=READING_CLASS,
        probe=None,
        terminals_at=star.place(f"{name}.campus"),
        source_at=star.place("centre"),
        whole_study=True,
        first_image_bytes=500_000,
        request_bytes=600,
        server_ns=50_000_000,
        rendering_ns=100_000_000,
        tcp=TCP,
    )


def morning(star: Star, **changes: Any) -> MorningReadingWork:
    """Return a meeting of the centre with all sites of a star."""
    names = [name for name in star.names if name.startswith("s") and "." not in name]
    work = MorningReadingWork(
        scenario="morning",
        service="education.conference_1080p",
        class_index=VIDEO_CLASS,
        probe=None,
        bridge_at=star.place("centre"),
        bridge_kind="sfu",
        rooms=tuple(star.rooms(name, 1) for name in ("centre", *names)),
        meetings=((START_NS, STOP_NS),),
        video=VIDEO,
        shared=None,
        sound=None,
        open_microphones=2,
        cases=CASES,
        mix=MIX,
        fetches=tuple(fetch_at(star, name) for name in names),
        terminals=TERMINALS,
        opening_ns=0,
    )
    return replace(work, **changes)


def run(work: MorningReadingWork, star: Star) -> tuple[ControlRecords, NominalPlane]:
    plane = NominalPlane()
    control, _ = simulate(star.plan([work], HOUR), plane)
    return control, plane


def test_all_open_the_same_case_at_the_same_moment() -> None:
    star = Star(SITES)
    control, plane = run(morning(star), star)
    fetched: dict[int, list[int]] = {}
    for leg in control.legs:
        if leg.kind == "transfer":
            sizes = [step.size_bytes for step in plane.transfers[leg.flow].steps if step.sender]
            fetched.setdefault(leg.joined_ns, []).append(sum(sizes))
    every = (STOP_NS - START_NS) // CASES
    assert list(fetched) == [START_NS + case * every for case in range(CASES)]
    assert all(len(sizes) == SITES * TERMINALS for sizes in fetched.values())
    assert all(len(set(sizes)) == 1 for sizes in fetched.values())
    assert len({sizes[0] for sizes in fetched.values()}) == CASES


def test_all_see_the_host_and_the_host_sees_the_first() -> None:
    star = Star(SITES)
    control, _ = run(morning(star), star)
    seen = {(leg.site, leg.peer) for leg in control.legs if leg.role == "room"}
    assert seen == {("centre", "s0"), *((f"s{site}", "centre") for site in range(SITES))}
    sent = Counter(leg.site for leg in control.legs if leg.role == "bridge")
    assert sent == dict.fromkeys(["centre", *(f"s{site}" for site in range(SITES))], 1)
    assert {leg.tier for leg in control.legs if leg.site != "centre"} == {"county"}


def test_the_hosts_images_are_on_a_second_screen_of_all_others() -> None:
    star = Star(SITES)
    control, _ = run(morning(star, shared=VIDEO), star)
    seen = Counter((leg.site, leg.peer) for leg in control.legs if leg.role == "room")
    assert all(seen[f"s{site}", "centre"] == 2 for site in range(SITES))
    assert seen["centre", "s0"] == 1


def test_only_the_open_microphones_are_heard_and_by_all_others() -> None:
    star = Star(SITES)
    sound = Sound(Constant(period_ns=20_000_000, ip_bytes=120), VIDEO.playout, VIDEO_CLASS, 32_000)
    control, _ = run(morning(star, sound=sound), star)
    heard = {(leg.site, leg.peer) for leg in control.legs if leg.role == "sound"}
    everybody = ["centre", *(f"s{site}" for site in range(SITES))]
    assert heard == {
        (listener, speaker)
        for speaker in everybody[:2]
        for listener in everybody
        if listener != speaker
    }


@pytest.mark.oracle
def test_a_line_sends_a_case_to_all_its_terminals_before_the_last_has_it() -> None:
    """At one moment: no sooner than all its bits; spread over minutes: each as if alone."""
    star = Star(1)

    def longest(terminals: int, opening_ns: int = 0) -> float:
        work = morning(star, mix=ALIKE, terminals=terminals, opening_ns=opening_ns, cases=1)
        # A host at the bridge itself, alone: no streams.
        work = replace(work, rooms=(Rooms(work.bridge_at, 1, 1, None),))
        plan = star.plan([work], STOP_NS + 60 * S)
        return max(times_s(plan)["study"])

    alone, together, spread = longest(1), longest(6), longest(6, opening_ns=600 * S)
    assert wire_s(STUDY_BYTES) < alone < 2 * wire_s(STUDY_BYTES)
    assert 6 * wire_s(STUDY_BYTES) < together < 6 * wire_s(STUDY_BYTES) + alone
    assert spread < together / 2


def test_cases_before_the_window_are_not_opened_again() -> None:
    star = Star(SITES)
    half = ((-(STOP_NS - START_NS) // 2 - S, (STOP_NS - START_NS) // 2 - S),)
    control, _ = run(morning(star, meetings=half), star)
    # Cases 0 and 1 of four lie minutes back; their fetches were through by the opening.
    opened = {leg.joined_ns for leg in control.legs if leg.kind == "transfer"}
    assert len(opened) <= CASES // 2 + 1
    assert max(opened) == half[0][0] + 3 * (STOP_NS - START_NS) // CASES
    talk = next(one for one in control.sessions if one.service.startswith("education"))
    assert (talk.in_progress, talk.outcome) == (True, "completed")


def test_another_hospital_changes_no_others_fetches() -> None:
    star = Star(SITES)
    work = morning(star, opening_ns=60 * S)
    times = []
    for fewer in (work, replace(work, rooms=work.rooms[:-1], fetches=work.fetches[:-1])):
        control, plane = run(fewer, star)
        times.append(
            [
                (leg.joined_ns, plane.transfers[leg.flow].steps)
                for leg in control.legs
                if leg.site == "s0" and leg.kind == "transfer"
            ]
        )
    assert sorted(times[0], key=str) == sorted(times[1], key=str) != []
