"""Where a model comes from: a reference network, code that builds it, or a file that holds it."""

from __future__ import annotations

from shufflenet_audit.loading.formats import load
from shufflenet_audit.loading.inputs.input_spec import Example, example
from shufflenet_audit.loading.loaded import Loaded, LoadedGraph
from shufflenet_audit.loading.request import Request

__all__ = ["Example", "Loaded", "LoadedGraph", "Request", "example", "load"]
