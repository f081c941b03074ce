"""An exception of a model as one line that names the user's own line of code."""

from __future__ import annotations

import torch

from shufflenet_audit.errors import AuditError, TraceError
from shufflenet_audit.tracing.failures.shape_mismatch import shape_mismatch
from shufflenet_audit.tracing.meta.kernels import NeedsValuesError
from shufflenet_audit.user_code import error_sentence


def needs_values(error: Exception) -> bool:
    """Whether a run on real tensors may succeed although one on meta tensors raised this."""
    if isinstance(error, NeedsValuesError | NotImplementedError):
        return True
    message = str(error).lower()
    lacks_values = "meta" in message or "unallocated storage" in message
    return isinstance(error, RuntimeError | TypeError | ValueError) and lacks_values


def model_error(error: Exception, model: torch.nn.Module) -> AuditError:
    """The error to show for an exception that a model raised."""
    if isinstance(error, AuditError):
        return error
    line, mismatch = error_sentence(type(model).__name__, error), shape_mismatch(error, model)
    return TraceError(f"{line}; {mismatch}" if mismatch else line)
