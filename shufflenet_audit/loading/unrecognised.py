"""Why something is no model, and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Final

from shufflenet_audit.errors import LoadError
from shufflenet_audit.loading.content import head
from shufflenet_audit.loading.request import Request
from shufflenet_audit.zoo import names


def unrecognised(request: Request) -> LoadError:
    """The error for a request that no kind of source recognises."""
    if not request.model:
        return LoadError("the name of the model is empty: give a reference network, file or import")
    path = request.path
    if path.is_dir():
        return LoadError(
            f"{path} is a folder: name the file in it that builds the model{_in(path)}"
        )
    if path.is_file():
        return LoadError(f"{path} is no model: {_content(path)}")
    if path.exists():
        return LoadError(f"{path} is not an ordinary file: save the model's code in one")
    if path.suffix or len(path.parts) > 1:
        return LoadError(f"there is no file {path}{_meant(path.name, _files(path.parent))}")
    known = "audit list models shows the reference networks, model.py and package.module:name work"
    meant = _meant(request.model, (*names(), *_files(Path())))
    return LoadError(f"no model is called {request.model!r}{meant or f': {known}'}")


def _content(path: Path) -> str:
    start = head(path)
    if not start:
        return "the file is empty"
    if b'"schema_version"' in start[:100]:
        return f"it is a saved audit, shown by: audit report {path}"
    for mark, what in _OTHERS.items():
        if mark in start[:8]:
            return what
    return "its content is neither Python nor another form that is known"


_EXPORT = "export the model to ONNX, or name the code that builds it"
_OTHERS: Final = {
    b"PK\x03\x04": "it is an archive that is cut short, or holds something else: save it again",
    b"TFL3": f"it is a TensorFlow Lite model: {_EXPORT}",
    b"\x89HDF": f"it is an HDF5 file, as Keras writes it: {_EXPORT}",
    b"GGUF": "it holds weights without a model (GGUF): name the code that builds the model",
}
"""Marks at the beginning of other files that people call models."""


def _meant(name: str, there: Iterable[str]) -> str:
    close = get_close_matches(name, list(there), n=1)
    return f": did you mean {close[0]}?" if close else ""


def _in(folder: Path) -> str:
    files = list(islice(_files(folder), 3))
    return f", such as {folder / files[0]}" if files else ""


def _files(folder: Path) -> list[str]:
    """The Python files in a folder; none where it cannot be read."""
    try:
        return sorted(each.name for each in folder.glob("*.py"))
    except OSError:
        return []
