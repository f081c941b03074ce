"""The nodes of an ONNX model as calls of ops, as the cost handlers take them."""

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
from shufflenet_audit.network.call import Call, Spec
from shufflenet_audit.network.graph import Input
from shufflenet_audit.network.tensor import Tensor

_INDICES = frozenset({"int64", "bool"})
_SETTINGS: Mapping[str, tuple[int, ...]] = {
    "Resize": (1, 2, 3),
    "Upsample": (1,),
    "Clip": (1, 2),
    "Pad": (1, 2, 3),
    "BatchNormalization": (3, 4),  # running statistics: read, but no parameters, as in PyTorch
}
"""Inputs, by position, that are no parameters though they have numbers in them."""


@dataclass(frozen=True, slots=True)
class Calls:
    """
    What runs, what leaves, how many parameters, and how many nodes need to run only once.

    `origins` has the op of each tensor that one makes, by the name that the file gives it.
    """

    calls: tuple[Call, ...]
    outputs: tuple[str, ...]
    params: int
    once: int
    unsized: int
    origins: Mapping[str, str]


def calls(file: OnnxFile, inputs: Sequence[Input]) -> Calls:
    """The calls of a model that is given tensors of these shapes."""
    walk = _Walk(file, inputs)
    made = tuple(call for node in file.graph.node for call in walk.step(node))
    outputs = dict.fromkeys(walk.origin(each.name) for each in file.graph.output)
    unsized = sum(not call.op for call in made)
    leaving = tuple(filter(None, outputs))
    return Calls(made, leaving, walk.params, walk.once, unsized, walk.origins)


class _Walk:
    """Goes through the nodes and knows for each tensor who made it, and what it is."""

    def __init__(self, file: OnnxFile, inputs: Sequence[Input]) -> None:
        self._shapes = Shapes(file)
        self._specs: dict[str, Spec] = {}
        self._opset = file.opsets.get("", 1)
        self._given = frozenset(each.name for each in inputs)
        self._taken = set(self._given)
        self._no_parameters = _settings(file.graph)
        self.params = 0
        self.once = 0
        for name in (*file.weights, *(small.name for small in file.graph.initializer)):
            self._hold(name)
        for given in inputs:
            self._shapes.know(given.name, given.tensor)
            self._specs[given.name] = Spec(given.tensor, given.tensor.elements, given.name)

    def origin(self, name: str) -> str:
        """The op or input that made a tensor."""
        return self._specs[name].origin if name in self._specs else ""

    @property
    def origins(self) -> dict[str, str]:
        """The op of each tensor that one makes."""
        made = self._taken - self._given
        return {name: s.origin for name, s in self._specs.items() if s.origin in made}

    def step(self, node: onnx.NodeProto) -> Iterator[Call]:
        """The call of a node, unless what it makes is the same for all inputs."""
        self._shapes.follow(node)
        read = (*node.input, *sorted(_captured(node)))
        given = [self._specs.get(name) for name in read]
        outputs = [self._shapes.tensor(name) for name in node.output if name]
        if _is_fixed(node, given, outputs) or self._is_known(node):
            self.once += node.op_type != "Constant"
            self._fix(node, given)
            return
        yield self._call(node, given, outputs)

    def _hold(self, name: str) -> None:
        tensor = self._shapes.tensor(name)
        if tensor is None:
            return
        is_parameter = bool(tensor.shape) and tensor.dtype not in _INDICES
        named = (name,) if is_parameter and name not in self._no_parameters else ()
        self.params += tensor.elements if named else 0
        self._specs[name] = Spec(tensor, tensor.elements, "", named)

    def _is_known(self, node: onnx.NodeProto) -> bool:
        return all(self._shapes.value(name) is not None for name in node.output if name)

    def _fix(self, node: onnx.NodeProto, given: Sequence[Spec | None]) -> None:
        """Hold what a node makes: a constant, a shape, a weight made ready."""
        held = [spec.parameters for spec in given if spec and not spec.origin]
        named = tuple(dict.fromkeys(chain.from_iterable(held)))
        for name in node.output:
            tensor = self._shapes.tensor(name)
            if node.op_type == "Constant":
                self._hold(name)
            elif tensor is not None:
                self._specs[name] = Spec(tensor, tensor.elements, "", named)

    def _call(
        self, node: onnx.NodeProto, given: Sequence[Spec | None], made: Sequence[Tensor | None]
    ) -> Call:
        name = self._unique(node.name or next(filter(None, node.output), node.op_type))
        target = f"{node.domain if node.domain not in ('', 'ai.onnx') else 'onnx'}.{node.op_type}"
        outputs = [Spec(each or Tensor((), "unknown"), each.elements if each else 0, name)
                   for each in made]  # fmt: skip
        self._specs |= dict(zip(filter(None, node.output), outputs, strict=True))
        sized = None not in made and all(s is None or s.tensor.dtype != "unknown" for s in given)
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
        """The name of a node; nodes may have the same, ops may not."""
        found, count = name, 1
        while found in self._taken:
            count += 1
            found = f"{name}_{count}"
        self._taken.add(found)
        return found

    def _argument(self, name: str, spec: Spec | None) -> Any:
        """A tensor, or the numbers themselves where they are a shape, axes, indices."""
        value = self._shapes.value(name)
        if spec is None or spec.origin or value is None or spec.tensor.dtype not in _INDICES:
            return spec
        return tuple(map(int, value.flatten())) if spec.shape else int(value)


def _settings(graph: onnx.GraphProto) -> frozenset[str]:
    return frozenset(
        node.input[at]
        for node in graph.node
        for at in _SETTINGS.get(node.op_type, ())
        if at < len(node.input)
    )


def _is_fixed(
    node: onnx.NodeProto, given: Sequence[Spec | None], made: Sequence[Tensor | None]
) -> bool:
    """Whether a node reads nothing but what the model holds."""
    held = all(spec is None or not spec.origin for spec in given)
    return held and None not in made and node.op_type not in RANDOM and not has_branches(node)


def _captured(node: onnx.NodeProto) -> tuple[str, ...]:
    """Names of the tensors that the branches of a node read, and do not make."""
    read: dict[str, None] = {}
    for attribute in node.attribute:
        for graph in (attribute.g, *attribute.graphs):
            inner = chain.from_iterable((*each.input, *_captured(each)) for each in graph.node)
            made = {name for each in graph.node for name in each.output}
            made |= {each.name for each in (*graph.input, *graph.initializer)}
            read |= dict.fromkeys(name for name in inner if name and name not in made)
    return tuple(read)


def _attributes(node: onnx.NodeProto) -> dict[str, Any]:
    """The attributes that are numbers or text, lists as tuples."""
    found = {}
    for each in node.attribute:
        if each.type in _PLAIN:
            value = helper.get_attribute_value(each)
            found[each.name] = tuple(value) if isinstance(value, list) else value
            if hasattr(value, "DESCRIPTOR"):
                continue
    return found


_PLAIN = frozenset({
    onnx.AttributeProto.FLOAT, onnx.AttributeProto.INT, onnx.AttributeProto.STRING,
    onnx.AttributeProto.FLOATS, onnx.AttributeProto.INTS,
})  # fmt: skip
