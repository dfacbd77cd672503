"""Which packet an interface sends next, when several classes wait."""

from telemedsim.core.frozen import Frozen


class Scheduler(Frozen):
    """A scheduler's parameters; subclasses carry ``kind: Literal[...]``."""

    kind: str
