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
class Spec:
    """
    A tensor as an op reads or writes it.

    `stored` counts the elements that lie in memory: fewer than the shape says where a dimension
    was expanded. `origin` names the op or input that made it, and is empty for what the model
    holds. `parameters` names the parameters that it is, or is a view of.
    """

    tensor: Tensor
    stored: int
    origin: str = ""
    parameters: tuple[str, ...] = ()

    @classmethod
    def of(cls, *shape: int, dtype: str = "float32", origin: str = "") -> Spec:
        """A contiguous tensor of that shape."""
        return cls(Tensor(shape, dtype), prod(shape), origin)

    @property
    def shape(self) -> tuple[int, ...]:
        """Its sizes."""
        return self.tensor.shape

    @property
    def elements(self) -> int:
        """How many elements its shape has."""
        return self.tensor.elements

    @property
    def bytes(self) -> int:
        """Bytes that it fills in memory."""
        return self.stored * self.tensor.element_size


@dataclass(frozen=True, slots=True)
class Place:
    """
    Where a call comes from: the module that runs it, and the line of the user's code.

    `defined` is the line that built the module, if that is a layer of PyTorch's own.
    """

    module: str = ""
    module_class: str = ""
    source: Source | None = None
    defined: Source | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """
    One call of an op.

    `op` is its name without the overload and without the underscore of the in-place form
    ("aten.relu" for `aten.relu_.default`). Tensors in `args` and `kwargs` are `Spec`s, lists of
    tensors tuples of them.
    `is_view` and `pointwise` are what PyTorch itself says of the op. `module` is a module of the
    user's, where its cost is given for all that it runs.
    """

    name: str
    target: str
    op: str
    args: tuple[Any, ...]
    outputs: tuple[Spec, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    place: Place = Place()
    is_view: bool = False
    pointwise: bool = False
    module: Any = None

    def arg(self, at: int, name: str, default: Any = None) -> Any:
        """The argument at that position, or of that name, or the default."""
        if at < len(self.args):
            return self.args[at]
        return self.kwargs.get(name, default)

    @property
    def tensors(self) -> Iterator[Spec]:
        """All tensors that it is given, lists flattened."""
        for value in (*self.args, *self.kwargs.values()):
            if isinstance(value, Spec):
                yield value
            elif isinstance(value, tuple):
                yield from (each for each in value if isinstance(each, Spec))

    @property
    def activations(self) -> tuple[Spec, ...]:
        """The tensors that an op or an input made; a view of a parameter is no such."""
        return tuple(spec for spec in self.tensors if spec.origin and not spec.parameters)

    @property
    def output(self) -> Spec:
        """Its first output."""
        return self.outputs[0]


def traffic(
    call: Call, *, reads: Iterable[Spec] | None = None, writes: Iterable[Spec] | None = None
) -> Traffic:
    """What is read and written: all tensors of the arguments and results, unless told otherwise."""
    read = {id(spec): spec for spec in (call.tensors if reads is None else reads)}.values()
    written = call.outputs if writes is None else tuple(writes)
    return Traffic(
        reads=sum(spec.stored for spec in read),
        writes=sum(spec.stored for spec in written),
        bytes=sum(spec.bytes for spec in read) + sum(spec.bytes for spec in written),
    )


NONE = Traffic(0, 0, 0)
