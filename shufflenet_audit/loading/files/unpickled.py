"""A module in a pickle that the user trusts: loading it runs the code in it."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import torch
from torch import nn

from shufflenet_audit.errors import LoadError
from shufflenet_audit.loading.content import head, members
from shufflenet_audit.loading.inputs.example import inputs
from shufflenet_audit.loading.loaded import Loaded
from shufflenet_audit.loading.request import Request
from shufflenet_audit.loading.workspace import Workspace
from shufflenet_audit.user_code import raised

_LEGACY = bytes.fromhex(
    "6cfc9c46f9206aa85019"
)  # the number that old files by torch.save begin with


def load(request: Request) -> Loaded:
    """The module in the pickle. Its classes are imported from the working folder or the file's."""
    workspace = Workspace(Path(), request.path.resolve().parent)
    try:
        with workspace.active():
            model = _unpickled(request.path)
    except (Exception, SystemExit) as error:
        raise LoadError(raised(str(request.path), error)) from error
    if not isinstance(model, nn.Module):
        message = (
            f"{request.path} holds a {type(model).__name__}, not a model: name the code that"
            " builds the model, as in model.py:build"
        )
        raise LoadError(message)
    given = inputs(model, request.inputs)
    assumed = (given.assumption,) if given.assumption else ()
    return Loaded(request.name, model, given.args, given.kwargs, None, assumed, workspace.active)


def _unpickled(path: Path) -> Any:
    if members(path) or _LEGACY in head(path, 16):
        return torch.load(path, map_location="cpu", weights_only=False)
    with path.open("rb") as file:
        return pickle.load(file)
