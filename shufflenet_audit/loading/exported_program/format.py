"""A model in a .pt2 file by torch.export.save. Its description is read, its pickles are not."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from shufflenet_audit.errors import InputError, LoadError
from shufflenet_audit.loading.content import zip_names
from shufflenet_audit.loading.files.saved_model import check_takes_no_arguments
from shufflenet_audit.loading.inputs.input_spec import InputSpec
from shufflenet_audit.loading.loaded import Loaded
from shufflenet_audit.loading.request import Request

if TYPE_CHECKING:  # importing torch takes seconds
    import torch

    from shufflenet_audit.loading.exported_program.program import Program

_OLD_DESCRIPTION = "serialized_exported_program.json"


def recognises(request: Request) -> bool:
    """Whether it is an archive that describes an exported program."""
    names = zip_names(request.path) if request.is_file else ()
    return _OLD_DESCRIPTION in names or any(name.endswith("/archive_format") for name in names)


def load(request: Request) -> Loaded:
    """The program in the file, without its weights."""
    check_takes_no_arguments(request, "an exported program")
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
    names = zip_names(path)
    models = sorted(name for name in names if "/models/" in name and name.endswith(".json"))
    if not models:
        content = (
            "of PyTorch 2.7 or older"
            if _OLD_DESCRIPTION in names
            else "of compiled code, without a graph"
        )
        message = f"{path} is an archive {content}: export the model again, with torch.export.save"
        raise LoadError(message)
    try:
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read(models[0]))
    except (ValueError, zipfile.BadZipFile, RecursionError, NotImplementedError) as error:
        message = f"{path} is damaged: {error}; export the model again"
        raise LoadError(message) from error


def _args(
    program: Program, given: Sequence[InputSpec]
) -> tuple[tuple[torch.Tensor, ...], tuple[str, ...]]:
    """The given inputs in the order of the program, or those that it was exported with."""
    if not given:
        shown = " and ".join(f"{name} {'x'.join(map(str, tensor.shape))}"
                             for name, tensor in program.inputs.items())  # fmt: skip
        return tuple(program.inputs.values()), (f"the input is what it was exported with: {shown}",)
    from shufflenet_audit.loading.inputs.example_inputs import empty_tensor  # noqa: PLC0415  (it needs torch)

    named = {spec.name: empty_tensor(spec) for spec in given if spec.name}
    unnamed = iter([empty_tensor(spec) for spec in given if not spec.name])
    args = [named.pop(name) if name in named else next(unnamed, None) for name in program.inputs]
    if named or None in args or next(unnamed, None) is not None:
        message = (
            f"the program takes {', '.join(program.inputs)}: give each an --input, or leave all out"
        )
        raise InputError(message)
    return tuple(tensor for tensor in args if tensor is not None), ()
