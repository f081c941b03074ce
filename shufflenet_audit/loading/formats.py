"""The kinds of source that a model can come from, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from shufflenet_audit.loading import reference
from shufflenet_audit.loading.exported_program import format as exported_program
from shufflenet_audit.loading.files import (
    pickled,
    torchscript,
    transformers_config,
)
from shufflenet_audit.loading.loaded import Loaded, LoadedGraph
from shufflenet_audit.loading.ncnn import format as ncnn
from shufflenet_audit.loading.onnx import format as onnx
from shufflenet_audit.loading.python import import_path, python_file
from shufflenet_audit.loading.request import Request
from shufflenet_audit.loading.unrecognised import unrecognised
from shufflenet_audit.user_code import unwrapped


@dataclass(frozen=True, slots=True)
class SourceKind:
    """One kind of source, such as an ONNX file or an import path."""

    recognises: Callable[[Request], bool]
    """Whether a request is for a source of this kind, by its name or by what is in the file."""
    load: Callable[[Request], Loaded | LoadedGraph]
    """The model that the request is for. Raises LoadError and InputError."""


def _with_lines(load: Callable[[Request], Loaded]) -> Callable[[Request], Loaded]:
    """The same loader, which also notes the lines that built the layers of the model."""

    def load_with_lines(request: Request) -> Loaded:
        from shufflenet_audit.loading.python.construction import Construction  # noqa: PLC0415  (torch)

        construction = Construction()
        with construction.watched():
            loaded = load(request)
        return replace(loaded, lines=construction.lines(unwrapped(loaded.model)))

    return load_with_lines


SOURCE_KINDS: Final = (
    SourceKind(reference.recognises, _with_lines(reference.load)),
    SourceKind(exported_program.recognises, exported_program.load),
    SourceKind(onnx.recognises, onnx.load),
    SourceKind(ncnn.recognises, ncnn.load),
    SourceKind(torchscript.recognises, torchscript.load),
    SourceKind(transformers_config.recognises, _with_lines(transformers_config.load)),
    SourceKind(pickled.recognises, pickled.load),
    SourceKind(python_file.recognises, _with_lines(python_file.load)),
    SourceKind(import_path.recognises, _with_lines(import_path.load)),
)


def load(request: Request) -> Loaded | LoadedGraph:
    """The model that the request is for. Raises LoadError and InputError."""
    for kind in SOURCE_KINDS:
        if kind.recognises(request):
            return kind.load(request)
    raise unrecognised(request)
