"""One text for two machines: functions that run as Python and, where numba is installed, compiled.

`compiled` marks a function of a part; `kernel` makes a compiled entry that calls marked functions.
Numba is imported only when the first kernel is made, and kernels are kept on disk, in a folder
named after the text of the package, so that a changed part is never met with an old kernel.
"""

import hashlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from functools import cache, update_wrapper
from pathlib import Path
from typing import Any, TypeVar

from telemedsim.core.whole_kernels import whole_compilers

Function = TypeVar("Function", bound=Callable[..., Any])

WIDE_DIVISION = ("__udivti3", "__umodti3", "__divti3", "__modti3")

_MARKED: list[tuple[Callable[..., Any], Callable[..., Any]]] = []
"""Marked functions, and what stands for each in compiled code, that numba has not been told of
yet; filled by imports only."""


def compiled(function: Function) -> Function:
    """Mark a function as one that kernels call: integers, floats, flat lists or arrays only.

    Without numba the arrays of a kernel are memoryviews of int64 (``memoryview(array)``): their
    slices are views, as an array's are, and their elements Python's integers, as a list's are.

    >>> @compiled
    ... def twice(value: int) -> int:
    ...     return 2 * value
    >>> twice(4)
    8
    """
    _MARKED.append((function, function))
    return function


def compiled_as(twin: Callable[..., Any]) -> Callable[[Function], Function]:
    """Mark a function whose text cannot be compiled; kernels call its twin, which gives the same.

    >>> def half_twin(value: int) -> int:
    ...     return value >> 1
    >>> @compiled_as(half_twin)
    ... def half(value: int) -> int:
    ...     return int(value / 2)
    >>> half(4)
    2
    """

    def mark(function: Function) -> Function:
        _MARKED.append((function, twin))
        return function

    return mark


def dispatch(functions: Sequence[Callable[..., Any]]) -> Callable[..., Any]:
    """Return ``call(number, *args)``, which calls that one of some marked functions.

    All take the same arguments and give the same type. Compiled it is a chain of comparisons, as
    numba cannot index functions of several types.

    >>> dispatch([min, max])(1, 3, 4)
    4
    """
    first, others = functions[0], functions[1:]
    if others:
        other = dispatch(others)

        def twin(number: int, *args: Any) -> Any:
            if number == 0:
                return first(*args)
            return other(number - 1, *args)

    else:

        def twin(number: int, *args: Any) -> Any:
            return first(*args)

    @compiled_as(twin)
    def call(number: int, *args: Any) -> Any:
        return functions[number](*args)

    return call


def compiles() -> bool:
    """Tell whether numba is installed and not switched off (its own ``NUMBA_DISABLE_JIT=1``)."""
    switched_off = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
    return not switched_off and importlib.util.find_spec("numba") is not None


def kernel(function: Function) -> Function:
    """Return a function compiled, with all marked functions open to it; as it is without numba.

    Its plain Python is the attribute ``py_func`` of what comes back. A process makes each entry once:
    loading it from the disk takes tens of milliseconds.
    """
    return _entry(function) if compiles() else function


@cache
def _entry(function: Function) -> Function:
    """Return a function compiled."""
    import numba

    numba.config.CACHE_DIR = str(kernel_folder())  # type: ignore[attr-defined]
    if not lend_wide_division():
        numba.config.LOOP_VECTORIZE = 0  # type: ignore[attr-defined]
    open_marked()
    # Kernels allocate nothing: without counts of references a fifth less is compiled.
    options: Any = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}
    if (compilers := whole_compilers()) is not None:
        options["pipeline_class"] = compilers.kernel
    made: Any = numba.njit(**options)(function)
    return made  # type: ignore[no-any-return]


def kernel_once_loaded(function: Function, plain: Callable[..., Any] | None = None) -> Function:
    """Return a function that runs compiled in a process that has numba loaded, else in Python.

    For what planes share: a run without kernels need not wait for numba. Both give the same, which
    is for the function's tests to hold. In Python ``plain`` runs instead where it is given (numpy
    on whole arrays, say), else the function itself, its arrays as memoryviews (see `compiled`).

    >>> from telemedsim.core.random_streams import draw_uniform, draw_uniforms
    >>> float(draw_uniforms(7, first=0, count=3)[2]) == draw_uniform(7, 2)
    True
    """
    made: list[Callable[..., Any]] = []

    def call(*arguments: Any) -> Any:
        if not made and "numba" in sys.modules and compiles():
            made.append(kernel(function))
        if made:
            return made[0](*arguments)
        if plain is not None:
            return plain(*arguments)
        views = [
            memoryview(one) if hasattr(one, "dtype") and one.ndim else one for one in arguments
        ]
        return function(*views)

    return update_wrapper(call, function)  # type: ignore[return-value]


def open_marked() -> None:
    """Let compiled code call the functions marked so far."""
    from numba.extending import overload

    options: Any = {"no_cfunc_wrapper": True}
    if (compilers := whole_compilers()) is not None:
        options["pipeline_class"] = compilers.inner
    while _MARKED:
        function, twin = _MARKED.pop()
        # What numba's own register_jitable does, with a text of our choice; no C pointer to a marked
        # function is ever taken, and its wrapper would be a tenth of the time to compile.
        mark = overload(function, options, strict=False)
        mark(lambda *args, _twin=twin: _twin)


@cache
def lend_wide_division() -> bool:
    """Give compiled code the C compiler's division of 128 bits; False where there is none.

    LLVM's loop vectoriser (22.1 at least) counts the turns of a loop such as ``while waiting > 0 and
    leaves_ns <= now_ns: leaves_ns += 4000`` in 128 bits and calls ``__udivti3``, which numba does not
    bring along: the call would go to address 0.
    """
    import ctypes

    binding = importlib.import_module("llvmlite.binding")
    for library in ("libgcc_s.so.1", None):
        try:
            functions = ctypes.CDLL(library)
            for name in WIDE_DIVISION:
                address = ctypes.cast(getattr(functions, name), ctypes.c_void_p).value
                binding.add_symbol(name, address)
        except (OSError, AttributeError, TypeError):
            continue
        return True
    return False


@cache
def kernel_folder() -> Path:
    """Return where compiled kernels of this very text are kept: the user's cache folder."""
    package = Path(__file__).parent.parent
    digest = hashlib.blake2b(digest_size=8)
    for room in ("core", "parts", "records", "dataplane"):
        for path in sorted((package / room).rglob("*.py")):
            digest.update(path.read_bytes())
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "telemedsim" / f"kernels-{digest.hexdigest()}"
