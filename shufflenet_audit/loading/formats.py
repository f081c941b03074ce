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
from shufflenet_audit.loading.onnx import format as onnx
from shufflenet_audit.loading.python import import_path, python_file
from shufflenet_audit.loading.request import Request
from shufflenet_audit.loading.unrecognised import unrecognised
from shufflenet_audit.user_code import unwrapped


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of source: whether a request is for one (told by its content), and its model."""

    recognises: Callable[[Request], bool]
    load: Callable[[Request], Loaded | LoadedGraph]


def _located(load: Callable[[Request], Loaded]) -> Callable[[Request], Loaded]:
    """The same, with the lines that built the layers of the model."""

    def located(request: Request) -> Loaded:
        from shufflenet_audit.loading.python.construction import Construction  # noqa: PLC0415  (torch)

        construction = Construction()
        with construction.watched():
            loaded = load(request)
        return replace(loaded, lines=construction.lines(unwrapped(loaded.model)))

    return located


SOURCES: Final = (
    Source(reference.recognises, _located(reference.load)),
    Source(exported_program.recognises, exported_program.load),
    Source(onnx.recognises, onnx.load),
    Source(torchscript.recognises, torchscript.load),
    Source(transformers_config.recognises, _located(transformers_config.load)),
    Source(pickled.recognises, pickled.load),
    Source(python_file.recognises, _located(python_file.load)),
    Source(import_path.recognises, _located(import_path.load)),
)


def load(request: Request) -> Loaded | LoadedGraph:
    """The model that was asked for. Raises LoadError and InputError."""
    for source in SOURCES:
        if source.recognises(request):
            return source.load(request)
    raise unrecognised(request)
