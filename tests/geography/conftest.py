"""The places, read once: the table is large."""

import pytest

from telemedsim.geography.places import Place, load_places


@pytest.fixture(scope="session")
def places() -> tuple[Place, ...]:
    return load_places()
