"""What a user may write of each workflow, and what is refused with a reason."""

from typing import Any

import pytest
from pydantic import ValidationError

from telemedsim.model.experiment import workflows
from telemedsim.model.workflows import (
    Archiving,
    Broadcast,
    Consultation,
    Examination,
    ImageReading,
    Lesson,
    Monitoring,
    MorningReading,
    OnlineConsultation,
    RemoteReporting,
    StudyReplication,
    StudyUpload,
)

UPLOAD: dict[str, Any] = {
    "id": "up",
    "workflow": "study_upload",
    "service": "pacs.upload",
    "from": {"tier": "county"},
    "to": "provincial",
}
READING: dict[str, Any] = {
    "id": "read",
    "workflow": "image_reading",
    "service": "reading.in_hospital",
    "from": {"tier": "county"},
}
REPLICATION: dict[str, Any] = {
    "id": "copy",
    "workflow": "replication",
    "service": "storage.dr_replication",
    "from": {"tier": "provincial"},
    "to": "remote",
    "scope": "remote",
    "mode": "periodic",
}
CONSULTATION: dict[str, Any] = {
    "id": "talk",
    "workflow": "consultation",
    "service": "consult.regular_room",
    "host": "centre",
    "participants": {"tier": "county"},
}
BROADCAST: dict[str, Any] = {
    "id": "lesson",
    "workflow": "broadcast",
    "service": "education.broadcast_4k",
    "source": "centre",
    "viewers": {"tier": "county"},
    "delivery": "multicast",
}
REPORTING: dict[str, Any] = {
    "id": "cases",
    "workflow": "remote_reporting",
    "service": "records.result",
    "services": {"upload": "pacs.upload", "reading": "reading.in_hospital"},
    "from": {"tier": "county"},
    "centre": "municipal",
}

MONITORING: dict[str, Any] = {
    "id": "watch",
    "workflow": "monitoring",
    "service": "health.remote_monitoring",
    "from": {"tier": "county"},
    "to": "provincial",
}

ONLINE: dict[str, Any] = {
    "id": "online",
    "workflow": "online_consultation",
    "service": "health.online_consultation",
    "patients": {"technology": ["internet", "4g"]},
    "doctors_at": "municipal",
}
EXAMINATION: dict[str, Any] = {
    "id": "exam",
    "workflow": "examination",
    "service": "education.exam",
    "server": "centre",
    "candidates": {"tier": "county"},
    "candidates_per_site": 40,
    "schedule": [{"start": "09:00", "duration": "1 h"}],
}
LESSON: dict[str, Any] = {
    "id": "lesson",
    "workflow": "lesson",
    "service": "education.lesson",
    "server": "centre",
    "learners": {"tier": "county"},
}
MORNING: dict[str, Any] = {
    "id": "morning",
    "workflow": "morning_reading",
    "service": "education.conference_1080p",
    "services": {"reading": "reading.cloud_desktop"},
    "host": "centre",
    "participants": {"tier": "county"},
    "schedule": [{"start": "08:00", "duration": "30 min"}],
}

ARCHIVING: dict[str, Any] = {
    "id": "old",
    "workflow": "archiving",
    "service": "storage.archive",
    "from": {"tier": "county"},
    "to": "provincial",
}


def test_each_workflow_is_found_by_its_word() -> None:
    assert dict(workflows()) == {
        "study_upload": StudyUpload,
        "image_reading": ImageReading,
        "monitoring": Monitoring,
        "online_consultation": OnlineConsultation,
        "replication": StudyReplication,
        "consultation": Consultation,
        "broadcast": Broadcast,
        "remote_reporting": RemoteReporting,
        "examination": Examination,
        "lesson": Lesson,
        "morning_reading": MorningReading,
        "archiving": Archiving,
    }


BLOCKS = [
    UPLOAD, READING, CONSULTATION, BROADCAST, REPORTING, MONITORING, ONLINE, REPLICATION, EXAMINATION,
    LESSON, MORNING, ARCHIVING,
]  # fmt: skip


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block["workflow"])
def test_the_least_block_leaves_the_rest_to_the_catalogue(block: dict[str, Any]) -> None:
    read = workflows()[block["workflow"]].model_validate(block)
    written = read.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert workflows()[block["workflow"]].model_validate(written) == read
    assert {key for key in block if key in written} == set(block)


