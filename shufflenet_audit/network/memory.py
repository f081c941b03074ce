"""The memory that activations fill while a network runs: who is alive when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shufflenet_audit.network.op import Op
from shufflenet_audit.network.tensor import Tensor

Piece = tuple[str, Tensor]
"""Memory, by the op or input that made it and what it holds: an op may make several tensors."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What is alive while an op runs."""

    op: str
    """The name of the op."""
    bytes: int
    """Bytes of all activations that are alive: what it reads and makes, and what is read later."""


def timeline(
    ops: Sequence[Op], inputs: Mapping[str, Tensor], outputs: Iterable[str]
) -> tuple[Moment, ...]:
    """
    What is alive while each op runs, in the order in which they run.

    What an op makes is alive from then on to its last reader, or to the end if it leaves the
    network; an input of the network from the start to its last reader. What nobody reads goes at
    once, as the places of the maxima that pooling finds. A view shares the memory of what it looks
    at, and an op in place writes into its first input. Weights, buffers, and what a kernel needs
    for itself while it runs are not in it.
    """
    lives = _Lives()
    for name, tensor in inputs.items():
        lives.make(name, [tensor], at=-1)
    for at, op in enumerate(ops):
        lives.run(op, at)
    for name in outputs:
        lives.keep(name, len(ops))
    return tuple(_moments(ops, lives))


def peak(timeline: Iterable[Moment]) -> int:
    """The most bytes that are alive at once."""
    return max((moment.bytes for moment in timeline), default=0)


@dataclass(slots=True)
class _Lives:
    """How large each piece of memory is, when it is made, and when it is read last."""

    size: dict[Piece, int] = field(default_factory=dict)
    born: dict[Piece, int] = field(default_factory=dict)
    last: dict[Piece, int] = field(default_factory=dict)
    behind: dict[str, dict[Tensor, Piece]] = field(default_factory=dict)
    """The memory behind the tensors that an op or input of that name hands on."""

    def make(self, name: str, tensors: Sequence[Tensor], at: int) -> None:
        """New memory for these tensors."""
        for tensor, count in Counter(tensors).items():
            piece = name, tensor
            self.size[piece] = count * tensor.bytes
            self.born[piece] = self.last[piece] = at
            self.behind.setdefault(name, {})[tensor] = piece

    def run(self, op: Op, at: int) -> None:
        """What an op reads is alive while it runs, and so is what it makes."""
        read = [self._piece(*given) for given in zip(op.parents, op.inputs, strict=True)]
        for piece in filter(None, read):
            self.last[piece] = at
        if op.launched and not _in_place(op):
            self.make(op.name, op.outputs, at)
        elif read and read[0]:
            self.behind[op.name] = dict.fromkeys(op.outputs, read[0])

    def keep(self, name: str, until: int) -> None:
        """What leaves the network."""
        for piece in self.behind.get(name, {}).values():
            self.last[piece] = until

    def _piece(self, name: str, tensor: Tensor) -> Piece | None:
        """The memory behind what an op reads; None where it is the model's own."""
        pieces = self.behind.get(name, {})
        return pieces.get(tensor) or next(iter(pieces.values()), None)


def _moments(ops: Sequence[Op], lives: _Lives) -> Iterator[Moment]:
    arriving, leaving = [0] * (len(ops) + 1), [0] * (len(ops) + 1)
    for piece, size in lives.size.items():
        arriving[max(lives.born[piece], 0)] += size
        leaving[min(max(lives.last[piece], 0), len(ops))] += size
    alive = 0
    for at, op in enumerate(ops):
        alive += arriving[at]
        yield Moment(op.name, alive)
        alive -= leaving[at]


def _in_place(op: Op) -> bool:
    """Whether it writes into its first input, as `aten.relu_.default` does."""
    name = op.target.rpartition(".")[0].rpartition(".")[2]
    same = bool(op.inputs) and op.outputs[:1] == op.inputs[:1]
    return same and name.endswith("_") and not name.endswith("__")
