"""Where a model comes from: a reference network, a Python file, an import path."""

from __future__ import annotations

from shufflenet_audit.sources.kinds import load
from shufflenet_audit.sources.loaded import Loaded
from shufflenet_audit.sources.request import Request
from shufflenet_audit.sources.spelling import Example, example

__all__ = ["Example", "Loaded", "Request", "example", "load"]
