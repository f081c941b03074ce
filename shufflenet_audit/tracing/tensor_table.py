"""What the recorder knows of each tensor: its node in the graph, and whose memory it shares."""

from __future__ import annotations

import builtins
import inspect
import operator
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import torch

from shufflenet_audit.network.call import TensorSpec
from shufflenet_audit.tracing.meta.kernels import meta_like
from shufflenet_audit.tracing.meta.layout import (
    Layout,
    layout_of,
    tensor_and_elements,
)

_MARK = "_shufflenet_audit_record"
"""The attribute of a tensor that holds its record."""


@dataclass(slots=True, eq=False)
class TensorRecord:
    """What is known of a tensor."""

    node: torch.fx.Node | None
    """Its node in the graph; None for a tensor of the model that no op has read yet."""
    index: int | None
    """Its position in the result of the node; None if it is the whole result."""
    spec: TensorSpec
    """What the cost handlers see."""
    layout: Layout
    """Shape, strides and dtype."""
    root: object
    """Stands for the memory that it shares with its views."""
    call_index: int
    """The position of the call that made it; -1 if it was there before the run."""
    stand_in: torch.Tensor | None = None
    """The meta tensor that ops run on in its place; None if they run on the tensor itself."""
    attribute: str = ""
    """Its path in the model, if it is a parameter, buffer or constant."""


class TensorTable:
    """
    The tensors that the recorder has met.

    The results of ops carry their record as an attribute, so that they are freed as in any run.
    Tensors from before the run (inputs, parameters, buffers) are looked up by identity, so that
    they stay as they were.
    """

    def __init__(self, graph: torch.fx.Graph, *, meta: bool) -> None:
        self.constants: dict[str, torch.Tensor] = {}
        self._graph = graph
        self._meta = meta
        self._named: set[str] = set()
        self._existing: dict[int, tuple[torch.Tensor, TensorRecord]] = {}
        self._owners: dict[object, torch.Tensor] = {}
        self._storages: dict[int, TensorRecord] = {}
        self._writers: dict[object, tuple[int, str]] = {}
        self._valueless: set[object] = set()
        self._originals: dict[object, torch.Tensor] = {}

    def add_input(self, tensor: torch.Tensor, name: str) -> torch.fx.Node:
        """Add an input of the model, and return its node."""
        node = self._graph.placeholder(name)
        if inspect.isbuiltin(getattr(builtins, name, None)) and name not in self._named:
            node.name = name  # torch.nn calls it "input", which torch.fx would number
        self._named.add(node.name)
        layout = layout_of(tensor)
        spec = TensorSpec(*tensor_and_elements(layout), node.name)
        self._keep(tensor, TensorRecord(node, None, spec, layout, object(), -1))
        return node

    def add_attribute(self, tensor: torch.Tensor, name: str, *, parameter: bool = False) -> None:
        """Add a parameter or buffer. On meta, no op runs on the values of a parameter."""
        layout = layout_of(tensor)
        spec = TensorSpec(*tensor_and_elements(layout), "", (name,) if parameter else ())
        record = TensorRecord(None, None, spec, layout, object(), -1, attribute=name)
        if parameter and self._meta and not tensor.is_meta:
            record.stand_in = meta_like(tensor)
        self._keep(tensor, record)

    def restore(self) -> None:
        """Undo what was written to inputs, parameters, buffers and constants."""
        with torch.no_grad():
            for root, original in self._originals.items():
                self._owners[root].copy_(original)

    def record(self, tensor: torch.Tensor) -> TensorRecord:
        """What is known of a tensor. One that was never met before is a constant of the model."""
        record: TensorRecord | None = getattr(tensor, _MARK, None)
        if record is not None and record.node is not None and record.node.graph is self._graph:
            return record
        existing = self._existing.get(id(tensor))
        return existing[1] if existing else self._add_constant(tensor)

    def operand(self, tensor: torch.Tensor, record: TensorRecord) -> torch.Tensor:
        """The tensor that ops run on: a meta tensor if the values are not known any more."""
        if record.stand_in is None and record.root in self._valueless and not tensor.is_meta:
            record.stand_in = meta_like(tensor)
        return tensor if record.stand_in is None else record.stand_in

    def node(self, record: TensorRecord) -> torch.fx.Node:
        """The node of the graph that makes a tensor."""
        if record.node is None:
            name = record.attribute.replace(".", "_")
            record.node = self._graph.create_node("get_attr", record.attribute, name=name)
        elif record.index is not None:
            record.node = self._graph.call_function(operator.getitem, (record.node, record.index))
            record.index = None
        return record.node

    def spec(self, record: TensorRecord) -> TensorSpec:
        """The spec of a tensor now: its origin is the op that last wrote to its memory."""
        writer = self._writers.get(record.root) if self._writers else None
        if writer is not None and writer[0] > record.call_index:
            return replace(record.spec, origin=writer[1])
        return record.spec

    def before_write(self, tensor: torch.Tensor, sources: Iterable[Any]) -> None:
        """Note that an op is about to write to a tensor, from these sources."""
        root = self.record(tensor).root
        owner = self._owners.get(root)
        if owner is not None and root not in self._originals and not owner.is_meta:
            self._originals[root] = owner.clone()
        if any(isinstance(source, torch.Tensor) and source.is_meta for source in sources):
            self._valueless.add(root)

    def add_result(self, tensor: torch.Tensor, record: TensorRecord) -> None:
        """Add a tensor that an op has made."""
        setattr(tensor, _MARK, record)

    def after_write(self, tensor: torch.Tensor, record: TensorRecord) -> None:
        """Note that an op has written to a tensor, and so to all tensors that share its memory."""
        self._writers[record.root] = (record.call_index, self.node(record).name)
        if id(tensor) in self._existing:
            self._existing[id(tensor)] = (tensor, record)
        else:
            setattr(tensor, _MARK, record)

    def _keep(self, tensor: torch.Tensor, record: TensorRecord) -> None:
        self._existing[id(tensor)] = (tensor, record)
        self._owners.setdefault(record.root, tensor)
        if record.layout.stride is not None:
            self._storages.setdefault(_storage(tensor), record)

    def _add_constant(self, tensor: torch.Tensor) -> TensorRecord:
        """Add a tensor never met before: a constant, or the `data` of a parameter or buffer."""
        layout = layout_of(tensor)
        name = f"_constant_{len(self.constants)}"
        self.constants[name] = tensor
        base = self._storages.get(_storage(tensor)) if layout.stride is not None else None
        root = base.root if base else object()
        parameters = base.spec.parameters if base else ()
        spec = TensorSpec(
            *tensor_and_elements(layout), base.spec.origin if base else "", parameters
        )
        record = TensorRecord(None, None, spec, layout, root, -1, attribute=name)
        if base and base.stand_in is not None:
            record.stand_in = meta_like(tensor)
        self._keep(tensor, record)
        return record


def _storage(tensor: torch.Tensor) -> int:
    """A number that is the same for two tensors that share memory."""
    return int(tensor.untyped_storage()._cdata)  # noqa: SLF001  (meta tensors have no address)
