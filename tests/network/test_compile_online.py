"""Patients and doctors: who serves whom, how many come, and what is refused."""

from pathlib import Path
from typing import Any

import pytest

from network.test_compile_work import compiled
from telemedsim.catalogue.load import catalogue
from telemedsim.core.errors import TelemedsimError
from telemedsim.network.work import OnlineConsultationWork

MINUTE = 60_000_000_000


def block(**others: Any) -> dict[str, Any]:
    return {
        "id": "online",
        "workflow": "online_consultation",
        "service": "health.online_consultation",
        "patients": {"tier": ["county", "grassroots"]},
        "doctors_at": "municipal",
        **others,
    }


def works(folder: Path, **others: Any) -> list[OnlineConsultationWork]:
    found = compiled(folder, block(**others)).work
    assert all(isinstance(one, OnlineConsultationWork) for one in found)
    return [one for one in found if isinstance(one, OnlineConsultationWork)]


def test_a_days_sessions_are_shared_by_the_sites(tmp_path: Path) -> None:
    (work,) = works(tmp_path, sessions_per_day=30)
    assert len(work.patients) == 3
    assert sum(one.arrivals.model_dump()["per_weekday"] for one in work.patients) == 30
    (each,) = works(tmp_path, sessions_per_site_per_day=30)
    assert all(one.arrivals.model_dump()["per_weekday"] == 30 for one in each.patients)


def test_every_hospital_of_a_tier_has_its_own_doctors(tmp_path: Path) -> None:
    (work,) = works(tmp_path, patients={"ids": ["g1"]}, doctors_at="county")
    assert work.doctors_at.site == "c1"


def test_what_is_left_out_is_the_catalogues(tmp_path: Path) -> None:
    (work,) = works(tmp_path)
    facts = catalogue()
    assert work.doctors == facts.number("online_doctors")
    assert work.patience_mean_ns == facts.number("online_patience_mean_min") * MINUTE
    assert work.sound is not None, "two of its clauses are about sound"
    assert work.texting.messages == facts.number("online_messages")
    (mute,) = works(tmp_path, sound="none", patience_mean="90 s")
    assert (mute.sound, mute.patience_mean_ns) == (None, 1.5 * MINUTE)


def test_a_tier_without_hospitals_on_the_way_is_named(tmp_path: Path) -> None:
    with pytest.raises(TelemedsimError, match="national"):
        works(tmp_path, doctors_at="national")
