"""The whole of control: equal seeds, independent entities, exact wake-ups, few events."""

from control.control_plans import HOUR, NominalPlane, S, Star, reseeded
from control.test_broadcast import broadcast
from control.test_consultation import consultation
from control.test_image_reading import reading
from control.test_probing import connection
from control.test_study_upload import upload
from telemedsim.control.world import simulate
from telemedsim.dataplane.base import Flow
from telemedsim.network.plan import Plan
from telemedsim.records.sessions import ControlRecords


def everything(sites: int = 4, seed: int = 1, extra: bool = False) -> tuple[Plan, Star]:
    """Return all workflows at once; ``extra`` adds a site that uploads and asks, too."""
    star = Star(sites + extra)
    asking = tuple(star.rooms(f"s{i}", 5, 2.0) for i in range(sites + extra))
    works = [
        *(upload(star, f"s{i}") for i in range(sites + extra)),
        reading(star),
        consultation(star, asking, (star.rooms("centre", 500),)),
        broadcast(star, "relay"),
    ]
    return star.plan(works, 1800 * S, [connection(star)], seed), star


def run(plan: Plan) -> tuple[ControlRecords, dict[int, Flow]]:
    plane = NominalPlane()
    control, _ = simulate(plan, plane)
    return control, {**plane.streams, **plane.transfers}


def test_the_same_seed_gives_equal_records() -> None:
    plan, _ = everything()
    first, second = run(plan), run(plan)
    assert first == second
    assert first[0].sessions != run(reseeded(plan, 2))[0].sessions


def test_another_site_changes_nobody_elses_arrivals_nor_draws() -> None:
    without, with_one = everything()[0], everything(extra=True)[0]

    def seen(plan: Plan) -> list[tuple[object, ...]]:
        control, flows = run(plan)
        sessions = control.sessions
        return [
            (
                sessions[leg.session].started_ns,
                leg.scenario or sessions[leg.session].scenario,
                leg.site,
                leg.role,
                leg.path,
                flows[leg.flow].key,
            )
            for leg in control.legs
            if leg.flow >= 0 and not (leg.session >= 0 and sessions[leg.session].site == "s4")
        ]

    others = [one for one in seen(with_one) if one[2] != "s4"]  # s4's own probe left out
    assert sorted(map(repr, seen(without))) == sorted(map(repr, others))


def test_every_flow_has_its_own_key_and_its_number_in_order_of_opening() -> None:
    plan, _ = everything()
    plane = NominalPlane()
    simulate(plan, plane)
    flows = sorted({**plane.streams, **plane.transfers}.items())
    assert [number for number, _ in flows] == list(range(len(flows)))
    assert len({flow.key for _, flow in flows}) == len(flows)
    opened = [plane.opened_ns[number] for number, _ in flows]
    assert opened == sorted(opened)


def test_a_session_ends_at_the_very_nanosecond_of_its_last_report() -> None:
    star = Star(1)
    plane = NominalPlane()
    control, _ = simulate(star.plan([reading(star, whole=False)], HOUR), plane)
    one = next(leg for leg in control.legs if leg.role == "reader" and leg.joined_ns >= 0)
    transfer = plane.transfers[one.flow]
    bits_ns = sum(step.size_bytes * 8 * S // 20_000_000 for step in transfer.steps)
    expected = transfer.start_ns + bits_ns + 100_000_000 + 2 * 2 * 5_000_000
    assert control.sessions[one.session].ended_ns == expected
    assert transfer.start_ns == one.joined_ns + 1


def test_events_grow_with_sessions_not_with_packets() -> None:
    """A minute and an hour of the same broadcast cost the same events."""
    star = Star(4)
    minute, hour = (
        simulate(star.plan([broadcast(star, "unicast")], duration), NominalPlane())[0]
        for duration in (60 * S, HOUR - S)
    )
    assert minute.control_events == hour.control_events < 10


def test_progress_reaches_the_end_and_never_goes_back() -> None:
    plan, _ = everything()
    seen: list[int] = []
    simulate(plan, NominalPlane(), seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == plan.duration_ns
    assert len(seen) >= 200
