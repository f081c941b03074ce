"""What it means that a model raised, said in one line that names the user's own line of code."""

from __future__ import annotations

import torch

from shufflenet_audit.errors import AuditError, TraceError
from shufflenet_audit.tracing.failures.shape_mismatch import refusal
from shufflenet_audit.tracing.meta.kernels import NeedsValuesError
from shufflenet_audit.user_code import raised


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
