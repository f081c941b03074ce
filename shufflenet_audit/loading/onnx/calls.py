"""The nodes of an ONNX model as the calls that the cost handlers take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import onnx
from onnx import helper

from shufflenet_audit.loading.onnx.file import OnnxFile
from shufflenet_audit.loading.onnx.shapes import (
    RANDOM,
    Shapes,
    has_branches,
)
from shufflenet_audit.loading.onnx.source_lines import place
from shufflenet_audit.network.call import Call, TensorSpec
from shufflenet_audit.network.graph import Input
from shufflenet_audit.network.tensor import Tensor

_INDICES = frozenset({"int64", "bool"})
_SETTINGS: Mapping[str, tuple[int, ...]] = {
    "Resize": (1, 2, 3),
    "Upsample": (1,),
    "Clip": (1, 2),
    "Pad": (1, 2, 3),
    "BatchNormalization": (3, 4),  # running statistics, which PyTorch does not count either
}
"""Positions of the inputs of an op that are settings: read, but not counted as parameters."""


@dataclass(frozen=True, slots=True)
class NodeCalls:
    """What an ONNX model runs for each input."""

    calls: tuple[Call, ...]
    """The calls, in order."""
    outputs: tuple[str, ...]
    """The names of the ops and inputs whose results the model returns."""
    params: int
    """Elements of all parameters."""
    once: int
    """Nodes left out because their result is the same for all inputs."""
    unsized: int
    """Calls whose shapes cannot be known without running the model."""
    origins: Mapping[str, str]
    """The name of the op that makes each tensor, by the tensor's name in the file."""


def calls(file: OnnxFile, inputs: Sequence[Input]) -> NodeCalls:
    """The calls of a model for inputs of these shapes."""
    walk = _Walk(file, inputs)
    running = tuple(call for node in file.graph.node for call in walk.step(node))
    origins = dict.fromkeys(walk.origin(output.name) for output in file.graph.output)
    outputs = tuple(filter(None, origins))
    unsized = sum(not call.op for call in running)
    return NodeCalls(running, outputs, walk.params, walk.once, unsized, walk.origins)


