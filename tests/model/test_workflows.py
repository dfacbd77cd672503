"""What a user may write of each workflow, and what is refused with a reason."""

from typing import Any

import pytest
from pydantic import ValidationError

from telemedsim.model.experiment import workflows
from telemedsim.model.workflows import Archiving, Broadcast, Consultation, ImageReading, StudyUpload

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
        "consultation": Consultation,
        "broadcast": Broadcast,
        "archiving": Archiving,
    }


@pytest.mark.parametrize("block", [UPLOAD, READING, CONSULTATION, BROADCAST, ARCHIVING])
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
        (CONSULTATION, {"screens": 4}, "screens"),
        (CONSULTATION, {"parties": 1}, "parties"),
        (BROADCAST, {"schedule": [{"start": "25:00", "duration": "1 h"}]}, "schedule"),
        (BROADCAST, {"viewer": {}}, "viewer"),
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
        (ARCHIVING, {"studies_per_day": 10, "annual": "5 TB"}, ["annual_tb"]),
        (READING, {"prefetched_share": 0.5}, ["prefetched_share"]),
        (READING, {"prefetched_share": 0.5, "access": "prefetch"}, []),
        (
            CONSULTATION,
            {"sessions_per_day": 5, "sessions_per_site_per_day": 1},
            ["sessions_per_site_per_day"],
        ),
        (BROADCAST, {"delivery": "relay"}, ["delivery"]),
        (BROADCAST, {"relay_tier": "municipal"}, ["relay_tier"]),
        (BROADCAST, {"delivery": "relay", "relay_tier": "municipal"}, []),
    ],
)
def test_settings_that_contradict_each_other_are_all_named(
    block: dict[str, Any], change: dict[str, Any], fields: list[str]
) -> None:
    read = workflows()[block["workflow"]].model_validate({**block, **change})
    assert [found.field for found in read.contradictions()] == fields
