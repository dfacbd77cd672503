"""The base of every value a user may write: frozen, unknown keys refused."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A frozen record that refuses unknown keys; a docstring under a field is its description."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, validate_default=True
    )
