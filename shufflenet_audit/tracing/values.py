"""What a recorder knows of each tensor: its node in the graph, and whose memory it shares."""

from __future__ import annotations

import builtins
import inspect
import operator
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import torch

from shufflenet_audit.network.call import Spec
from shufflenet_audit.tracing.meta.kernels import on_meta
from shufflenet_audit.tracing.meta.layout import (
    Layout,
    described,
    layout_of,
)

_MARK = "_shufflenet_audit_value"


@dataclass(slots=True, eq=False)
class Value:
    """
    What is known of a tensor.

    It is result number `index` of its node (None: the whole result); what the model holds gets
    its node when an op first reads it. `root` stands for the memory that it shares with its
    views, `at` is the number of the call that made it, and `run` is what ops run on in its place
    (None: the tensor itself).
    """

    node: torch.fx.Node | None
    index: int | None
    spec: Spec
    layout: Layout
    root: object
    at: int
    run: torch.Tensor | None = None
    attribute: str = ""


class Memory:
    """
    The tensors that a recorder has met.

    What ops make carries its value with it, so it can be freed as in any run. What was there
    before (inputs, parameters, buffers) is looked up, and stays as it was.
    """

    def __init__(self, graph: torch.fx.Graph, *, meta: bool) -> None:
        self.constants: dict[str, torch.Tensor] = {}
        self._graph = graph
        self._meta = meta
        self._named: set[str] = set()
        self._held: dict[int, tuple[torch.Tensor, Value]] = {}
        self._owners: dict[object, torch.Tensor] = {}
        self._storages: dict[int, Value] = {}
        self._writers: dict[object, tuple[int, str]] = {}
        self._sketched: set[object] = set()
        self._before: dict[object, torch.Tensor] = {}

    def receive(self, tensor: torch.Tensor, name: str) -> torch.fx.Node:
        """Know an input of the model."""
        node = self._graph.placeholder(name)
        if inspect.isbuiltin(getattr(builtins, name, None)) and name not in self._named:
            node.name = name  # "input" is the name that torch.nn gives it; torch.fx would number it
        self._named.add(node.name)
        layout = layout_of(tensor)
        spec = Spec(*described(layout), node.name)
        self._keep(tensor, Value(node, None, spec, layout, object(), -1))
        return node

    def hold(self, tensor: torch.Tensor, name: str, *, parameter: bool = False) -> None:
        """Know what the model holds. On meta, nothing is computed on a parameter."""
        layout = layout_of(tensor)
        spec = Spec(*described(layout), "", (name,) if parameter else ())
        value = Value(None, None, spec, layout, object(), -1, attribute=name)
        if parameter and self._meta and not tensor.is_meta:
            value.run = on_meta(tensor)
        self._keep(tensor, value)

    def restore(self) -> None:
        """Undo what was written to inputs, parameters, buffers and constants."""
        with torch.no_grad():
            for root, before in self._before.items():
                self._owners[root].copy_(before)

    def value(self, tensor: torch.Tensor) -> Value:
        """What is known of a tensor; one never met before is a constant of the model."""
        value: Value | None = getattr(tensor, _MARK, None)
        if value is not None and value.node is not None and value.node.graph is self._graph:
            return value
        held = self._held.get(id(tensor))
        return held[1] if held else self._constant(tensor)

    def run(self, tensor: torch.Tensor, value: Value) -> torch.Tensor:
        """What ops run on in place of a tensor: its like on meta if it has no values any more."""
        if value.run is None and value.root in self._sketched and not tensor.is_meta:
            value.run = on_meta(tensor)
        return tensor if value.run is None else value.run

    def node(self, value: Value) -> torch.fx.Node:
        """The node of the graph that stands for a value."""
        if value.node is None:
            name = value.attribute.replace(".", "_")
            value.node = self._graph.create_node("get_attr", value.attribute, name=name)
        elif value.index is not None:
            value.node = self._graph.call_function(operator.getitem, (value.node, value.index))
            value.index = None
        return value.node

    def spec(self, value: Value) -> Spec:
        """The tensor as an op sees it now: made by whoever wrote last to its memory."""
        writer = self._writers.get(value.root) if self._writers else None
        if writer is not None and writer[0] > value.at:
            return replace(value.spec, origin=writer[1])
        return value.spec

    def written(self, tensor: torch.Tensor, sources: Iterable[Any]) -> None:
        """Know that an op is about to write to a tensor, and from what."""
        root = self.value(tensor).root
        owner = self._owners.get(root)
        if owner is not None and root not in self._before and not owner.is_meta:
            self._before[root] = owner.clone()
        if any(isinstance(source, torch.Tensor) and source.is_meta for source in sources):
            self._sketched.add(root)

    def made(self, tensor: torch.Tensor, value: Value) -> None:
        """Know what an op has just made."""
        setattr(tensor, _MARK, value)

    def rewritten(self, tensor: torch.Tensor, value: Value) -> None:
        """Know that an op has written to a tensor, and to all that shares its memory."""
        self._writers[value.root] = (value.at, self.node(value).name)
        if id(tensor) in self._held:
            self._held[id(tensor)] = (tensor, value)
        else:
            setattr(tensor, _MARK, value)

    def _keep(self, tensor: torch.Tensor, value: Value) -> None:
        self._held[id(tensor)] = (tensor, value)
        self._owners.setdefault(value.root, tensor)
        if value.layout.stride is not None:
            self._storages.setdefault(_storage(tensor), value)

    def _constant(self, tensor: torch.Tensor) -> Value:
        """A tensor never met before: `data` of what the model holds, or a constant of it."""
        layout = layout_of(tensor)
        name = f"_constant_{len(self.constants)}"
        self.constants[name] = tensor
        known = self._storages.get(_storage(tensor)) if layout.stride is not None else None
        root = known.root if known else object()
        parameters = known.spec.parameters if known else ()
        spec = Spec(*described(layout), known.spec.origin if known else "", parameters)
        value = Value(None, None, spec, layout, root, -1, attribute=name)
        if known and known.run is not None:
            value.run = on_meta(tensor)
        self._keep(tensor, value)
        return value


def _storage(tensor: torch.Tensor) -> int:
    """What is the same for two tensors that share memory."""
    return int(tensor.untyped_storage()._cdata)  # noqa: SLF001  (meta tensors have no address)
