"""All kernels compiled before a run begins, half of them by a second process.

Both keep what they compile on the disk, each kernel in files of its own, and each then loads what the
other one made. Should the second process fail, the first compiles everything.
"""

import contextlib
import hashlib
import inspect
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from telemedsim.core.compiled import compiles, kernel, kernel_folder
from telemedsim.dataplane.hybrid.kernels import GROUPS, Called

Tell = Callable[[str], None]
"""Takes a line for the user, at the time when it is true."""

LONGEST_WAIT_S = 300.0
"""For the second process, which needs about as long as the first."""
PLAIN_SLOWNESS = 100
"""Times that a packet takes longer without numba: measured on the tree of the benchmark in one hour on
one machine, 0.104 against 10.6 million packet-hops a second of processor time."""


def warm(tell: Tell | None = None) -> None:
    """Load all kernels or compile them; tell what takes long, or what it costs to be without numba.

    Nothing is told where the kernels of this very text were compiled before.
    """
    tell = tell or _keep_silent
    if not compiles():
        tell(
            "numba is not installed or switched off: packets move in plain Python,"
            f" about {PLAIN_SLOWNESS} times slower (pip install numba)"
        )
        return
    mark = _mark_of_this_machine()
    if mark.exists():
        return
    _compile_all(tell)
    with contextlib.suppress(OSError):  # A folder that cannot be written to keeps nothing.
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()


def compile_group(number: int) -> None:
    """Load or compile the kernels of one of `GROUPS`."""
    for called in GROUPS[number]():
        _compile(called)


def _keep_silent(line: str) -> None:
    """Tell nobody: a library prints nothing."""


def _compile(called: Called) -> None:
    import numba

    typeof: Any = numba.typeof
    made: Any = kernel(inspect.unwrap(called.function))
    made.compile(tuple(map(typeof, called.arguments)))


def _compile_all(tell: Tell) -> None:
    """Compile one group here and the other one beside; find that out at the first kernel not kept."""
    import numba.core.event

    class FirstCompilation(numba.core.event.Listener):
        """Starts the second process when numba begins to compile a kernel."""

        helper: "subprocess.Popen[bytes] | None" = None
        began_s: float | None = None

        def on_start(self, event: Any) -> None:
            if self.began_s is None:
                self.began_s = time.perf_counter()
                self.helper = _start_helper()
                processes = "two processes" if self.helper else "one process"
                tell(f"Compiling kernels, once for this version: {_count()} in {processes} ...")

        def on_end(self, event: Any) -> None:
            """Go on."""

    first = FirstCompilation()
    try:
        with numba.core.event.install_listener("numba:compile", first):
            compile_group(0)
            _wait_for(first.helper)
            compile_group(1)
    finally:
        if first.helper is not None:
            first.helper.kill()
            first.helper.wait()
    if first.began_s is not None:
        tell(f"Kernels compiled in {time.perf_counter() - first.began_s:.0f} s, and kept")


def _count() -> int:
    return sum(len(group()) for group in GROUPS)


def _start_helper() -> "subprocess.Popen[bytes] | None":
    """Start the second process; None where there is no second processor, or no way to start it."""
    if _processors() < 2 or not sys.executable:
        return None
    package = str(Path(__file__).parents[3])
    path = os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-P", "-m", __spec__.name, "1"]
    nothing = subprocess.DEVNULL
    with contextlib.suppress(OSError):
        return subprocess.Popen(
            command,
            env={**os.environ, "PYTHONPATH": path},
            stdin=nothing,
            stdout=nothing,
            stderr=nothing,
        )
    return None


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _wait_for(helper: "subprocess.Popen[bytes] | None") -> None:
    """Wait until the second process is through, well or not."""
    if helper is not None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            helper.wait(LONGEST_WAIT_S)


def _mark_of_this_machine() -> Path:
    """Return the file that tells that all kernels are kept, for all that numba looks at itself."""
    import llvmlite
    import llvmlite.binding
    import numba

    machine = [sys.version, numba.__version__, llvmlite.__version__]
    machine += [llvmlite.binding.get_host_cpu_name(), str(_stamps())]
    digest = hashlib.blake2b("\n".join(machine).encode(), digest_size=8)
    return kernel_folder() / f"all-{digest.hexdigest()}"


def _stamps() -> list[tuple[float, int]]:
    """Return time and size of the files that define kernels, each once, in the order of `GROUPS`."""
    functions = [called.function for group in GROUPS for called in group()]
    files = dict.fromkeys(inspect.unwrap(one).__code__.co_filename for one in functions)
    found = [Path(file).stat() for file in files]
    return [(one.st_mtime, one.st_size) for one in found]


if __name__ == "__main__":
    compile_group(int(sys.argv[1]))
