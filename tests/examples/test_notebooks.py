"""The notebook runs from its first cell to its last, in a kernel of this environment."""

from pathlib import Path

import jupytext
import nbclient
import pytest

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.py")), ids=lambda path: path.stem)
def test_notebook_runs_and_shows_what_it_says(path: Path) -> None:
    notebook = jupytext.read(path)
    resources = {"metadata": {"path": str(NOTEBOOKS)}}
    nbclient.NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources=resources
    ).execute()
    texts = [str(output) for cell in notebook.cells for output in cell.get("outputs", [])]
    assert sum("image/png" in text for text in texts) == 2, "two curves are drawn"
    lesson = next(text for text in texts if "violated clauses of the lesson" in text)
    assert "2 before, 1 after" in lesson, (
        "the thin line breaks rate and delay; half a second mends one"
    )
