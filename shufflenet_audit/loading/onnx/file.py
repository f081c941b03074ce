"""An ONNX file, read without its large weights and without a look outside its folder."""

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
"""Elements up to which values are looked at: shapes, axes and the like."""

_FIRST_WITH_SHAPES = 7
_CONVERTED_TO = 13


@dataclass(frozen=True, slots=True)
class OnnxFile:
    """A checked model. Its large weights are inputs of `graph`; `weights` says what they are."""

    graph: onnx.GraphProto
    opsets: Mapping[str, int]
    weights: Mapping[str, Tensor]
    assumptions: tuple[str, ...] = ()


def read(path: Path) -> OnnxFile:
    """The model in a file. Raises LoadError if it is damaged, or names data outside its folder."""
    model = _parsed(path)
    _check_opset(model, path)
    for tensor in _tensors(model.graph):
        _bring_in(tensor, path)
    weights = _lightened(model.graph)
    assumptions: tuple[str, ...] = ()
    try:
        if model.functions:
            model = inliner.inline_local_functions(model)
        checker.check_model(model)
        model, assumptions = _modern(model)
    except (checker.ValidationError, onnx.shape_inference.InferenceError, RuntimeError) as error:
        said = " ".join(str(error).split())
        message = f"{path} is no valid ONNX model: {said}; export it again"
        raise LoadError(message) from error
    opsets = {each.domain or "": each.version for each in model.opset_import}
    return OnnxFile(model.graph, MappingProxyType(opsets), weights, assumptions)


def _parsed(path: Path) -> onnx.ModelProto:
    try:
        return onnx.load(path, format="protobuf", load_external_data=False)
    except (DecodeError, ValueError, TypeError) as error:
        message = f"{path} is damaged or no ONNX file: {error}; export it again"
        raise LoadError(message) from error
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise LoadError(message) from error


def _check_opset(model: onnx.ModelProto, path: Path) -> None:
    newest = defs.onnx_opset_version()
    for each in model.opset_import:
        if not each.domain and each.version > newest:
            message = (
                f"{path} is of opset {each.version}, and onnx {onnx.__version__} knows {newest}"
                " at most: upgrade onnx, or export the model to an older opset"
            )
            raise LoadError(message)


def _tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    """All tensors that a graph holds, those of its branches and loops included."""
    yield from graph.initializer
    for each in graph.sparse_initializer:
        yield from (each.values, each.indices)
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.TENSOR:
                yield attribute.t
            yield from attribute.tensors
            for inner in (attribute.g, *attribute.graphs):
                yield from _tensors(inner) if inner.node else ()


def _bring_in(tensor: onnx.TensorProto, path: Path) -> None:
    """Read a small tensor that lies in another file. That file must be in the model's folder."""
    if not external_data_helper.uses_external_data(tensor):
        return
    stored = {each.key: each.value for each in tensor.external_data}
    file = _in_folder(path, stored.get("location", ""), tensor.name)
    if prod(tensor.dims) > SMALL or not file.is_file():
        return
    try:
        with file.open("rb") as data:
            data.seek(int(stored.get("offset", 0)))
            tensor.raw_data = data.read(min(int(stored.get("length", 0)), 16 * SMALL))
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


def _lightened(graph: onnx.GraphProto) -> dict[str, Tensor]:
    """Turn large weights into inputs without values, and say what they are."""
    weights = {each.values.name: _described(each.values, each.dims)
               for each in graph.sparse_initializer}  # fmt: skip
    weights |= {each.name: _described(each, each.dims)
                for each in graph.initializer if _is_large(each)}  # fmt: skip
    types = {each.name: each.data_type for each in graph.initializer}
    types |= {each.values.name: each.values.data_type for each in graph.sparse_initializer}
    small = [each for each in graph.initializer if each.name not in weights]
    del graph.initializer[:], graph.sparse_initializer[:]
    graph.initializer.extend(small)
    given = {each.name for each in graph.input}
    for name, tensor in weights.items():
        if name not in given:
            info = helper.make_tensor_value_info(name, types[name], tensor.shape)
            graph.input.append(info)
    return weights


def _is_large(tensor: onnx.TensorProto) -> bool:
    return prod(tensor.dims) > SMALL or external_data_helper.uses_external_data(tensor)


def _described(tensor: onnx.TensorProto, dims: Any) -> Tensor:
    return Tensor(tuple(dims), dtype(tensor.data_type))


def _modern(model: onnx.ModelProto) -> tuple[onnx.ModelProto, tuple[str, ...]]:
    """The model in an opset whose ops say what shapes they make, and a sentence about it."""
    version = next((each.version for each in model.opset_import if not each.domain), _CONVERTED_TO)
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
