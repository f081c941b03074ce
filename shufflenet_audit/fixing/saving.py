"""A fixed network as a file: `.pt2` for PyTorch, `.onnx` for other runtimes."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from shufflenet_audit.errors import AuditError

if TYPE_CHECKING:
    from shufflenet_audit.fixing.fixed import Fixed


def save(fixed: Fixed, path: Path) -> Path:
    """Write the network. Raises AuditError for an unknown suffix, or with the exporter's reason."""
    writer = _WRITERS.get(path.suffix)
    if writer is None:
        message = f"{path} is neither .pt2 nor .onnx: name the file after the format that you want"
        raise AuditError(message)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            writer(fixed, path)
    except ImportError as error:
        message = f"to write {path.suffix} files install shufflenet-audit[onnxruntime]: {error}"
        raise AuditError(message) from error
    except Exception as error:
        said = " ".join(str(error).split())[:300]
        message = f"{path.name} could not be written: {type(error).__name__}: {said}"
        raise AuditError(message) from error
    return path


def _pt2(fixed: Fixed, path: Path) -> None:
    torch.export.save(_exported(fixed), path)


def _exported(fixed: Fixed) -> torch.export.ExportedProgram:
    """With the batch left open if the network runs at any, and torch.export can follow it."""
    if not fixed.fixed_batch:
        try:
            inputs = _of_two_rows(fixed)
            return torch.export.export(fixed.module, inputs, dynamic_shapes=_open(inputs))
        except Exception:  # noqa: BLE001, S110  (whatever it cannot follow: the batch is kept then)
            pass
    return torch.export.export(fixed.module, fixed.inputs)


def _of_two_rows(fixed: Fixed) -> tuple[torch.Tensor, ...]:
    """torch.export takes a size of one for a constant."""
    return tuple(
        torch.cat((each, each))[:2] if each.dim() and len(each) == 1 else each
        for each in fixed.inputs
    )


def _open(inputs: tuple[torch.Tensor, ...]) -> tuple[Mapping[int, Any] | None, ...]:
    return tuple({0: torch.export.Dim("batch")} if each.dim() else None for each in inputs)


def _onnx(fixed: Fixed, path: Path) -> None:
    torch.onnx.export(fixed.module, fixed.inputs, path, dynamo=True, verbose=False, external_data=False)


_WRITERS: Mapping[str, Callable[[Fixed, Path], None]] = {".pt2": _pt2, ".onnx": _onnx}
