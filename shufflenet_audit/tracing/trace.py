"""Traces a model: on meta tensors if possible, else on real ones."""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.modules.lazy import LazyModuleMixin
from torch.utils._pytree import tree_map_only

from shufflenet_audit.errors import TraceError
from shufflenet_audit.network.calls import Calls
from shufflenet_audit.network.op import Source
from shufflenet_audit.tracing.failures.engine_bug import is_engine_bug
from shufflenet_audit.tracing.failures.model_error import model_error, needs_values
from shufflenet_audit.tracing.recording import Recording, record
from shufflenet_audit.user_code import unwrapped


@dataclass(frozen=True, slots=True)
class Traced:
    """One run of a model, and the model that can run it again."""

    recording: Recording
    """The calls and the executable graph."""
    model: torch.nn.Module
    """The module that ran, without what `torch.compile` wraps around it."""
    on: str = "meta"
    """The kind of tensors that it ran on: `meta` or `real`."""
    reason: str = ""
    """Why it could not run on meta; empty if it did."""

    @property
    def calls(self) -> Calls:
        """What can be costed."""
        return self.recording.calls


def traced(  # noqa: PLR0913  (a run is all of these)
    model: torch.nn.Module,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    *,
    build: Callable[[], torch.nn.Module] | None = None,
    custom_modules: Collection[str] = (),
    lines: Mapping[str, Source] = {},
) -> Traced:
    """
    Run a model once and record what it does.

    `build` builds the model again with real weights, if it was built on meta. A module of a class
    in `custom_modules` is one call. `lines` are the lines that built the modules, by the paths of
    these. Raises TraceError; a bug in the engine keeps its own exception.
    """
    model = unwrapped(model)
    _check_widths(model)
    try:
        with _without_garbage_collection():
            recording = record(
                model, args, kwargs, meta=True, custom_modules=custom_modules, lines=lines
            )
            return Traced(recording, model)
    except Exception as error:
        if is_engine_bug(error):
            raise
        if not needs_values(error):
            raise model_error(error, model) from error
        reason = str(error).partition("\n")[0]
    real = _with_weights(model, build)
    inputs = tree_map_only(torch.Tensor, with_values, (tuple(args), dict(kwargs)))
    try:
        recording = record(real, *inputs, meta=False, custom_modules=custom_modules, lines=lines)
    except Exception as error:
        if is_engine_bug(error):
            raise
        raise model_error(error, real) from error
    return Traced(recording, real, "real", reason)


def _check_widths(model: torch.nn.Module) -> None:
    """Raise TraceError for a lazy layer that has not run: a trace must not fix its width."""
    for path, module in model.named_modules():
        if isinstance(module, LazyModuleMixin) and module.has_uninitialized_params():  # type: ignore[misc]  # its annotation is a protocol that it does not export
            message = (
                f"{path or 'the model'} ({type(module).__name__}) takes its width from the first"
                " input that it gets: run the model once where it is built"
            )
            raise TraceError(message)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """
    Turn garbage collection off while a graph grows.

    All of the graph is alive, and searching it again and again takes more than linear time.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _with_weights(
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


def with_values(tensor: torch.Tensor) -> torch.Tensor:
    """A tensor with values: random numbers from 0 to 1, or zeros if the dtype is not floating."""
    if not tensor.is_meta:
        return tensor
    if not tensor.dtype.is_floating_point:
        return torch.zeros(tensor.shape, dtype=tensor.dtype)
    noise = torch.rand(tensor.shape, generator=torch.Generator().manual_seed(0))
    return noise.to(tensor.dtype)
