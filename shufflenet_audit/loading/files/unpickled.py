"""A module in a pickle that the user trusts. Loading it runs the code in it."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import torch
from torch import nn

from shufflenet_audit.errors import LoadError
from shufflenet_audit.loading.content import head, zip_names
from shufflenet_audit.loading.inputs.example_inputs import example_inputs
from shufflenet_audit.loading.loaded import Loaded
from shufflenet_audit.loading.python.building import with_article
from shufflenet_audit.loading.request import Request
from shufflenet_audit.loading.workspace import Workspace
from shufflenet_audit.user_code import error_sentence

_LEGACY = bytes.fromhex(
    "6cfc9c46f9206aa85019"
)  # the magic number at the beginning of old files by torch.save


def load(request: Request) -> Loaded:
    """The module in the pickle. Its classes come from the working folder or that of the file."""
    workspace = Workspace(Path(), request.path.resolve().parent)
    try:
        with workspace.active():
            model = _unpickle(request.path)
    except (Exception, SystemExit) as error:
        raise LoadError(error_sentence(str(request.path), error)) from error
    if not isinstance(model, nn.Module):
        content = with_article(type(model).__name__)
        message = (
            f"{request.path} holds {content}, not a model: name the code that builds the model,"
            " as in model.py:build"
        )
        raise LoadError(message)
    given = example_inputs(model, request.inputs)
    assumed = (given.assumption,) if given.assumption else ()
    return Loaded(request.name, model, given.args, given.kwargs, None, assumed, workspace.active)


def _unpickle(path: Path) -> Any:
    if zip_names(path) or _LEGACY in head(path, 16):
        return torch.load(path, map_location="cpu", weights_only=False)
    with path.open("rb") as file:
        return pickle.load(file)