def test_units_are_read_from_texts() -> None:
    upload = StudyUpload.model_validate({**UPLOAD, "annual": "20 TB"})
    assert upload.annual_tb == 20
    reading = ImageReading.model_validate(
        {**READING, "object_size": "5 MB", "server_time": "50 ms", "rendering_time": "0.1 s"}
    )
    assert reading.object_size_bytes == 5_000_000
    assert (reading.server_time_ms, reading.rendering_time_ms) == (50, 100)
    talk = Consultation.model_validate(
        {
            **CONSULTATION,
            "target_rate": "5 Mbit/s",
            "duration_median": "30 min",
            "image_push": {"size": "60 MB"},
        }
    )
    assert (talk.target_rate_bps, talk.duration_median_min) == (5_000_000, 30)
    assert talk.image_push != "none"
    assert Consultation.model_validate({**CONSULTATION, "image_push": "none"}).image_push == "none"


@pytest.mark.parametrize(
    ("block", "change", "says"),
    [
        (UPLOAD, {"annual": "0 TB"}, "annual"),
        (READING, {"terminals": 0}, "terminals"),
        (MONITORING, {"wearables": 0}, "wearables"),
        (ONLINE, {"doctors": 0}, "doctors"),
        (CONSULTATION, {"screens": 4}, "screens"),
        (CONSULTATION, {"parties": 1}, "parties"),
        (BROADCAST, {"schedule": [{"start": "25:00", "duration": "1 h"}]}, "schedule"),
        (BROADCAST, {"viewer": {}}, "viewer"),
        (REPORTING, {"priorities": {"urgent": 1}}, "priorities"),
        (REPORTING, {"services": {"upload": "pacs.upload"}}, "reading"),
        (REPORTING, {"readers": 0}, "readers"),
        (MORNING, {"services": {}}, "reading"),
        (MORNING, {"schedule": []}, "schedule"),
    ],
)
def test_what_makes_no_sense_is_refused(
    block: dict[str, Any], change: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        workflows()[block["workflow"]].model_validate({**block, **change})
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("block", "change", "fields"),
    [
        (
            UPLOAD,
            {"studies_per_day": 10, "annual": "5 TB", "protocol": "streamed", "window": 8},
            ["annual_tb", "window"],
        ),
        (UPLOAD, {"protocol": "streamed", "window": 1}, []),
        (
            REPLICATION,
            {"connections": 2, "studies_per_day": 5, "annual": "5 TB"},
            ["annual_tb"],
        ),
        (REPLICATION, {"mode": "synchronous"}, ["mode"]),
        (REPLICATION, {"scope": "local"}, ["scope"]),
        (REPLICATION, {"level": "secondary"}, ["level"]),
        (REPLICATION, {"scope": "local", "level": "secondary", "mode": "synchronous"}, []),
        (REPLICATION, {"mode": "asynchronous", "period": "5 min"}, ["period_min"]),
        (REPLICATION, {"period": "5 min"}, []),
        (ARCHIVING, {"studies_per_day": 10, "annual": "5 TB"}, ["annual_tb"]),
        (READING, {"prefetched_share": 0.5}, ["prefetched_share"]),
        (READING, {"prefetched_share": 0.5, "access": "prefetch"}, []),
        (
            CONSULTATION,
            {"sessions_per_day": 5, "sessions_per_site_per_day": 1},
            ["sessions_per_site_per_day"],
        ),
        (
            ONLINE,
            {"sessions_per_day": 5, "sessions_per_site_per_day": 1},
            ["sessions_per_site_per_day"],
        ),
        (REPORTING, {"priorities": {"emergency": 0}}, ["priorities"]),
        (
            REPORTING,
            {
                "annual": "1 TB",
                "studies_per_day": 5,
                "readers": 2,
                "reading_hours": {"start": "8:00", "end": "17:30", "on_duty": 3},
            },
            ["annual_tb", "reading_hours"],
        ),
        (READING, {"reading_mean": "5 min"}, ["reading_mean_min"]),
        (READING, {"reading_mean": "5 min", "licences": 3}, []),
        (CONSULTATION, {"image_fetch": {"source": "parent"}}, ["image_fetch"]),
        (CONSULTATION, {"services": {"reading": "reading.cloud_desktop"}}, []),
        (BROADCAST, {"delivery": "relay"}, ["delivery"]),
        (BROADCAST, {"relay_tier": "municipal"}, ["relay_tier"]),
        (BROADCAST, {"delivery": "relay", "relay_tier": "municipal"}, []),
        (BROADCAST, {"cameras": ["field", "field"]}, ["cameras"]),
        (BROADCAST, {"cameras": ["field", "room"]}, []),
    ],
)
def test_settings_that_contradict_each_other_are_all_named(
    block: dict[str, Any], change: dict[str, Any], fields: list[str]
) -> None:
    read = workflows()[block["workflow"]].model_validate({**block, **change})
    assert [found.field for found in read.contradictions()] == fields
