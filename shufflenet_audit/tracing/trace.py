"""The run of a model that the audit is made from: on meta if it can be, on real tensors if not."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.modules.lazy import LazyModuleMixin
from torch.utils._pytree import tree_map_only

from shufflenet_audit.costs.aten import HANDLERS
from shufflenet_audit.costs.custom import CustomCost
from shufflenet_audit.costs.ops import ops
from shufflenet_audit.errors import TraceError
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.op import Source
from shufflenet_audit.tracing.failures.model_error import explained, needs_values
from shufflenet_audit.tracing.failures.origin import ours
from shufflenet_audit.tracing.recording import Recording, record
from shufflenet_audit.user_code import unwrapped


@dataclass(frozen=True, slots=True)
class Traced:
    """
    A costed graph, the recording that it was made from, and the model that can run it again.

    `on` says what the run was made on: "meta", or "real" tensors if `reason` forced it.
    """

    graph: CostGraph
    recording: Recording
    model: torch.nn.Module
    on: str = "meta"
    reason: str = ""


def traced(  # noqa: PLR0913  (a run is all of these)
    model: torch.nn.Module,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    *,
    build: Callable[[], torch.nn.Module] | None = None,
    costs: Sequence[CustomCost] = (),
    lines: Mapping[str, Source] = {},
) -> Traced:
    """
    Run a model once and cost what it does.

    `build` makes the model again with real weights, if it was made on meta. `costs` are what some
    ops and modules cost, before what is known of them here. `lines` built the
    modules, by their paths. Raises TraceError, and what is a bug here as it is.
    """
    model = unwrapped(model)
    _check_widths(model)
    try:
        with _uncollected():
            recording = record(model, args, kwargs, meta=True, costs=costs, lines=lines)
            return _costed(model, recording, costs)
    except Exception as error:
        if ours(error):
            raise
        if not needs_values(error):
            raise explained(error, model) from error
        reason = str(error).partition("\n")[0]
    real = _with_values(model, build)
    inputs = tree_map_only(torch.Tensor, _filled, (tuple(args), dict(kwargs)))
    try:
        recording = record(real, *inputs, meta=False, costs=costs, lines=lines)
    except Exception as error:
        if ours(error):
            raise
        raise explained(error, real) from error
    return _costed(real, recording, costs, reason)


def _check_widths(model: torch.nn.Module) -> None:
    """Raise TraceError for a lazy layer that has not run: a trace must not settle its width."""
    for path, module in model.named_modules():
        if isinstance(module, LazyModuleMixin) and module.has_uninitialized_params():  # type: ignore[misc]  # it asks for a protocol that it does not export
            message = (
                f"{path or 'the model'} ({type(module).__name__}) takes its width from the first"
                " input that it gets: run the model once where it is built"
            )
            raise TraceError(message)


def _costed(
    model: torch.nn.Module,
    recording: Recording,
    costs: Sequence[CustomCost],
    reason: str = "",
) -> Traced:
    handlers = {**HANDLERS, **{each.op: each.handler for each in costs}}
    graph = CostGraph.of(
        tuple(ops(recording.calls, handlers)),
        recording.inputs,
        recording.outputs,
        sum(parameter.numel() for parameter in model.parameters()),
    )
    return Traced(graph, recording, model, "real" if reason else "meta", reason)


@contextmanager
def _uncollected() -> Iterator[None]:
    """
    No search for garbage while a graph grows.

    All of it is alive: to look through it again and again takes more than linear time.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _with_values(
    model: torch.nn.Module, build: Callable[[], torch.nn.Module] | None
) -> torch.nn.Module:
    if not any(tensor.is_meta for tensor in (*model.parameters(), *model.buffers())):
        return model
    if build is None:
        message = "the model needs the values of its tensors: build it on the CPU, not on meta"
        raise TraceError(message)
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(0)
        return unwrapped(build())


def _filled(tensor: torch.Tensor) -> torch.Tensor:
    """A tensor with values: small random numbers, or zeros where they count or index."""
    if not tensor.is_meta:
        return tensor
    if not tensor.dtype.is_floating_point:
        return torch.zeros(tensor.shape, dtype=tensor.dtype)
    noise = torch.rand(tensor.shape, generator=torch.Generator().manual_seed(0))
    return noise.to(tensor.dtype)
