"""Where a model comes from: a reference network, code that builds it, or a file that holds it."""

from __future__ import annotations

from shufflenet_audit.sources.kinds import load
from shufflenet_audit.sources.loaded import Loaded, LoadedGraph
from shufflenet_audit.sources.request import Request
from shufflenet_audit.sources.spelling import Example, example

__all__ = ["Example", "Loaded", "LoadedGraph", "Request", "example", "load"]
