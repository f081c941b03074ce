"""A model in a .pt2 file by torch.export.save: its description is read, its pickles are not."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from shufflenet_audit.errors import InputError, LoadError
from shufflenet_audit.loading.content import members
from shufflenet_audit.loading.files.saved_model import whole
from shufflenet_audit.loading.inputs.input_spec import Example
from shufflenet_audit.loading.loaded import Loaded
from shufflenet_audit.loading.request import Request

if TYPE_CHECKING:  # importing torch takes seconds
    import torch

    from shufflenet_audit.loading.exported_program.program import Program

_OLD = "serialized_exported_program.json"


def recognises(request: Request) -> bool:
    """Whether it is an archive with the description of an exported program."""
    names = members(request.path) if request.is_file else ()
    return _OLD in names or any(name.endswith("/archive_format") for name in names)


def load(request: Request) -> Loaded:
    """The program in the file, without its weights."""
    whole(request, "an exported program")
    path = request.path
    description = _description(request)
    from shufflenet_audit.loading.exported_program.program import Program  # noqa: PLC0415  (it needs torch)

    def build(device: str = "cpu") -> Program:
        return Program(description, device)

    try:
        program = build("meta")
    except (LookupError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        message = f"{path} is damaged, or of another version: {error!r}; export the model again"
        raise LoadError(message) from error
    args, assumed = _args(program, request.inputs)
    return Loaded(request.name, program, args, {}, build, assumed)


def _description(request: Request) -> Any:
    path = request.path
    names = members(path)
    models = sorted(name for name in names if "/models/" in name and name.endswith(".json"))
    if not models:
        what = "of PyTorch 2.7 or older" if _OLD in names else "of compiled code, without a graph"
        message = f"{path} is an archive {what}: export the model again, with torch.export.save"
        raise LoadError(message)
    try:
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read(models[0]))
    except (ValueError, zipfile.BadZipFile, RecursionError, NotImplementedError) as error:
        message = f"{path} is damaged: {error}; export the model again"
        raise LoadError(message) from error


def _args(
    program: Program, given: Sequence[Example]
) -> tuple[tuple[torch.Tensor, ...], tuple[str, ...]]:
    """The given inputs in the order of the program, or those that it was exported with."""
    if not given:
        taken = " and ".join(f"{name} {'x'.join(map(str, tensor.shape))}"
                             for name, tensor in program.inputs.items())  # fmt: skip
        return tuple(program.inputs.values()), (f"the input is what it was exported with: {taken}",)
    from shufflenet_audit.loading.inputs.example import tensor  # noqa: PLC0415  (it needs torch)

    named = {each.name: tensor(each) for each in given if each.name}
    rest = iter([tensor(each) for each in given if not each.name])
    args = [named.pop(name) if name in named else next(rest, None) for name in program.inputs]
    if named or None in args or next(rest, None) is not None:
        message = (
            f"the program takes {', '.join(program.inputs)}: give each an --input, or leave all out"
        )
        raise InputError(message)
    return tuple(each for each in args if each is not None), ()
