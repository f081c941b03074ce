"""Reads an ONNX file, without its large weights and without files outside its folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from types import MappingProxyType
from typing import Any

import onnx
from google.protobuf.message import DecodeError
from onnx import (
    checker,
    defs,
    external_data_helper,
    helper,
    inliner,
    numpy_helper,
    version_converter,
)

from shufflenet_audit.errors import LoadError
from shufflenet_audit.loading.onnx.dtypes import dtype
from shufflenet_audit.network.tensor import Tensor

SMALL = 1024
"""Elements of the largest tensor whose values are read. Shapes, axes and indices are smaller."""

_FIRST_WITH_SHAPES = 7
_CONVERTED_TO = 13


@dataclass(frozen=True, slots=True)
class OnnxFile:
    """A model that passed the checker of onnx."""

    graph: onnx.GraphProto
    """The graph; its large weights are inputs, without values."""
    opsets: Mapping[str, int]
    """The version of each operator set, by its domain; the standard domain is empty."""
    weights: Mapping[str, Tensor]
    """Shape and dtype of the large weights, by name."""
    assumptions: tuple[str, ...] = ()
    """Sentences on how the file was converted before it was read."""


def read(path: Path) -> OnnxFile:
    """The model in a file. Raises LoadError if it is damaged or has data outside its folder."""
    model = _parsed(path)
    _check_opset(model, path)
    for tensor in _tensors(model.graph):
        _read_external(tensor, path)
    weights = _weights_as_inputs(model.graph)
    assumptions: tuple[str, ...] = ()
    try:
        if model.functions:
            model = inliner.inline_local_functions(model)
        checker.check_model(model)
        model, assumptions = _modern(model)
    except (checker.ValidationError, onnx.shape_inference.InferenceError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        message = f"{path} is not a valid ONNX model: {reason}; export it again"
        raise LoadError(message) from error
    opsets = {opset.domain or "": opset.version for opset in model.opset_import}
    return OnnxFile(model.graph, MappingProxyType(opsets), weights, assumptions)


def _parsed(path: Path) -> onnx.ModelProto:
    try:
        return onnx.load(path, format="protobuf", load_external_data=False)
    except (DecodeError, ValueError, TypeError) as error:
        message = f"{path} is damaged or not an ONNX file: {error}; export it again"
        raise LoadError(message) from error
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise LoadError(message) from error


def _check_opset(model: onnx.ModelProto, path: Path) -> None:
    newest = defs.onnx_opset_version()
    for opset in model.opset_import:
        if not opset.domain and opset.version > newest:
            message = (
                f"{path} is of opset {opset.version}, and onnx {onnx.__version__} knows {newest}"
                " at most: upgrade onnx, or export the model to an older opset"
            )
            raise LoadError(message)


def _tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    """All tensors with values in a graph, including its branches and loops."""
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.TENSOR:
                yield attribute.t
            yield from attribute.tensors
            for inner in (attribute.g, *attribute.graphs):
                yield from _tensors(inner) if inner.node else ()


def _read_external(tensor: onnx.TensorProto, path: Path) -> None:
    """Read the values of a small tensor from another file, which must be in the model's folder."""
    if not external_data_helper.uses_external_data(tensor):
        return
    entry = {field.key: field.value for field in tensor.external_data}
    file = _in_folder(path, entry.get("location", ""), tensor.name)
    if prod(tensor.dims) > SMALL or not file.is_file():
        return
    try:
        with file.open("rb") as data:
            data.seek(int(entry.get("offset", 0)))
            tensor.raw_data = data.read(min(int(entry.get("length", 0)), 16 * SMALL))
    except (OSError, ValueError) as error:
        message = f"{path}: the data of {tensor.name!r} in {file.name} cannot be read: {error}"
        raise LoadError(message) from error
    del tensor.external_data[:]
    tensor.data_location = onnx.TensorProto.DEFAULT


def _in_folder(path: Path, location: str, name: str) -> Path:
    folder = path.resolve().parent
    file = folder / location
    if "\0" in location or not file.resolve().is_relative_to(folder):
        message = (
            f"{path} says that the data of {name!r} is in {location!r}, outside its folder, which"
            " is not read: put the file beside the model and export it again"
        )
        raise LoadError(message)
    return file


def _weights_as_inputs(graph: onnx.GraphProto) -> dict[str, Tensor]:
    """Replace large weights by inputs without values. Returns their shapes and dtypes by name."""
    weights = {sparse.values.name: _described(sparse.values, sparse.dims)
               for sparse in graph.sparse_initializer}  # fmt: skip
    weights |= {dense.name: _described(dense, dense.dims)
                for dense in graph.initializer if _is_large(dense)}  # fmt: skip
    types = {dense.name: dense.data_type for dense in graph.initializer}
    types |= {sparse.values.name: sparse.values.data_type for sparse in graph.sparse_initializer}
    small = [dense for dense in graph.initializer if dense.name not in weights]
    del graph.initializer[:], graph.sparse_initializer[:]
    graph.initializer.extend(small)
    declared = {value.name for value in graph.input}
    for name, tensor in weights.items():
        if name not in declared:
            info = helper.make_tensor_value_info(name, types[name], tensor.shape)
            graph.input.append(info)
    return weights


def _is_large(tensor: onnx.TensorProto) -> bool:
    return prod(tensor.dims) > SMALL or external_data_helper.uses_external_data(tensor)


def _described(tensor: onnx.TensorProto, dims: Any) -> Tensor:
    return Tensor(tuple(dims), dtype(tensor.data_type))


def _modern(model: onnx.ModelProto) -> tuple[onnx.ModelProto, tuple[str, ...]]:
    """The model, converted if its opset has no shape inference, and a sentence about that."""
    version = next((o.version for o in model.opset_import if not o.domain), _CONVERTED_TO)
    if version >= _FIRST_WITH_SHAPES:
        return model, ()
    converted = version_converter.convert_version(model, _CONVERTED_TO)
    return converted, (f"the file is of opset {version}, and is read as of {_CONVERTED_TO}",)


def values(tensor: onnx.TensorProto) -> Any:
    """The numbers in a small tensor, as an array. Raises LoadError."""
    try:
        return numpy_helper.to_array(tensor)
    except (ValueError, TypeError, RuntimeError) as error:
        message = f"the tensor {tensor.name!r} is damaged: {error}; export the model again"
        raise LoadError(message) from error
