"""What a planner reads in the terminal: golden text, words beside colours, nothing parsed."""

import io

import pandas as pd
import pytest
from rich.console import Console

from report.made_up_tables import summary, summary_row
from telemedsim.report.sla_table import summary_table
from telemedsim.report.terminal import frame_table, print_plan, print_run

MANIFEST = {
    "experiment": "day", "duration_s": 60.0, "window_start_s": 36000.0, "sites": 5, "links": 6,
    "sessions": 62, "engine": "reference", "seed": 1,
}  # fmt: skip

GOLDEN_120 = """\
day: 60 s from 10:00:00, 5 sites, 6 links, 62 sessions, engine reference, seed 1
result  tier       clause                offered judged broken    rate  95 % int.    p50    p95    p99         bound see
consult.regular_room  in evening
met     county     delay_ms_max               40     38      0   0.0 %    0.0–9.2   23.4   44.2     61  p95 ≤ 150 ms a
BROKEN  grassroots delay_ms_max               12     10      4  40.0 %  16.8–68.7    310    640    702  p95 ≤ 150 ms ab
        mostly propagation at village-line/up; 2 censored
no data grassroots loss_max                   40      0      0       –          –   0.02   0.11    0.4      ≤ 0.05 %
        12 not judged
conn.county_hospital
met     county     bandwidth_mbps_min         40     38      0   0.0 %    0.0–9.2     20     20     20   ≥ 20 Mbit/s c

1 rows broken, 2 met, 1 without data to judge
rate = broken of judged sessions; 95 % interval in per cent, naive (one day)
p50, p95, p99 of the observed values, in the unit of the bound (loss in %)
a  assumed: statistic p95 and basis one way
b  over 10 % censored
c  override at day.yaml:12
"""


def printed(renderable: object, width: int = 120) -> str:
    console = Console(file=io.StringIO(), width=width, no_color=True, highlight=False)
    console.print(renderable)
    return written(console)


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_run_at_120_columns_is_the_golden_text() -> None:
    console = Console(file=io.StringIO(), width=120, no_color=True, highlight=False)
    print_run(console, summary(), MANIFEST)
    assert written(console) == GOLDEN_120


@pytest.mark.parametrize("width", [80, 100, 120, 160])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(len(line) for line in printed(summary_table(summary()), width).splitlines()) <= width


def test_at_80_columns_the_verdict_the_rate_and_the_cause_remain() -> None:
    text = printed(summary_table(summary()), 80)
    row = next(line for line in text.splitlines() if line.startswith("BROKEN"))
    assert "4/10" in row
    assert "40.0 %" in row
    assert "p95 ≤ 150 ms" in row
    assert "mostly propagation at village-line/up" in text


def test_all_letters_of_a_row_are_seen() -> None:
    rows = pd.DataFrame([summary_row(flags="; ".join(["one", "two", "three", "four"]))])
    assert "see abcd" in printed(summary_table(rows))


def test_nothing_judged_is_never_called_met() -> None:
    table = pd.DataFrame([summary_row(judged=0, rate=float("nan"))])
    text = printed(summary_table(table))
    assert "no data" in text
    assert "0 met" in text


def test_names_from_files_are_neither_markup_nor_control_characters() -> None:
    evil = "[red]x[/red]\x1b[31m\n\r\u202e"
    table = pd.DataFrame(
        [summary_row(scenario=evil, service=evil, tier=evil, violated=1, top_interface=evil,
                     flags=evil)]
    )  # fmt: skip
    text = printed(summary_table(table))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[red]x[/red]" in text


def test_generic_tables_show_markup_as_it_is() -> None:
    frame = pd.DataFrame({"id": ["[bold]sdh[/bold]"], "rate_mbps": [149.76], "paper": [True]})
    text = printed(frame_table(frame, "technologies"))
    assert "[bold]sdh[/bold]" in text
    assert "rate mbps" in text
    assert "yes" in text


def test_an_empty_summary_says_so() -> None:
    assert "nothing was judged" in printed(summary_table(summary().iloc[:0]))


def test_a_dry_run_prints_its_figures_and_its_loads() -> None:
    console = Console(file=io.StringIO(), width=100, no_color=True, highlight=False)
    print_plan(console, {"sites": 5, "expected_time_s": 12.345}, pd.DataFrame({"link": ["a"]}))
    text = written(console)
    assert "expected time s  12.3" in text
    assert "offered load over capacity" in text
