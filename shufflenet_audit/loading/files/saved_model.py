"""A check for all files that hold a saved model, rather than code that builds one."""

from __future__ import annotations

from shufflenet_audit.errors import LoadError
from shufflenet_audit.loading.request import Request


def check_takes_no_arguments(request: Request, kind: str) -> None:
    """Raise LoadError if `:name` or `--arg` is given for a saved model."""
    if request.attribute:
        message = f"{request.path} is {kind}, one model: leave out :{request.attribute}"
        raise LoadError(message)
    for name in request.arguments:
        message = f"{request.path} is {kind}, which takes no arguments: leave out --arg {name}"
        raise LoadError(message)
