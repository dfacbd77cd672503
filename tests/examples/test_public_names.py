"""The public names, as a user who types them one after another meets them."""

import types
from pathlib import Path

import telemedsim as ts

ROOT = Path(__file__).resolve().parents[2]


def test_no_public_name_is_hidden_by_a_room_of_the_same_name() -> None:
    """Importing a subpackage puts it into the package, over what stood there."""
    ts.topology_frame(ROOT / "topologies" / "reference.yaml")
    assert not ts.catalogue_frame("tiers").empty
    hidden = [name for name in ts.__all__ if isinstance(getattr(ts, name), types.ModuleType)]
    assert hidden == []


def test_dir_lists_what_can_be_used() -> None:
    assert dir(ts) == sorted(ts.__all__)
