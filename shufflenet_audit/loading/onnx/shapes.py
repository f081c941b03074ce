"""Infers the shape of each tensor of an ONNX model, and small values, node by node."""

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
"""Ops whose result differs from run to run."""


class Shapes:
    """
    Shapes and small values of the tensors so far, inferred one node at a time.

    The inference of onnx for whole graphs gives up if a shape is computed by ops that it does not
    evaluate. Here each node is inferred with the known values of its inputs.
    """

    def __init__(self, file: OnnxFile) -> None:
        self._opsets = file.opsets
        self._imports = [helper.make_opsetid(*opset) for opset in file.opsets.items()]
        declared = (*file.graph.value_info, *file.graph.output)
        self._declared = {value.name: value.type for value in declared}
        self._types: dict[str, onnx.TypeProto] = {}
        self._values: dict[str, Any] = {}
        for name, tensor in file.weights.items():
            self.add(name, tensor)
        for small in file.graph.initializer:
            self.add(small.name, Tensor(tuple(small.dims), dtype(small.data_type)), values(small))

    def add(self, name: str, tensor: Tensor, value: Any = None) -> None:
        """Add a tensor, with its values if they are given."""
        kind = number(tensor.dtype)
        self._types[name] = helper.make_tensor_type_proto(kind, tensor.shape)
        if value is not None:
            self._values[name] = value

    def tensor(self, name: str) -> Tensor | None:
        """Shape and dtype of a tensor; None unless all its sizes are known."""
        kind = self._types.get(name) or self._declared.get(name)
        if kind is None or not kind.HasField("tensor_type") or not kind.tensor_type.elem_type:
            return None
        shape = kind.tensor_type.shape.dim
        sized = all(dim.HasField("dim_value") for dim in shape)
        if not (sized and kind.tensor_type.HasField("shape")):
            return None
        return Tensor(tuple(dim.dim_value for dim in shape), dtype(kind.tensor_type.elem_type))

    def value(self, name: str) -> Any:
        """The values of a tensor; None if they are not known."""
        return self._values.get(name)

    def infer(self, node: onnx.NodeProto) -> None:
        """Add the outputs of a node, as far as they follow from its inputs."""
        names = [name for name in node.input if name]
        types = {name: self._types[name] for name in names if name in self._types}
        schema = self._schema(node)
        if schema is None or len(types) < len(set(names)):
            return
        known = {name: self._values[name] for name in names if name in self._values}
        data = {name: numpy_helper.from_array(np.asarray(value), name)
                for name, value in known.items()}  # fmt: skip
        try:
            inferred = infer_node_outputs(schema, node, types, data, opset_imports=self._imports)
        except (InferenceError, RuntimeError, ValueError):
            return
        self._types |= inferred
        if node.op_type in _SHAPE_OPS:
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
        """An array with the shape of a tensor that takes no memory."""
        tensor = self.tensor(name)
        return None if tensor is None else np.broadcast_to(np.float32(0), tensor.shape)

    def _is_small(self, node: onnx.NodeProto) -> bool:
        if node.op_type in RANDOM or has_branches(node):
            return False
        outputs = [self.tensor(name) for name in node.output if name]
        return all(tensor is not None and tensor.elements <= SMALL for tensor in outputs)

    def _computed(self, node: onnx.NodeProto, known: Mapping[str, Any]) -> dict[str, Any]:
        """The results of a node for known values. All nodes that get here are of onnx, and pure."""
        if any(value is None for value in known.values()):
            return {}
        inputs = [helper.make_value_info(name, self._types[name]) for name in known]
        outputs = [helper.make_value_info(name, self._types[name]) for name in node.output if name]
        graph = helper.make_graph([node], node.op_type, inputs, outputs)
        model = helper.make_model(graph, opset_imports=self._imports)
        try:
            results = ReferenceEvaluator(model).run(None, dict(known))
        except Exception:  # noqa: BLE001  (the value stays unknown, which is allowed; numpy raises anything)
            return {}
        return {output.name: value for output, value in zip(outputs, results, strict=True)
                if isinstance(value, np.ndarray | np.generic)}  # fmt: skip


_SHAPE_OPS = frozenset({"Shape", "Size"})


def has_branches(node: onnx.NodeProto) -> bool:
    """Whether a node runs graphs inside it: a condition, a loop, a scan."""
    return any(attribute.type in _GRAPHS for attribute in node.attribute)


_GRAPHS = frozenset({onnx.AttributeProto.GRAPH, onnx.AttributeProto.GRAPHS})
