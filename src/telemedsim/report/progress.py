"""The progress bar of a run: simulated time, speed and time left, on stderr."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from telemedsim.core.units import NS_PER_S


class _SimulatedTime(ProgressColumn):
    """Simulated seconds done and in all."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.completed:.1f} of {task.total or 0:.0f} s simulated")


class _Speed(ProgressColumn):
    """Simulated seconds a second of wall time."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.3g} x real time")


@contextmanager
def simulated_time(console: Console, duration_ns: int) -> Iterator[Callable[[int], None]]:
    """Show a bar while the block runs; yield the function that moves it to a simulated time in ns."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        _SimulatedTime(),
        _Speed(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("simulating", total=duration_ns / NS_PER_S)
        yield lambda now_ns: progress.update(task, completed=now_ns / NS_PER_S)
