"""What files have in common that hold a model as it was saved, not code that builds one."""

from __future__ import annotations

from shufflenet_audit.errors import LoadError
from shufflenet_audit.loading.request import Request


def whole(request: Request, kind: str) -> None:
    """Raise LoadError where something is asked of a saved model that only code could do."""
    if request.attribute:
        message = f"{request.path} is {kind}, one model: leave out :{request.attribute}"
        raise LoadError(message)
    for name in request.arguments:
        message = f"{request.path} is {kind}, which takes no arguments: leave out --arg {name}"
        raise LoadError(message)
