"""Which packet a full (or filling) queue refuses."""

from telemedsim.core.frozen import Frozen


class DropPolicy(Frozen):
    """A drop policy's parameters; subclasses carry ``kind: Literal[...]``."""

    kind: str
