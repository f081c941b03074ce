"""Records one run of a model."""

from __future__ import annotations

import inspect
import sys
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils._pytree import tree_flatten, tree_unflatten

from shufflenet_audit.network.call import Call
from shufflenet_audit.network.calls import Calls
from shufflenet_audit.network.graph import Input
from shufflenet_audit.network.op import Source
from shufflenet_audit.tracing.composites.fused_ops import FusedOps
from shufflenet_audit.tracing.custom_modules import ModuleWatch, merged
from shufflenet_audit.tracing.meta.kernels import meta_like
from shufflenet_audit.tracing.meta.layout import layout_of, tensor_and_elements
from shufflenet_audit.tracing.recorder import Recorder
from shufflenet_audit.tracing.source_lines import PlaceFinder

_CONTAINERS = (dict, OrderedDict, defaultdict, list, set)
_EMPTY = torch.ops.aten.empty.memory_format


@dataclass(frozen=True, slots=True)
class Recording:
    """What a model ran, in two forms: a graph that can run again, and calls that can be costed."""

    graph: torch.fx.Graph
    """The ops. Its `get_attr` nodes name parameters and buffers of the model, or `constants`."""
    calls: Calls
    """The ops as the cost handlers take them; a module with a custom cost is one call."""
    constants: Mapping[str, torch.Tensor]
    """Tensors that are neither inputs nor parameters nor buffers, by their names in the graph."""


def record(  # noqa: PLR0913  (a run is all of these)
    model: torch.nn.Module,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    *,
    meta: bool,
    custom_modules: Collection[str] = (),
    lines: Mapping[str, Source] = {},
) -> Recording:
    """
    Run a model once, in evaluation mode, and record its ops. The model stays as it was.

    A module whose class has one of the names in `custom_modules` (see `class_op`) is recorded as
    one call. `lines` are the lines that built the modules, by the paths of these.
    """
    recorder = Recorder(PlaceFinder(model, lines), meta=meta, end=run_recorded.__code__)
    watch = ModuleWatch(recorder.tensors, recorder.calls)
    with _inference_settings(), _restored(model, recorder):
        torch.manual_seed(0)
        model.eval()
        inputs, leaves, spec = _inputs(model, recorder, (tuple(args), dict(kwargs)), meta=meta)
        for name, parameter in model.named_parameters():
            recorder.tensors.add_attribute(parameter, name, parameter=True)
        for name, buffer in model.named_buffers():
            recorder.tensors.add_attribute(buffer, name)
        with watch.on(model, custom_modules):
            result = run_recorded(model, recorder, tree_unflatten(leaves, spec))
    outputs = [recorder.tensors.record(tensor) for tensor in _tensors(result)]
    recorder.graph.output(tuple(recorder.tensors.node(output) for output in outputs))
    ops, renamed = merged(recorder.calls, watch.runs)
    ops = _without_unused_empties(recorder, ops)
    origins = (recorder.tensors.spec(output).origin for output in outputs)
    names = dict.fromkeys(renamed.get(name, name) for name in origins)
    params = sum(parameter.numel() for parameter in model.parameters())
    calls = Calls(ops, inputs, tuple(filter(None, names)), params)
    return Recording(recorder.graph, calls, recorder.tensors.constants)


def run_recorded(model: torch.nn.Module, recorder: Recorder, inputs: Any) -> Any:
    """Run the model under the recorder, and return its result."""
    args, kwargs = inputs
    with _uncompiled(), FusedOps(), recorder:
        return model(*args, **kwargs)


@contextmanager
def _inference_settings() -> Iterator[None]:
    """No inference mode, no gradients, and the user's random number generator left as it is."""
    with torch.inference_mode(mode=False), torch.no_grad(), torch.random.fork_rng(devices=()):
        yield


def _uncompiled() -> AbstractContextManager[Any]:
    """Compiled code runs as it was written."""
    may_be_compiled = "torch._dynamo" in sys.modules  # importing it takes long
    return torch.compiler.set_stance("force_eager") if may_be_compiled else nullcontext()


@contextmanager
def _restored(model: torch.nn.Module, recorder: Recorder) -> Iterator[None]:
    """Restore at the end what a run changes in the modules: modes, caches, counters."""
    before = [(c, c.copy()) for module in model.modules() for c in _containers(module)]
    try:
        yield
    finally:
        for container, content in before:
            container.clear()
            (container.extend if isinstance(container, list) else container.update)(content)
        recorder.tensors.restore()


def _containers(module: torch.nn.Module) -> Iterator[Any]:
    """The dict of a module's attributes, and the attributes that are containers."""
    attributes = vars(module)
    yield attributes
    yield from (value for value in attributes.values() if type(value) in _CONTAINERS)


def _inputs(
    model: torch.nn.Module, recorder: Recorder, given: Any, *, meta: bool
) -> tuple[tuple[Input, ...], list[Any], Any]:
    """Name the tensors among the inputs, and put them on meta if the run is on meta."""
    leaves, spec = tree_flatten(given)
    names = iter(_names(model, given))
    inputs = []
    for index, leaf in enumerate(leaves):
        name = next(names)
        if isinstance(leaf, torch.Tensor):
            leaves[index] = meta_like(leaf) if meta else leaf
            node = recorder.tensors.add_input(leaves[index], name)
            inputs.append(Input(node.name, tensor_and_elements(layout_of(leaf))[0]))
    return tuple(inputs), leaves, spec


def _names(model: torch.nn.Module, given: Any) -> Iterator[str]:
    """For each leaf of the inputs, the argument of `forward` that it is part of."""
    args, kwargs = given
    positional, variadic = _parameters(model)
    for index, argument in enumerate(args):
        name = positional[index] if index < len(positional) else variadic or f"input_{index}"
        yield from [name] * len(tree_flatten(argument)[0])
    for name, argument in kwargs.items():
        yield from [name] * len(tree_flatten(argument)[0])


def _parameters(model: torch.nn.Module) -> tuple[list[str], str]:
    """The names of the positional arguments of `forward`, and of its `*args` if it has them."""
    try:
        parameters = inspect.signature(model.forward).parameters.values()
    except (TypeError, ValueError):  # a TorchScript module has no signature
        return [], ""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    variadic = [p.name for p in parameters if p.kind is inspect.Parameter.VAR_POSITIONAL]
    return [p.name for p in parameters if p.kind in kinds], "".join(variadic)


def _tensors(result: Any) -> Iterator[torch.Tensor]:
    """The tensors in the result of a model, including those in objects of its own classes."""
    if isinstance(result, torch.Tensor):
        yield result
        return
    for part in _parts(result):
        yield from _tensors(part)


def _parts(result: Any) -> Iterable[Any]:
    if isinstance(result, Mapping):
        return result.values()
    if isinstance(result, list | tuple | set):
        return result
    attributes = vars(result).values() if hasattr(result, "__dict__") else ()
    return [part for part in attributes if isinstance(part, torch.Tensor | list | tuple | dict)]


def _without_unused_empties(recorder: Recorder, calls: Iterable[Call]) -> tuple[Call, ...]:
    """The calls without allocations that no op reads, which PyTorch makes for batch norms."""
    empties = recorder.graph.find_nodes(op="call_function", target=_EMPTY)
    unused = {node.name for node in empties if not node.users}
    for node in empties:
        if node.name in unused:
            recorder.graph.erase_node(node)
    return tuple(call for call in calls if call.name not in unused)
