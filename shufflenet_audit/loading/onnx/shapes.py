"""What is known of each tensor of an ONNX model, node by node: its shape, and small values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from onnx import defs, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from onnx.shape_inference import InferenceError, infer_node_outputs

from shufflenet_audit.loading.onnx.dtypes import dtype, number
from shufflenet_audit.loading.onnx.file import (
    SMALL,
    OnnxFile,
    values,
)
from shufflenet_audit.network.tensor import Tensor

RANDOM = frozenset(
    {
        "Bernoulli",
        "Multinomial",
        "RandomNormal",
        "RandomNormalLike",
        "RandomUniform",
        "RandomUniformLike",
    }
)
"""Ops that make something else each time."""


class Shapes:
    """
    Shapes and small values, handed on from node to node.

    The whole-graph inference of onnx gives up where a shape is computed by ops that it does not
    follow. Here each node is inferred with the values that its inputs are known to have.
    """

    def __init__(self, file: OnnxFile) -> None:
        self._opsets = file.opsets
        self._imports = [helper.make_opsetid(*each) for each in file.opsets.items()]
        declared = (*file.graph.value_info, *file.graph.output)
        self._declared = {each.name: each.type for each in declared}
        self._types: dict[str, onnx.TypeProto] = {}
        self._values: dict[str, Any] = {}
        for name, tensor in file.weights.items():
            self.know(name, tensor)
        for small in file.graph.initializer:
            self.know(small.name, Tensor(tuple(small.dims), dtype(small.data_type)), values(small))

    def know(self, name: str, tensor: Tensor, value: Any = None) -> None:
        """Know the shape of a tensor, and its values if they are given."""
        kind = number(tensor.dtype)
        self._types[name] = helper.make_tensor_type_proto(kind, tensor.shape)
        if value is not None:
            self._values[name] = value

    def tensor(self, name: str) -> Tensor | None:
        """The tensor of that name, if its whole shape is known."""
        kind = self._types.get(name) or self._declared.get(name)
        if kind is None or not kind.HasField("tensor_type") or not kind.tensor_type.elem_type:
            return None
        shape = kind.tensor_type.shape.dim
        sized = all(dim.HasField("dim_value") for dim in shape)
        if not (sized and kind.tensor_type.HasField("shape")):
            return None
        return Tensor(tuple(dim.dim_value for dim in shape), dtype(kind.tensor_type.elem_type))

    def value(self, name: str) -> Any:
        """The values of the tensor of that name, or None if they are not known."""
        return self._values.get(name)

    def follow(self, node: onnx.NodeProto) -> None:
        """Learn what a node makes of what is known."""
        names = [name for name in node.input if name]
        types = {name: self._types[name] for name in names if name in self._types}
        schema = self._schema(node)
        if schema is None or len(types) < len(set(names)):
            return
        known = {name: self._values[name] for name in names if name in self._values}
        data = {name: numpy_helper.from_array(np.asarray(value), name)
                for name, value in known.items()}  # fmt: skip
        try:
            made = infer_node_outputs(schema, node, types, data, opset_imports=self._imports)
        except (InferenceError, RuntimeError, ValueError):
            return
        self._types |= made
        if node.op_type in _OF_SHAPES:
            known = {name: self._outline(name) for name in names}
        if len(known) == len(set(names)) and self._is_small(node):
            self._values |= self._computed(node, known)

    def _schema(self, node: onnx.NodeProto) -> defs.OpSchema | None:
        domain = node.domain if node.domain != "ai.onnx" else ""
        try:
            return defs.get_schema(node.op_type, self._opsets.get(domain, 1), domain)
        except defs.SchemaError:
            return None

    def _outline(self, name: str) -> Any:
        """An array of the shape of a tensor, which needs no memory."""
        tensor = self.tensor(name)
        return None if tensor is None else np.broadcast_to(np.float32(0), tensor.shape)

    def _is_small(self, node: onnx.NodeProto) -> bool:
        if node.op_type in RANDOM or has_branches(node):
            return False
        made = [self.tensor(name) for name in node.output if name]
        return all(tensor is not None and tensor.elements <= SMALL for tensor in made)

    def _computed(self, node: onnx.NodeProto, known: Mapping[str, Any]) -> dict[str, Any]:
        """What a node makes of small values. Only ops of onnx itself get here: they are pure."""
        if any(value is None for value in known.values()):
            return {}
        given = [helper.make_value_info(name, self._types[name]) for name in known]
        made = [helper.make_value_info(name, self._types[name]) for name in node.output if name]
        graph = helper.make_graph([node], node.op_type, given, made)
        model = helper.make_model(graph, opset_imports=self._imports)
        try:
            results = ReferenceEvaluator(model).run(None, dict(known))
        except Exception:  # noqa: BLE001  (a value that stays unknown is no harm; numpy raises anything)
            return {}
        return {each.name: value for each, value in zip(made, results, strict=True)
                if isinstance(value, np.ndarray | np.generic)}  # fmt: skip


_OF_SHAPES = frozenset({"Shape", "Size"})


def has_branches(node: onnx.NodeProto) -> bool:
    """Whether a node runs graphs of its own: a condition, a loop, a scan."""
    return any(each.type in _GRAPHS for each in node.attribute)


_GRAPHS = frozenset({onnx.AttributeProto.GRAPH, onnx.AttributeProto.GRAPHS})
