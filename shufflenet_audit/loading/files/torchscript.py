"""A model in a TorchScript archive, whose code cannot call Python."""

from __future__ import annotations

import re
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shufflenet_audit.errors import LoadError
from shufflenet_audit.loading.content import zip_names
from shufflenet_audit.loading.files.saved_model import check_takes_no_arguments
from shufflenet_audit.loading.loaded import Loaded
from shufflenet_audit.loading.request import Request

if TYPE_CHECKING:  # importing torch takes seconds
    import torch

_OUTSIDE: Final = re.compile(r"\b(save|from_file|load_tensor|rpc_(?:async|sync|remote))\b")
"""Functions by which TorchScript code reaches files and other processes."""


def recognises(request: Request) -> bool:
    """Whether it is an archive with TorchScript code in it."""
    return request.is_file and any("/code/" in name for name in zip_names(request.path))


def load(request: Request) -> Loaded:
    """The model in the archive, on meta. Its code is searched before any of it runs."""
    check_takes_no_arguments(request, "a TorchScript archive")
    path = request.path
    for name, text in _code(path):
        if match := _OUTSIDE.search(text):
            message = (
                f"{path} may read or write other files, by {match[1]} in {name}, and is not run:"
                " name the code that builds the model, as in model.py:build"
            )
            raise LoadError(message)
    from shufflenet_audit.loading.inputs.example_inputs import example_inputs  # noqa: PLC0415  (it needs torch)

    model = _loaded(path, "meta")
    given = example_inputs(model, request.inputs)
    assumed = (given.assumption,) if given.assumption else ()
    return Loaded(
        request.name, model, given.args, given.kwargs, lambda: _loaded(path, "cpu"), assumed
    )


def _loaded(path: Path, device: str) -> torch.nn.Module:
    import torch  # noqa: PLC0415  (see the top)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that TorchScript is deprecated
            model: torch.nn.Module = torch.jit.load(path, map_location=device)
            return model
    except (RuntimeError, ValueError) as error:
        reason = str(error).strip().partition("\n")[0]
        message = f"{path} is damaged, or of another version: {reason}; save the model again"
        raise LoadError(message) from error


def _code(path: Path) -> list[tuple[str, str]]:
    """The code in an archive: name and text of each file."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if entry.filename.endswith(".py")]
            return [(entry.filename, archive.read(entry).decode("utf-8", "replace"))
                    for entry in entries]  # fmt: skip
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
        message = f"{path} is damaged: {error}; save the model again"
        raise LoadError(message) from error
