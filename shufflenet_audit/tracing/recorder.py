"""The dispatch mode that writes down every op that runs, as a torch.fx graph and as calls."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from types import CodeType
from typing import Any, NamedTuple

import torch
from torch._ops import HigherOrderOperator
from torch.utils._python_dispatch import TorchDispatchMode

from shufflenet_audit.network.call import (
    Call,
    Place,
    Spec,
)
from shufflenet_audit.tracing.composites.fused_ops import WHOLE
from shufflenet_audit.tracing.composites.higher_order import unrolled
from shufflenet_audit.tracing.meta.kernels import Arguments, Kernels
from shufflenet_audit.tracing.meta.layout import described, layout_of
from shufflenet_audit.tracing.op_schema import Schema, schema
from shufflenet_audit.tracing.operands import Operands, operands
from shufflenet_audit.tracing.source_lines import Places
from shufflenet_audit.tracing.values import Memory, Value


class _Step(NamedTuple):
    """One call that has run: what it was, where, and on what."""

    func: Any
    facts: Schema
    place: Place
    given: Operands
    named: Operands
    names: Sequence[str]

    @property
    def values(self) -> list[Value]:
        return self.given.values + self.named.values


class Recorder(TorchDispatchMode):
    """
    Writes down each op that is dispatched while it is active.

    On meta, what depends on inputs or parameters runs on meta tensors, so nothing is computed.
    What is written to tensors that the model holds is undone by `memory.restore()`.
    """

    supports_higher_order_operators = True

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Not to be wrapped for torch.compile, whose import alone takes seconds."""
        return False

    def __init__(self, places: Places, *, meta: bool, end: CodeType) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # PyTorch has not annotated it
        self.graph = torch.fx.Graph()
        self.memory = Memory(self.graph, meta=meta)
        self.calls: list[Call] = []
        self._places = places
        self._end = end
        self._kernels = Kernels(meta=meta)
        self._schemas: dict[Any, Schema] = {}

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        """Run the op and write it down, or those that it is made of."""
        kwargs = kwargs or {}
        facts = self._schemas.get(func)
        if facts is None:
            if isinstance(func, HigherOrderOperator):
                with self:
                    return unrolled(func)(*args, **kwargs)
            facts = self._schemas[func] = schema(func)
        if facts.composite and func not in WHOLE:
            with self:
                return func.decompose(*args, **kwargs)
        written = {at: args[at] if isinstance(at, int) else kwargs[at] for at in facts.written}
        given = operands(args, self.memory)
        named = operands(kwargs.values(), self.memory) if kwargs else _NOTHING
        names = tuple(kwargs)
        for tensor in _made(written.values()):
            self.memory.written(tensor, (*given.run, *named.run))
        result = self._kernels.run(
            func,
            facts,
            Arguments(
                given.run,
                dict(zip(names, named.run, strict=True)),
                given.layouts,
                (func, *given.layouts, *names, *named.layouts),
            ),
        )
        if facts.returned:
            result = _with_originals(result, facts, written)
        place = self._places.here(sys._getframe(1), self._end)  # noqa: SLF001  (no public way)
        self._write_down(_Step(func, facts, place, given, named, names), result, written)
        return result

    def _write_down(self, step: _Step, result: Any, written: Mapping[Any, Any]) -> None:
        originals = {id(tensor) for tensor in _made(written.values())}
        whole = isinstance(result, torch.Tensor)
        made = _numbered(result) or _numbered(list(written.values()))
        if not made:
            return
        node = self.graph.create_node(
            "call_function", step.func, name=step.facts.op.rpartition(".")[2].strip("_")
        )
        node.args = tuple(step.given.nodes)  # given at once, each would be searched for symbols
        if step.names:
            node.kwargs = _replayable(step)
        outputs = []
        for index, tensor in made:
            old = self.memory.value(tensor) if id(tensor) in originals else None
            value = self._value(step, node, tensor, old)
            value.index = None if whole or old else index
            outputs.append(value.spec)
            (self.memory.rewritten if old else self.memory.made)(tensor, value)
        self._call(step, node, outputs)

    def _value(
        self, step: _Step, node: torch.fx.Node, tensor: torch.Tensor, old: Value | None
    ) -> Value:
        layout = layout_of(tensor)
        base = old or (step.values[0] if step.facts.is_view and step.values else None)
        parameters = base.spec.parameters if base and step.facts.is_view else ()
        spec = Spec(*described(layout), node.name, parameters)
        root = base.root if base else object()
        run = old.run if old else None
        return Value(node, None, spec, layout, root, len(self.calls), run)

    def _call(self, step: _Step, node: torch.fx.Node, outputs: Sequence[Spec]) -> None:
        facts, given = step.facts, step.given
        named = zip(step.names, step.named.seen, strict=True)
        call = Call(
            name=node.name,
            target=facts.target,
            op=facts.op,
            args=tuple(given.seen),
            outputs=tuple(outputs),
            kwargs={name: seen for name, seen in named if name not in facts.written},
            place=step.place,
            is_view=facts.is_view,
            pointwise=facts.pointwise,
        )
        self.calls.append(call)


def _replayable(step: _Step) -> dict[str, Any]:
    """Keyword arguments for a run on real tensors: on whatever device these are."""
    kwargs = dict(zip(step.names, step.named.nodes, strict=True))
    if "device" in kwargs and torch.device(kwargs["device"] or "cpu").type == "meta":
        del kwargs["device"]
    return kwargs


def _with_originals(result: Any, facts: Schema, written: Mapping[Any, Any]) -> Any:
    """The result of an in-place op: not the stand-in that it ran on, but what it was given."""
    if isinstance(result, torch.Tensor):
        return written[facts.returned[0]]
    places = facts.returned
    return tuple(written[places[at]] if at in places else each for at, each in enumerate(result))


def _made(results: Iterable[Any]) -> Iterable[torch.Tensor]:
    for each in results:
        if isinstance(each, torch.Tensor):
            yield each
        elif isinstance(each, list | tuple):
            yield from _made(each)


_NOTHING = Operands([], [], [], [], [])


def _numbered(result: Any) -> list[tuple[int, torch.Tensor]]:
    """The tensors of a result, each with its position in it."""
    if isinstance(result, torch.Tensor):
        return [(0, result)]
    if not isinstance(result, list | tuple):
        return []
    return [(at, each) for at, each in enumerate(result) if isinstance(each, torch.Tensor)]
