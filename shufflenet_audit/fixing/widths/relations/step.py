"""One op as a relation sees it: the symbolic shapes that it is given; and what it makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from shufflenet_audit.fixing.widths.form import Form

Forms = tuple[Form, ...]
Numbers = Mapping[int, Form | Forms]


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of a tensor, symbolic and as it was recorded."""

    name: str
    """The node that made the tensor."""
    forms: Forms
    """Its sizes in terms of widths, for one unit of batch."""
    sizes: tuple[int, ...]
    """Its sizes as recorded, for one unit of batch."""

    def __len__(self) -> int:
        return len(self.sizes)

    def __getitem__(self, dim: int) -> Form:
        return self.forms[dim]


@dataclass(frozen=True, slots=True)
class Step:
    """One call of an op. Tensors in `args` and `kwargs` are `Shape`s, lists of them tuples."""

    name: str
    """The name of its node."""
    op: str
    """Its name without overload and in-place underscore, as `aten.add`."""
    args: tuple[Any, ...]
    """Its positional arguments."""
    kwargs: Mapping[str, Any]
    """Its named arguments."""
    made: tuple[tuple[int, ...], ...]
    """Sizes of its outputs as recorded, for one unit of batch."""
    groups: frozenset[int] = frozenset()
    """In how many groups convolutions of the network run: how many parts a reshape may make."""

    def arg(self, at: int, name: str, default: Any = None) -> Any:
        """The argument at that position, or of that name, or the default."""
        return self.args[at] if at < len(self.args) else self.kwargs.get(name, default)

    @property
    def tensors(self) -> Iterator[Shape]:
        """All tensors that it is given, lists flattened."""
        for value in (*self.args, *self.kwargs.values()):
            if isinstance(value, Shape):
                yield value
            elif isinstance(value, tuple):
                yield from (each for each in value if isinstance(each, Shape))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a relation says of an op, once its equations are in `Sizes`."""

    outputs: tuple[Forms, ...]
    """The symbolic shape of each output."""
    numbers: Numbers = field(default_factory=dict)
    """By the position of an argument: the sizes that stand in it."""
    macs: tuple[Forms, ...] = ()
    """Products of sizes whose sum are its multiply–adds, for one unit of batch."""
    widths: tuple[Form, Form] | None = None
    """Channels in and out, if it is a convolution or a product with a matrix."""


def constants(sizes: tuple[int, ...]) -> Forms:
    """A shape that never changes."""
    return tuple(map(Form.of, sizes))
