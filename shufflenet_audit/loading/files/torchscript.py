"""A model in a TorchScript archive: its code is that of TorchScript, and cannot run Python."""

from __future__ import annotations

import re
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shufflenet_audit.errors import LoadError
from shufflenet_audit.loading.content import members
from shufflenet_audit.loading.files.saved_model import whole
from shufflenet_audit.loading.loaded import Loaded
from shufflenet_audit.loading.request import Request

if TYPE_CHECKING:  # importing torch takes seconds
    import torch

_OUTSIDE: Final = re.compile(r"\b(save|from_file|load_tensor|rpc_(?:async|sync|remote))\b")
"""Names of what reaches out of TorchScript: to files, to other processes."""


def recognises(request: Request) -> bool:
    """Whether it is an archive with TorchScript code in it."""
    return request.is_file and any("/code/" in name for name in members(request.path))


def load(request: Request) -> Loaded:
    """The model in the archive, on meta. Its code is looked through before any of it runs."""
    whole(request, "a TorchScript archive")
    path = request.path
    for name, text in _code(path):
        if found := _OUTSIDE.search(text):
            message = (
                f"{path} may read or write other files, by {found[1]} in {name}, and is not run:"
                " name the code that builds the model, as in model.py:build"
            )
            raise LoadError(message)
    from shufflenet_audit.loading.inputs.example import inputs  # noqa: PLC0415  (it needs torch)

    model = _loaded(path, "meta")
    given = inputs(model, request.inputs)
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
        said = str(error).strip().partition("\n")[0]
        message = f"{path} is damaged, or of another version: {said}; save the model again"
        raise LoadError(message) from error


def _code(path: Path) -> list[tuple[str, str]]:
    """The code in an archive, by the names of its files."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [each for each in archive.infolist() if each.filename.endswith(".py")]
            return [(each.filename, archive.read(each).decode("utf-8", "replace"))
                    for each in entries]  # fmt: skip
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
        message = f"{path} is damaged: {error}; save the model again"
        raise LoadError(message) from error
