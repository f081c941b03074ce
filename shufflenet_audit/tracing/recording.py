"""One run of a model, written down."""

from __future__ import annotations

import inspect
import sys
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils._pytree import tree_flatten, tree_unflatten

from shufflenet_audit.costs.custom import CustomCost
from shufflenet_audit.network.call import Call
from shufflenet_audit.network.graph import Input
from shufflenet_audit.network.op import Source
from shufflenet_audit.tracing.composites.fused_ops import FusedOps
from shufflenet_audit.tracing.custom_modules import Watch, merged
from shufflenet_audit.tracing.meta.kernels import on_meta
from shufflenet_audit.tracing.meta.layout import described, layout_of
from shufflenet_audit.tracing.recorder import Recorder
from shufflenet_audit.tracing.source_lines import Places

_CONTAINERS = (dict, OrderedDict, defaultdict, list, set)
_EMPTY = torch.ops.aten.empty.memory_format


@dataclass(frozen=True, slots=True)
class Recording:
    """
    What ran: `graph` can run again, `calls` can be costed.

    `get_attr` nodes of the graph name a parameter or buffer of the model, or one of `constants`.
    """

    graph: torch.fx.Graph
    calls: tuple[Call, ...]
    inputs: tuple[Input, ...]
    outputs: tuple[str, ...]
    constants: Mapping[str, torch.Tensor]


def record(  # noqa: PLR0913  (a run is all of these)
    model: torch.nn.Module,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    *,
    meta: bool,
    costs: Iterable[CustomCost] = (),
    lines: Mapping[str, Source] = {},
) -> Recording:
    """
    Run a model once, in evaluation mode, and write down what it does; it stays as it was.

    A module of a class that one of the `costs` is for is one call in it. `lines` are those that
    built the modules, by their paths.
    """
    recorder = Recorder(Places(model, lines), meta=meta, end=running.__code__)
    watch = Watch(recorder.memory, recorder.calls)
    with _plainly(), _unchanged(model, recorder):
        torch.manual_seed(0)
        model.eval()
        inputs, leaves, spec = _inputs(model, recorder, (tuple(args), dict(kwargs)), meta=meta)
        for name, parameter in model.named_parameters():
            recorder.memory.hold(parameter, name, parameter=True)
        for name, buffer in model.named_buffers():
            recorder.memory.hold(buffer, name)
        with watch.on(model, costs):
            result = running(model, recorder, tree_unflatten(leaves, spec))
    outputs = [recorder.memory.value(tensor) for tensor in _tensors(result)]
    recorder.graph.output(tuple(recorder.memory.node(value) for value in outputs))
    calls, renamed = merged(recorder.calls, watch.spans)
    calls = _without_empties(recorder, calls)
    made = (recorder.memory.spec(value).origin for value in outputs)
    names = dict.fromkeys(renamed.get(name, name) for name in made)
    constants = recorder.memory.constants
    return Recording(recorder.graph, calls, inputs, tuple(filter(None, names)), constants)


def running(model: torch.nn.Module, recorder: Recorder, inputs: Any) -> Any:
    """What the model returns, while all that it does is written down."""
    args, kwargs = inputs
    with _uncompiled(), FusedOps(), recorder:
        return model(*args, **kwargs)


@contextmanager
def _plainly() -> Iterator[None]:
    """Neither in inference mode nor differentiated, and the user's random numbers untouched."""
    with torch.inference_mode(mode=False), torch.no_grad(), torch.random.fork_rng(devices=()):
        yield


def _uncompiled() -> AbstractContextManager[Any]:
    """What `torch.compile` has wrapped runs as it was written."""
    compiler = "torch._dynamo" in sys.modules  # else nothing is compiled; to import it takes long
    return torch.compiler.set_stance("force_eager") if compiler else nullcontext()


@contextmanager
def _unchanged(model: torch.nn.Module, recorder: Recorder) -> Iterator[None]:
    """Put back, in the end, whatever a run sets on the modules: modes, caches, counters."""
    before = [(held, held.copy()) for module in model.modules() for held in _containers(module)]
    try:
        yield
    finally:
        for held, content in before:
            held.clear()
            (held.extend if isinstance(held, list) else held.update)(content)
        recorder.memory.restore()


def _containers(module: torch.nn.Module) -> Iterator[Any]:
    """What a module keeps its attributes in, and those of them that can grow."""
    attributes = vars(module)
    yield attributes
    yield from (held for held in attributes.values() if type(held) in _CONTAINERS)


def _inputs(
    model: torch.nn.Module, recorder: Recorder, given: Any, *, meta: bool
) -> tuple[tuple[Input, ...], list[Any], Any]:
    """Name the tensors among the inputs, and put them on meta if the run is on meta."""
    leaves, spec = tree_flatten(given)
    names = iter(_names(model, given))
    inputs = []
    for at, leaf in enumerate(leaves):
        name = next(names)
        if isinstance(leaf, torch.Tensor):
            leaves[at] = on_meta(leaf) if meta else leaf
            node = recorder.memory.receive(leaves[at], name)
            inputs.append(Input(node.name, described(layout_of(leaf))[0]))
    return tuple(inputs), leaves, spec


def _names(model: torch.nn.Module, given: Any) -> Iterator[str]:
    """For each leaf of the inputs the name of the argument of `forward` that it is part of."""
    args, kwargs = given
    positional, rest = _parameters(model)
    for at, argument in enumerate(args):
        name = positional[at] if at < len(positional) else rest or f"input_{at}"
        yield from [name] * len(tree_flatten(argument)[0])
    for name, argument in kwargs.items():
        yield from [name] * len(tree_flatten(argument)[0])


def _parameters(model: torch.nn.Module) -> tuple[list[str], str]:
    """What `forward` calls its positional arguments, and the rest of them."""
    try:
        parameters = inspect.signature(model.forward).parameters.values()
    except (TypeError, ValueError):  # a TorchScript module has no signature
        return [], ""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    rest = [each.name for each in parameters if each.kind is inspect.Parameter.VAR_POSITIONAL]
    return [each.name for each in parameters if each.kind in kinds], "".join(rest)


def _tensors(result: Any) -> Iterator[torch.Tensor]:
    """The tensors in whatever a model returns, objects of its own classes included."""
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
    own = vars(result).values() if hasattr(result, "__dict__") else ()
    return [part for part in own if isinstance(part, torch.Tensor | list | tuple | dict)]


def _without_empties(recorder: Recorder, calls: Iterable[Call]) -> tuple[Call, ...]:
    """The calls without allocations that nobody reads, which PyTorch makes beside batch norms."""
    empties = recorder.graph.find_nodes(op="call_function", target=_EMPTY)
    unread = {node.name for node in empties if not node.users}
    for node in empties:
        if node.name in unread:
            recorder.graph.erase_node(node)
    return tuple(call for call in calls if call.name not in unread)
