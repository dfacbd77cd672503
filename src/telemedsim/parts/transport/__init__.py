"""TCP as plain functions over records of integers, and its parameters."""

from typing import Literal

from telemedsim.core.frozen import Frozen


class Tcp(Frozen):
    """A connection's parameters."""

    algorithm: Literal["new_reno", "cubic"] = "cubic"
