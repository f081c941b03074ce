"""One call of an op as a cost handler sees it: shapes in, shapes out, no values; what it moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

from shufflenet_audit.network.cost import Traffic
from shufflenet_audit.network.op import Source
from shufflenet_audit.network.tensor import Tensor


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """A tensor as an op reads or writes it: shape and element type, and where it comes from."""

    tensor: Tensor
    """Its shape and element type."""
    stored: int
    """Elements in memory: fewer than the shape has where a dimension was expanded."""
    origin: str = ""
    """Name of the op or input that produced it; empty for a parameter or constant of the model."""
    parameters: tuple[str, ...] = ()
    """Names of the parameters that it is, or is a view of."""

    @classmethod
    def of(cls, *shape: int, dtype: str = "float32", origin: str = "") -> TensorSpec:
        """A contiguous tensor of this shape."""
        return cls(Tensor(shape, dtype), prod(shape), origin)

    @property
    def shape(self) -> tuple[int, ...]:
        """Its sizes."""
        return self.tensor.shape

    @property
    def elements(self) -> int:
        """Number of elements in its shape."""
        return self.tensor.elements

    @property
    def bytes(self) -> int:
        """Bytes that it fills in memory."""
        return self.stored * self.tensor.element_size


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call comes from: the module that runs it, and the line of the user's code."""

    module: str = ""
    """Path of the module that runs it, as in `named_modules()`; empty for the model itself."""
    module_class: str = ""
    """Class of that module, as in `Conv2d`."""
    source: Source | None = None
    """The line of the user's code that runs it."""
    defined: Source | None = None
    """The line that built the module, if that is a layer of PyTorch's own."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an op, as a cost handler sees it."""

    name: str
    """Its name in the graph, unique in the network."""
    target: str
    """The op with its overload, as in `aten.relu_.default`."""
    op: str
    """The op without the overload and the underscore of the in-place form, as in `aten.relu`."""
    args: tuple[Any, ...]
    """Positional arguments: a tensor is a `TensorSpec`, a list of tensors a tuple of them."""
    outputs: tuple[TensorSpec, ...]
    """The tensors that it returns."""
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    """Keyword arguments, in the same form."""
    place: Place = Place()
    """Where it comes from in the user's code."""
    is_view: bool = False
    """Whether PyTorch says that its outputs share the memory of its inputs."""
    pointwise: bool = False
    """Whether PyTorch says that it computes each element of the output on its own."""
    module: Any = None
    """The user's module that it stands for, if a custom cost is given for the whole module."""

    def arg(self, index: int, name: str, default: Any = None) -> Any:
        """The argument at this position, or with this name, or the default."""
        if index < len(self.args):
            return self.args[index]
        return self.kwargs.get(name, default)

    @property
    def tensors(self) -> Iterator[TensorSpec]:
        """All tensors among its arguments, lists flattened."""
        for value in (*self.args, *self.kwargs.values()):
            if isinstance(value, TensorSpec):
                yield value
            elif isinstance(value, tuple):
                yield from (spec for spec in value if isinstance(spec, TensorSpec))

    @property
    def activations(self) -> tuple[TensorSpec, ...]:
        """The tensors that an op or an input produced; views of parameters are left out."""
        return tuple(spec for spec in self.tensors if spec.origin and not spec.parameters)

    @property
    def output(self) -> TensorSpec:
        """Its first output."""
        return self.outputs[0]


def class_op(kind: type) -> str:
    """Name of the op for modules of a class: a name, as one file may be imported twice."""
    return f"module.{kind.__module__}.{kind.__qualname__}"


def traffic(
    call: Call,
    *,
    reads: Iterable[TensorSpec] | None = None,
    writes: Iterable[TensorSpec] | None = None,
) -> Traffic:
    """
    What a call reads and writes.

    By default it reads all tensors among its arguments, each once, and writes all its outputs.
    """
    read = {id(spec): spec for spec in (call.tensors if reads is None else reads)}.values()
    written = call.outputs if writes is None else tuple(writes)
    return Traffic(
        reads=sum(spec.stored for spec in read),
        writes=sum(spec.stored for spec in written),
        bytes=sum(spec.bytes for spec in read) + sum(spec.bytes for spec in written),
    )


NONE = Traffic(0, 0, 0)
"""Nothing read and nothing written: a view."""
