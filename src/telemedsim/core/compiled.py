"""One text for two machines: functions that run as Python and, where numba is installed, compiled.

`compiled` marks a function of a part; `kernel` makes a compiled entry that calls marked functions.
Numba is imported only when the first kernel is made, and kernels are kept on disk, in a folder
named after the text of the package, so that a changed part is never met with an old kernel.
"""

import hashlib
import importlib.util
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

_MARKED: list[Callable[..., Any]] = []
"""Marked functions that numba has not been told of yet; filled by imports only."""


def compiled(function: Function) -> Function:
    """Mark a function as one that kernels call: integers, floats, flat lists or arrays only.

    >>> @compiled
    ... def twice(value: int) -> int:
    ...     return 2 * value
    >>> twice(4)
    8
    """
    _MARKED.append(function)
    return function


def compiles() -> bool:
    """Tell whether numba is installed and not switched off (its own ``NUMBA_DISABLE_JIT=1``)."""
    switched_off = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
    return not switched_off and importlib.util.find_spec("numba") is not None


def kernel(function: Function) -> Function:
    """Return a function compiled, with all marked functions open to it; as it is without numba.

    Its plain Python is the attribute ``py_func`` of what comes back.
    """
    if not compiles():
        return function
    import numba

    numba.config.CACHE_DIR = str(kernel_folder())  # type: ignore[attr-defined]
    open_marked()
    made: Any = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    return made  # type: ignore[no-any-return]


def open_marked() -> None:
    """Let compiled code call the functions marked so far."""
    from numba.extending import register_jitable

    while _MARKED:
        register_jitable(_MARKED.pop())


@cache
def kernel_folder() -> Path:
    """Return where compiled kernels of this very text are kept: the user's cache folder."""
    package = Path(__file__).parent.parent
    digest = hashlib.blake2b(digest_size=8)
    for room in ("core", "parts", "dataplane"):
        for path in sorted((package / room).rglob("*.py")):
            digest.update(path.read_bytes())
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "telemedsim" / f"kernels-{digest.hexdigest()}"
