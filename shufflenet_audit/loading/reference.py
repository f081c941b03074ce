"""A model that is one of the reference networks, by its name."""

from __future__ import annotations

from importlib import import_module

from shufflenet_audit.errors import LoadError
from shufflenet_audit.loading.inputs.input_spec import Example
from shufflenet_audit.loading.loaded import Loaded
from shufflenet_audit.loading.request import Request
from shufflenet_audit.zoo import resolve


def recognises(request: Request) -> bool:
    """Whether a reference network goes by that name."""
    return resolve(request.model) is not None


def load(request: Request) -> Loaded:
    """The reference network of that name."""
    from shufflenet_audit.loading.inputs.example import inputs  # noqa: PLC0415  (it needs torch)
    from shufflenet_audit.loading.python.building import built, checked  # noqa: PLC0415  (they need torch)

    resolved = resolve(request.model)
    if resolved is None:
        message = f"no reference network is called {request.model!r}"
        raise LoadError(message)
    network, named = resolved
    module, function = network.factory.split(":")
    factory = getattr(import_module(module), function)
    arguments = {**named, **request.arguments}
    checked(factory, network.name, arguments)
    try:
        model, build = built(lambda: factory(**arguments))
    except (ValueError, TypeError) as error:
        raise LoadError(str(error)) from error
    given = inputs(model, request.inputs or (Example(network.input_shape),))
    return Loaded(request.name, model, given.args, given.kwargs, build)
