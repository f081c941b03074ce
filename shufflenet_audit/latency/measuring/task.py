"""A model and its inputs, ready to be timed: real tensors in the wanted batch and dtype."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

import torch
from torch.utils._pytree import tree_leaves, tree_map_only

from shufflenet_audit.costs.ops import cost_graph
from shufflenet_audit.errors import InputError, NotFoundError, UnavailableError
from shufflenet_audit.latency.backend import (
    Clock,
    Settings,
    Task,
)
from shufflenet_audit.latency.measuring.rounds import overhead
from shufflenet_audit.tracing.trace import traced, with_values

_DTYPES = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
    "float64": torch.float64,
}
_LAYOUTS = {"nchw": torch.contiguous_format, "nhwc": torch.channels_last}
_IMAGES = 4


@dataclass(frozen=True, slots=True)
class Subject:
    """A model that is to be timed, with its inputs."""

    model: torch.nn.Module
    """The model, with real weights or on meta."""
    args: tuple[Any, ...] = ()
    """Its positional inputs."""
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    """Its keyword inputs."""
    build: Callable[[], torch.nn.Module] | None = None
    """Makes the model with real weights; needed if `model` is on meta."""


def task(subject: Subject, settings: Settings, clock: Clock) -> Task:
    """The model as the settings ask for it, traced. Raises AuditError."""
    _check(settings)
    model = _converted(_real(subject), settings)
    args, kwargs = _inputs(subject, settings)
    run = traced(model, args, kwargs)
    held = chain(
        model.named_parameters(remove_duplicate=False),
        model.named_buffers(remove_duplicate=False),
        ((name, with_values(constant)) for name, constant in run.recording.constants.items()),
    )
    _place(run.recording.graph, torch.device(settings.device))
    leaves = tree_leaves((args, dict(kwargs)))
    return Task(
        model=run.model,
        args=args,
        kwargs=kwargs,
        graph=cost_graph(run.calls),
        nodes=run.recording.graph,
        leaves=tuple(leaf for leaf in leaves if isinstance(leaf, torch.Tensor)),
        attributes={name: tensor.to(settings.device) for name, tensor in held},
        settings=settings,
        clock=clock,
        overhead=overhead(clock),
    )


def _place(nodes: torch.fx.Graph, device: torch.device) -> None:
    """Let nodes that create tensors on meta create them on that device."""
    for node in nodes.nodes:
        if node.kwargs.get("device") == torch.device("meta"):
            node.kwargs = {**node.kwargs, "device": device}


@contextmanager
def evaluated(model: torch.nn.Module) -> Iterator[None]:
    """The model in evaluation mode; at the end each module is back in its own mode."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


def _check(settings: Settings) -> None:
    for name, value, known in (
        ("dtype", settings.dtype, _DTYPES),
        ("layout", settings.layout, _LAYOUTS),
        ("device", settings.device.partition(":")[0], ("cpu", "cuda")),
    ):
        if value not in known:
            message = f"no {name} is called {value!r}: there are {', '.join(known)}"
            raise NotFoundError(message)
    if settings.device.startswith("cuda") and not torch.cuda.is_available():
        message = "unavailable: no CUDA device; measure on --device cpu"
        raise UnavailableError(message)


def _real(subject: Subject) -> torch.nn.Module:
    if not any(tensor.is_meta for tensor in _tensors(subject.model)):
        return subject.model
    if subject.build is None:
        message = "the weights of the model are on meta, without values: build it on the CPU"
        raise InputError(message)
    return subject.build()


def _converted(model: torch.nn.Module, settings: Settings) -> torch.nn.Module:
    """The model itself if it is as the settings ask for it, else a converted copy."""
    dtype, layout = _DTYPES[settings.dtype], _LAYOUTS[settings.layout]
    fits = settings.layout == "nchw" and all(
        tensor.device == torch.device(settings.device)
        and (tensor.dtype == dtype or not tensor.is_floating_point())
        for tensor in _tensors(model)
    )
    if fits:
        return model
    copied = deepcopy(model).to(device=settings.device, dtype=dtype)
    return copied.to(memory_format=layout)


def _inputs(subject: Subject, settings: Settings) -> tuple[tuple[Any, ...], dict[str, Any]]:
    def fitted(tensor: torch.Tensor) -> torch.Tensor:
        tensor = with_values(tensor)
        if settings.batch is not None:
            tensor = of_batch(tensor, settings.batch)
        if tensor.is_floating_point():
            tensor = tensor.to(_DTYPES[settings.dtype])
        if tensor.dim() == _IMAGES:
            tensor = tensor.contiguous(memory_format=_LAYOUTS[settings.layout])
        return tensor.to(settings.device)

    args, kwargs = tree_map_only(torch.Tensor, fitted, (subject.args, dict(subject.kwargs)))
    return args, kwargs


def of_batch(inputs: Any, batch: int) -> Any:
    """Inputs with `batch` rows: the first ones, repeated where there are too few."""

    def batched(tensor: torch.Tensor) -> torch.Tensor:
        return tensor[[row % len(tensor) for row in range(batch)]] if tensor.dim() else tensor

    return tree_map_only(torch.Tensor, batched, inputs)


def _tensors(model: torch.nn.Module) -> Iterator[torch.Tensor]:
    return chain(model.parameters(), model.buffers())


def described(settings: Settings, leaves: Sequence[torch.Tensor]) -> tuple[tuple[str, str], ...]:
    """The settings as pairs of text, with the batch size of the inputs."""
    ranked = [leaf for leaf in leaves if leaf.dim()]
    batch = settings.batch or (len(ranked[0]) if ranked else 1)
    settled = replace(settings, batch=batch)
    names = ("batch", "dtype", "layout")
    return tuple((name, str(getattr(settled, name))) for name in names)
