"""What a recorder knows of each tensor: its node in the graph, and whose memory it shares."""

from __future__ import annotations

import operator
from dataclasses import dataclass, replace

import torch

from shufflenet_audit.call import Spec
from shufflenet_audit.trace.kernels import on_meta
from shufflenet_audit.trace.layout import Layout, described, layout_of

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
        self._held: dict[int, tuple[torch.Tensor, Value]] = {}
        self._writers: dict[object, tuple[int, str]] = {}

    def receive(self, tensor: torch.Tensor, name: str) -> torch.fx.Node:
        """Know an input of the model."""
        node = self._graph.placeholder(name)
        layout = layout_of(tensor)
        spec = Spec(*described(layout), node.name)
        self._held[id(tensor)] = (tensor, Value(node, None, spec, layout, object(), -1))
        return node

    def hold(self, tensor: torch.Tensor, name: str, *, parameter: bool = False) -> None:
        """Know what the model holds. On meta, nothing is computed on a parameter."""
        layout = layout_of(tensor)
        spec = Spec(*described(layout), "", (name,) if parameter else ())
        value = Value(None, None, spec, layout, object(), -1, attribute=name)
        if parameter and self._meta and not tensor.is_meta:
            value.run = on_meta(tensor)
        self._held[id(tensor)] = (tensor, value)

    def value(self, tensor: torch.Tensor) -> Value:
        """What is known of a tensor; one never met before is a constant of the model."""
        value: Value | None = getattr(tensor, _MARK, None)
        if value is not None and value.node is not None and value.node.graph is self._graph:
            return value
        held = self._held.get(id(tensor))
        if held is None:
            name = f"_constant_{len(self.constants)}"
            self.constants[name] = tensor
            self.hold(tensor, name)
            held = self._held[id(tensor)]
        return held[1]

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

    def protect(self, tensor: torch.Tensor) -> None:
        """Have ops write to a stand-in, if the tensor belongs to the model or the user."""
        held = self._held.get(id(tensor))
        if held is not None and held[1].run is None and not tensor.is_meta:
            held[1].run = on_meta(tensor) if self._meta else tensor.clone()

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
