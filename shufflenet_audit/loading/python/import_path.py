"""A model that is named as Python imports it: `torchvision.models:resnet18`."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

from shufflenet_audit.loading.loaded import Loaded
from shufflenet_audit.loading.request import Request
from shufflenet_audit.loading.workspace import Workspace


def recognises(request: Request) -> bool:
    """Whether it is written as module:name, or is a package that can be found."""
    module, colon, _ = request.model.partition(":")
    if not re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*", module) or module.endswith(".py"):
        return False
    return bool(colon) or (("." in module or request.path.is_dir()) and _found(module))


def load(request: Request) -> Loaded:
    """The model that the module builds."""
    from shufflenet_audit.loading.python.find_model import loaded  # noqa: PLC0415  (it needs torch)
    from shufflenet_audit.loading.python.imports import imported  # noqa: PLC0415  (it needs torch)

    workspace = Workspace(Path())
    module = imported(request.model.partition(":")[0], workspace)
    return loaded(request, module, workspace)


def _found(module: str) -> bool:
    """Whether there is a package of that name, installed or in the working folder."""
    with Workspace(Path()).active():
        spec = find_spec(module.partition(".")[0])
    return spec is not None and spec.origin is not None
