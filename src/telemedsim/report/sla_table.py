"""The SLA table of a run: scenario, service, tier and clause with counts, rates and bounds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.cells import set_cell_size
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from telemedsim.report.wording import (
    bound_text,
    cause_text,
    in_unit,
    interval,
    line,
    parted,
    percent,
)

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]

BROKEN, MET, NO_DATA = "BROKEN", "met", "no data"
_STYLES = {BROKEN: "bold red", MET: "green", NO_DATA: "dim"}
_REMARKS = ("censored", "not_judged", "blocked", "abandoned")


@dataclass(frozen=True)
class Heading:
    """A column: its title, its width in cells, and its side."""

    title: str
    width: int
    right: bool = True


WIDE = (
    Heading("result", 7, False),
    Heading("tier", 10, False),
    Heading("clause", 21, False),
    Heading("offered", 7),
    Heading("judged", 6),
    Heading("broken", 6),
    Heading("rate", 7),
    Heading("95 % int.", 10),
    Heading("p50", 6),
    Heading("p95", 6),
    Heading("p99", 6),
    Heading("bound", 13),
    Heading("see", 3, False),
)
NARROW = (
    Heading("result", 7, False),
    Heading("tier", 10, False),
    Heading("clause", 20, False),
    Heading("broken of", 9),
    Heading("rate", 7),
    Heading("p95", 6),
    Heading("bound", 13),
)
WIDE_FROM = sum(heading.width + 1 for heading in WIDE) - 1
INDENT = " " * 8


def result_word(row: Row) -> str:
    """Return the word of a row: any violation breaks it, nothing judged is no pass."""
    if row["violated"] > 0:
        return BROKEN
    return MET if row["judged"] > 0 else NO_DATA


class SummaryTable:
    """A rich renderable of a summary table; the same text for the same width."""

    def __init__(self, summary: "pd.DataFrame") -> None:
        self.rows: list[Row] = [
            {str(name): value for name, value in row.items()}
            for row in summary.to_dict(orient="records")
        ]
        self.notes = _letters(self.rows)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the header, the rows by scenario and service, and what the letters mean."""
        if not self.rows:
            yield Text("nothing was judged: no session met a clause")
            return
        columns = WIDE if options.max_width >= WIDE_FROM else NARROW
        yield _line([heading.title for heading in columns], columns, "bold")
        group = None
        for row in self.rows:
            if group != (row["scenario"], row["service"]):
                group = (row["scenario"], row["service"])
                yield _title(row)
            yield from self._row(row, columns)
        yield Text("")
        yield from self._legend(columns)

    def _row(self, row: Row, columns: tuple[Heading, ...]) -> Iterator[Text]:
        word = result_word(row)
        letters = "".join(self.notes[flag] for flag in parted(row["flags"]))
        fits = columns is WIDE and len(letters) <= WIDE[-1].width
        beside = letters if fits else ""
        cells = _wide_cells(row, word, beside) if columns is WIDE else _narrow_cells(row, word)
        yield _line(cells, columns, "", first=_STYLES[word])
        remarks = [f"{row[name]} {name.replace('_', ' ')}" for name in _REMARKS if row[name] > 0]
        cause = cause_text(row["top_cause"], row["top_interface"]) if word == BROKEN else ""
        if letters and not fits:
            remarks.append(f"see {letters}")
        if cause or remarks:
            text = "; ".join([cause] * bool(cause) + remarks)
            yield Text(INDENT + text, style="red" if cause else "dim")

    def _legend(self, columns: tuple[Heading, ...]) -> Iterator[Text]:
        broken = sum(result_word(row) == BROKEN for row in self.rows)
        none = sum(result_word(row) == NO_DATA for row in self.rows)
        met = len(self.rows) - broken - none
        yield Text(f"{broken} rows broken, {met} met, {none} without data to judge", style="bold")
        kinds = sorted({line(row["interval"]) for row in self.rows} - {""})
        how = f", {'; '.join(kinds)}" if kinds else ""
        yield Text(f"rate = broken of judged sessions; 95 % interval in per cent{how}")
        yield Text("p50, p95, p99 of the observed values, in the unit of the bound (loss in %)")
        for flag, letter in self.notes.items():
            yield Text(f"{letter}  {flag}")


def summary_table(summary: "pd.DataFrame") -> SummaryTable:
    """Return the SLA table of a run's ``summary`` (records.schema), ready to print with rich."""
    return SummaryTable(summary)


def _letters(rows: list[Row]) -> dict[str, str]:
    """Return a letter for each distinct flag, in the order of appearance."""
    flags = dict.fromkeys(flag for row in rows for flag in parted(row["flags"]))
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    return {
        flag: alphabet[number] if number < len(alphabet) else f"{number}"
        for number, flag in enumerate(flags)
    }


def _wide_cells(row: Row, word: str, letters: str) -> list[str]:
    unit = line(row["unit"])
    return [
        word,
        line(row["tier"]),
        line(row["clause"]),
        f"{row['offered']}",
        f"{row['judged']}",
        f"{row['violated']}",
        percent(row["rate"]),
        interval(row["rate_low"], row["rate_high"]),
        in_unit(row["p50"], unit),
        in_unit(row["p95"], unit),
        in_unit(row["p99"], unit),
        bound_text(line(row["clause"]), row["bound"], unit, line(row["statistic"])),
        letters,
    ]


def _narrow_cells(row: Row, word: str) -> list[str]:
    unit = line(row["unit"])
    return [
        word,
        line(row["tier"]),
        line(row["clause"]),
        f"{row['violated']}/{row['judged']}",
        percent(row["rate"]),
        in_unit(row["p95"], unit),
        bound_text(line(row["clause"]), row["bound"], unit, line(row["statistic"])),
    ]


def _title(row: Row) -> Text:
    scenario, service = line(row["scenario"]), line(row["service"])
    text = Text(service, style="bold cyan")
    if scenario != service:
        text.append(f"  in {scenario}", style="cyan")
    return text


def _line(cells: list[str], columns: tuple[Heading, ...], style: str, first: str = "") -> Text:
    """Return one row: each cell cut or padded to its column's width."""
    text = Text(style=style, no_wrap=True, overflow="crop")
    for position, (cell, heading) in enumerate(zip(cells, columns, strict=True)):
        text.append(" " if position else "")
        text.append(_fitted(cell, heading), style=first if position == 0 else "")
    text.rstrip()
    return text


def _fitted(cell: str, heading: Heading) -> str:
    length = Text(cell).cell_len
    if length > heading.width:
        return set_cell_size(cell, heading.width - 1) + "…"
    blank = " " * (heading.width - length)
    return blank + cell if heading.right else cell + blank