class _Walk:
    """Goes through the nodes in order and keeps the spec of each tensor."""

    def __init__(self, file: OnnxFile, inputs: Sequence[Input]) -> None:
        self._shapes = Shapes(file)
        self._specs: dict[str, TensorSpec] = {}
        self._opset = file.opsets.get("", 1)
        self._inputs = frozenset(tensor.name for tensor in inputs)
        self._taken = set(self._inputs)
        self._settings = _settings(file.graph)
        self.params = 0
        self.once = 0
        for name in (*file.weights, *(small.name for small in file.graph.initializer)):
            self._add_constant(name)
        for given in inputs:
            self._shapes.add(given.name, given.tensor)
            self._specs[given.name] = TensorSpec(given.tensor, given.tensor.elements, given.name)

    def origin(self, name: str) -> str:
        """The name of the op or input that a tensor is from; empty for a constant."""
        return self._specs[name].origin if name in self._specs else ""

    @property
    def origins(self) -> dict[str, str]:
        """The name of the op that makes each tensor, by the tensor's name in the file."""
        ops = self._taken - self._inputs
        return {name: spec.origin for name, spec in self._specs.items() if spec.origin in ops}

    def step(self, node: onnx.NodeProto) -> Iterator[Call]:
        """The call of a node, unless its result is the same for all inputs."""
        self._shapes.infer(node)
        read = (*node.input, *sorted(_captured(node)))
        given = [self._specs.get(name) for name in read]
        outputs = [self._shapes.tensor(name) for name in node.output if name]
        if _is_fixed(node, given, outputs) or self._is_known(node):
            self.once += node.op_type != "Constant"
            self._add_constants(node, given)
            return
        yield self._call(node, given, outputs)

    def _add_constant(self, name: str) -> None:
        """Keep the spec of a tensor whose values are in the file."""
        tensor = self._shapes.tensor(name)
        if tensor is None:
            return
        is_parameter = bool(tensor.shape) and tensor.dtype not in _INDICES
        parameters = (name,) if is_parameter and name not in self._settings else ()
        self.params += tensor.elements if parameters else 0
        self._specs[name] = TensorSpec(tensor, tensor.elements, "", parameters)

    def _is_known(self, node: onnx.NodeProto) -> bool:
        return all(self._shapes.value(name) is not None for name in node.output if name)

    def _add_constants(self, node: onnx.NodeProto, given: Sequence[TensorSpec | None]) -> None:
        """Keep the results of a node that are the same for all inputs, as a transposed weight."""
        read = [spec.parameters for spec in given if spec and not spec.origin]
        parameters = tuple(dict.fromkeys(chain.from_iterable(read)))
        for name in node.output:
            tensor = self._shapes.tensor(name)
            if node.op_type == "Constant":
                self._add_constant(name)
            elif tensor is not None:
                self._specs[name] = TensorSpec(tensor, tensor.elements, "", parameters)

    def _call(
        self,
        node: onnx.NodeProto,
        given: Sequence[TensorSpec | None],
        results: Sequence[Tensor | None],
    ) -> Call:
        name = self._unique(node.name or next(filter(None, node.output), node.op_type))
        target = f"{node.domain if node.domain not in ('', 'ai.onnx') else 'onnx'}.{node.op_type}"
        outputs = [TensorSpec(t or Tensor((), "unknown"), t.elements if t else 0, name)
                   for t in results]  # fmt: skip
        self._specs |= dict(zip(filter(None, node.output), outputs, strict=True))
        sized = None not in results and all(s is None or s.tensor.dtype != "unknown" for s in given)
        return Call(
            name=name,
            target=target,
            op=target if sized and not has_branches(node) else "",
            args=tuple(map(self._argument, (*node.input, *_captured(node)), given)),
            outputs=tuple(outputs),
            kwargs=_attributes(node) | {"opset": self._opset},
            place=place(node),
        )

    def _unique(self, name: str) -> str:
        """The name of a node, with a number if another op has it: nodes may share a name."""
        unique, count = name, 1
        while unique in self._taken:
            count += 1
            unique = f"{name}_{count}"
        self._taken.add(unique)
        return unique

    def _argument(self, name: str, spec: TensorSpec | None) -> Any:
        """The spec of a tensor, or its numbers if they are a known shape, axes or indices."""
        value = self._shapes.value(name)
        if spec is None or spec.origin or value is None or spec.tensor.dtype not in _INDICES:
            return spec
        return tuple(map(int, value.flatten())) if spec.shape else int(value)


def _settings(graph: onnx.GraphProto) -> frozenset[str]:
    """The names of the tensors that are settings of an op, not parameters."""
    return frozenset(
        node.input[position]
        for node in graph.node
        for position in _SETTINGS.get(node.op_type, ())
        if position < len(node.input)
    )


def _is_fixed(
    node: onnx.NodeProto, given: Sequence[TensorSpec | None], results: Sequence[Tensor | None]
) -> bool:
    """Whether a node reads only constants, so that its result is the same for all inputs."""
    constant = all(spec is None or not spec.origin for spec in given)
    pure = node.op_type not in RANDOM and not has_branches(node)
    return constant and None not in results and pure


def _captured(node: onnx.NodeProto) -> tuple[str, ...]:
    """Names of the tensors that the branches of a node read from outside."""
    read: dict[str, None] = {}
    for attribute in node.attribute:
        for graph in (attribute.g, *attribute.graphs):
            names = chain.from_iterable((*inner.input, *_captured(inner)) for inner in graph.node)
            inside = {name for inner in graph.node for name in inner.output}
            inside |= {tensor.name for tensor in (*graph.input, *graph.initializer)}
            read |= dict.fromkeys(name for name in names if name and name not in inside)
    return tuple(read)


def _attributes(node: onnx.NodeProto) -> dict[str, Any]:
    """The attributes that are numbers or text, lists as tuples."""
    plain = (attribute for attribute in node.attribute if attribute.type in _PLAIN)
    values = {attribute.name: helper.get_attribute_value(attribute) for attribute in plain}
    return {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}


_PLAIN = frozenset({
    onnx.AttributeProto.FLOAT, onnx.AttributeProto.INT, onnx.AttributeProto.STRING,
    onnx.AttributeProto.FLOATS, onnx.AttributeProto.INTS,
})  # fmt: skip
