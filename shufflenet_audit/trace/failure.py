"""What it means that a model raised, said in one line that names the user's own line of code."""

from __future__ import annotations

import traceback

import torch

from shufflenet_audit.errors import AuditError, TraceError
from shufflenet_audit.trace.fit import refusal
from shufflenet_audit.trace.kernels import NeedsValuesError
from shufflenet_audit.trace.places import source, users_code


def needs_values(error: Exception) -> bool:
    """Whether a run on real tensors could succeed where one on meta tensors raised this."""
    if isinstance(error, NeedsValuesError | NotImplementedError):
        return True
    said = str(error).lower()
    lacks_values = "meta" in said or "unallocated storage" in said
    return isinstance(error, RuntimeError | TypeError | ValueError) and lacks_values


def explained(error: Exception, model: torch.nn.Module) -> AuditError:
    """The error to show for an exception from a model's code."""
    if isinstance(error, AuditError):
        return error
    wanted = refusal(error, model)
    return TraceError(raised(type(model).__name__, error) + (f"; {wanted}" if wanted else ""))


def raised(name: str, error: BaseException) -> str:
    """That something raised this, where in the user's code, and what was said."""
    said = " ".join(_without_script(str(error)).split()) or "no message"
    return f"{name} raised {type(error).__name__}{place(error)}: {said}"


def _without_script(message: str) -> str:
    """What TorchScript has to say without the code around it, or else the line that failed."""
    if "TorchScript interpreter" not in message:
        return message
    code, _, said = message.partition("RuntimeError:")
    lines = code.rpartition("<--- HERE")[0].splitlines()
    return said.strip() or f"TorchScript does not say what, in: {' '.join(lines[-2:-1])}"


def place(error: BaseException) -> str:
    """The innermost line of the user's own code that an exception came through, if any."""
    lines = [
        (frame.f_code.co_filename, line)
        for frame, line in traceback.walk_tb(error.__traceback__)
        if users_code(frame.f_code.co_filename)
    ]
    return f" at {source(*lines[-1])}" if lines else ""
