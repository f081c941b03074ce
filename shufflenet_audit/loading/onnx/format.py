"""A model in an ONNX file: a graph already, which is read and not run."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import IO, Final

from shufflenet_audit.errors import LoadError
from shufflenet_audit.loading.files.saved_model import whole
from shufflenet_audit.loading.loaded import LoadedGraph
from shufflenet_audit.loading.request import Request
from shufflenet_audit.network.tensor import Tensor

_VARINT, _BYTES = 0, 2
_VERSION, _GRAPH = 1, 7
_MORE: Final = 0x80  # the bit that says that another byte follows
_BEFORE_GRAPH: Final = {_VERSION: _VARINT, 2: _BYTES, 3: _BYTES, 4: _BYTES, 5: _VARINT, 6: _BYTES}
"""The fields of a model in onnx.proto that stand before its graph, and how each is written."""


def recognises(request: Request) -> bool:
    """Whether a file begins with the fields of an ONNX model: its version, and then its graph."""
    if not request.is_file:
        return False
    try:
        with request.path.open("rb") as file:
            fields = list(_fields(file))
    except (OSError, ValueError):
        return False
    return fields[:1] == [_VERSION] and fields[-1] == _GRAPH


def load(request: Request) -> LoadedGraph:
    """The graph in the file."""
    whole(request, "an ONNX file")
    if find_spec("onnx") is None:
        message = f'{request.path} is an ONNX file: pip install "shufflenet-audit[onnx]" to read it'
        raise LoadError(message)
    from shufflenet_audit.loading.onnx.graph import graph  # noqa: PLC0415  (onnx is an optional extra)

    given = tuple((each.name, Tensor(each.shape, each.dtype)) for each in request.inputs)
    found = graph(request.path, given)
    return LoadedGraph(
        name=request.name,
        class_name="ONNX graph",
        graph=found.costed,
        read_as="onnx",
        assumptions=found.assumptions,
        origins=found.calls.origins,
    )


def _fields(file: IO[bytes]) -> Iterator[int]:
    """The numbers of the fields up to the graph. Raises ValueError where there are others."""
    while (tag := _varint(file)) is not None:
        field, written = tag >> 3, tag & 7
        if field == _GRAPH and written == _BYTES:
            yield field
            return
        if _BEFORE_GRAPH.get(field) != written:
            message = f"field {field} is no field of an ONNX model"
            raise ValueError(message)
        yield field
        size = _varint(file) or 0
        file.seek(size if written == _BYTES else 0, 1)


def _varint(file: IO[bytes]) -> int | None:
    """A number as protobuf writes it, seven bits to a byte; None at the end of the file."""
    value = 0
    for shift in range(0, 70, 7):
        byte = file.read(1)
        if not byte:
            return None
        value |= (byte[0] & (_MORE - 1)) << shift
        if byte[0] < _MORE:
            break
    return value
