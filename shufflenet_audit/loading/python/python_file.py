"""A model in a Python file."""

from __future__ import annotations

import ast

from shufflenet_audit.loading.content import head, read_bytes
from shufflenet_audit.loading.loaded import Loaded
from shufflenet_audit.loading.request import Request


def recognises(request: Request) -> bool:
    """Whether it is a Python file, by its suffix or by its content."""
    if not request.is_file:
        return False
    start = head(request.path)
    return bool(start) and (request.path.suffix == ".py" or _parses(request, start))


def load(request: Request) -> Loaded:
    """The model that the file builds or holds. Raises LoadError and InputError."""
    from shufflenet_audit.loading.python.find_model import find_model  # noqa: PLC0415  (it needs torch)
    from shufflenet_audit.loading.python.imports import imported_file  # noqa: PLC0415  (it needs torch)

    module, workspace = imported_file(request.path)
    return find_model(request, module, workspace)


def _parses(request: Request, start: bytes) -> bool:
    if b"\0" in start or start.lstrip().startswith((b"{", b"[")):  # JSON parses as Python
        return False
    try:
        tree = ast.parse(read_bytes(request.path))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(isinstance(statement, _SURELY_PYTHON) for statement in tree.body)


_SURELY_PYTHON = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef)
"""Statements that every file that builds a model has; a table or text may parse, but has none."""
