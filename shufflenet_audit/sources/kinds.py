"""The kinds of source that a model can come from, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from shufflenet_audit.sources import (
    config_directory,
    exported,
    import_path,
    onnx,
    pickled,
    python_file,
    reference,
    torchscript,
)
from shufflenet_audit.sources.loaded import Loaded, LoadedGraph
from shufflenet_audit.sources.request import Request
from shufflenet_audit.sources.unrecognised import unrecognised


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of source: whether a request is for one (told by its content), and its model."""

    recognises: Callable[[Request], bool]
    load: Callable[[Request], Loaded | LoadedGraph]


SOURCES: Final = (
    Source(reference.recognises, reference.load),
    Source(onnx.recognises, onnx.load),
    Source(exported.recognises, exported.load),
    Source(torchscript.recognises, torchscript.load),
    Source(config_directory.recognises, config_directory.load),
    Source(pickled.recognises, pickled.load),
    Source(python_file.recognises, python_file.load),
    Source(import_path.recognises, import_path.load),
)


def load(request: Request) -> Loaded | LoadedGraph:
    """The model that was asked for. Raises LoadError and InputError."""
    for source in SOURCES:
        if source.recognises(request):
            return source.load(request)
    raise unrecognised(request)
