"""JSON Schema of the files, for editors and for checks outside the program."""

import json
from typing import Any

from telemedsim.core.errors import TelemedsimError, suggestion
from telemedsim.core.frozen import Frozen
from telemedsim.model.experiment import Experiment
from telemedsim.model.recipe import Recipe
from telemedsim.model.topology import Topology

_MODELS: dict[str, type[Frozen]] = {
    "topology": Topology,
    "recipe": Recipe,
    "experiment": Experiment,
}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a kind of file; TelemedsimError for an unknown kind."""
    if kind not in _MODELS:
        raise TelemedsimError(f"no file is of kind '{kind}'", remedy=suggestion(kind, _MODELS))
    described = _MODELS[kind].model_json_schema(by_alias=True, mode="validation")
    return {"$schema": _DIALECT, "title": f"telemedsim {kind}", **described}


def schema_text(kind: str) -> str:
    """Return the JSON Schema as text: the same bytes each time, keys sorted."""
    return json.dumps(schema_of(kind), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
