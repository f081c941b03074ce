"""A model that a Python file builds or holds."""

from __future__ import annotations

import ast

from shufflenet_audit.loading.content import head, whole
from shufflenet_audit.loading.loaded import Loaded
from shufflenet_audit.loading.request import Request


def recognises(request: Request) -> bool:
    """Whether it is a file that says it is Python, or plainly is, whatever its name."""
    if not request.is_file:
        return False
    start = head(request.path)
    return bool(start) and (request.path.suffix == ".py" or _parses(request, start))


def load(request: Request) -> Loaded:
    """The model that the file builds, on the inputs that it proposes."""
    from shufflenet_audit.loading.python.find_model import loaded  # noqa: PLC0415  (it needs torch)
    from shufflenet_audit.loading.python.imports import imported_file  # noqa: PLC0415  (it needs torch)

    module, workspace = imported_file(request.path)
    return loaded(request, module, workspace)


def _parses(request: Request, start: bytes) -> bool:
    if b"\0" in start or start.lstrip().startswith((b"{", b"[")):  # JSON is Python, but no module
        return False
    try:
        tree = ast.parse(whole(request.path))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(isinstance(each, _PLAINLY_PYTHON) for each in tree.body)


_PLAINLY_PYTHON = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef)
"""What a file that builds a model has; a table or a text can be read as Python, but has none."""
