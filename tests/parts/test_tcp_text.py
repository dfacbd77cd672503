"""TCP's text stays what can be compiled: integers in flat records, plain functions."""

import ast
from pathlib import Path

import pytest

import telemedsim.parts.transport as transport

FOLDER = Path(transport.__file__).parent
MODULES = sorted(path for path in FOLDER.glob("*.py") if path.name != "__init__.py")
REFUSED = (
    ast.Dict,
    ast.Set,
    ast.ListComp,
    ast.DictComp,
    ast.SetComp,
    ast.GeneratorExp,
    ast.Lambda,
    ast.Try,
    ast.Raise,
    ast.ClassDef,
    ast.Div,
    ast.JoinedStr,
    ast.Global,
    ast.With,
)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_functions_use_integers_and_flat_records_only(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, REFUSED)]
    assert not found, f"line {found[0].lineno}: {type(found[0]).__name__}"
    floats = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, float)
    ]
    assert not floats
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert functions or path.stem == "tcp_state"
    nested = [inner for outer in functions for inner in ast.walk(outer) if inner in functions]
    assert len(nested) == len(functions), "a function inside a function"
