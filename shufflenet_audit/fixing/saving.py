"""A fixed network as a file: `.pt2` for PyTorch, `.onnx` for other runtimes."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from shufflenet_audit.errors import AuditError

Inputs = tuple[torch.Tensor, ...]


def save(module: torch.nn.Module, inputs: Inputs, path: Path, *, any_batch: bool) -> Path:
    """Write the network. Raises AuditError for an unknown suffix, or with the exporter's reason."""
    writer = _WRITERS.get(path.suffix)
    if writer is None:
        message = f"{path} is neither .pt2 nor .onnx: name the file after the format that you want"
        raise AuditError(message)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            writer(_exported(module, inputs, any_batch=any_batch), path)
    except ImportError as error:
        message = f"to write {path.suffix} files install shufflenet-audit[onnxruntime]: {error}"
        raise AuditError(message) from error
    except Exception as error:
        said = " ".join(str(error).split())[:300]
        message = f"{path.name} could not be written: {type(error).__name__}: {said}"
        raise AuditError(message) from error
    return path


def _exported(
    module: torch.nn.Module, inputs: Inputs, *, any_batch: bool
) -> torch.export.ExportedProgram:
    """With the batch left open if the network runs at any, and torch.export can follow it."""
    if any_batch:
        try:
            rows = _of_two_rows(inputs)
            return torch.export.export(module, rows, dynamic_shapes=_open(rows))
        except Exception:  # noqa: BLE001  (whatever it cannot follow: the batch is kept then)
            pass
    return torch.export.export(module, inputs)


def _of_two_rows(inputs: Inputs) -> Inputs:
    """torch.export takes a size of one for a constant."""
    return tuple(
        torch.cat((each, each)) if each.dim() and len(each) == 1 else each for each in inputs
    )


def _open(inputs: Inputs) -> tuple[Mapping[int, Any] | None, ...]:
    """Which sizes are left open: the first of each tensor."""
    return tuple({0: torch.export.Dim("batch")} if each.dim() else None for each in inputs)


def _pt2(program: torch.export.ExportedProgram, path: Path) -> None:
    torch.export.save(program, path)


def _onnx(program: torch.export.ExportedProgram, path: Path) -> None:
    torch.onnx.export(program, (), path, dynamo=True, verbose=False, external_data=False)


_WRITERS: Mapping[str, Callable[[torch.export.ExportedProgram, Path], None]] = {
    ".pt2": _pt2,
    ".onnx": _onnx,
}
