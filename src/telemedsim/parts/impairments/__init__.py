"""What a link does to packets on the wire: loss and delay variation."""

from telemedsim.core.frozen import Frozen


class LossProcess(Frozen):
    """A loss process's parameters; subclasses carry ``kind: Literal[...]``."""

    kind: str


class DelayVariation(Frozen):
    """A delay variation's parameters; subclasses carry ``kind: Literal[...]``."""

    kind: str
