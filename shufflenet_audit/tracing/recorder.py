"""The dispatch mode that records every op that runs, as a torch.fx graph and as calls."""

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
    TensorSpec,
)
from shufflenet_audit.tracing.composites.fused_ops import NOT_DECOMPOSED
from shufflenet_audit.tracing.composites.higher_order import eager_kernel
from shufflenet_audit.tracing.meta.kernels import Arguments, Kernels
from shufflenet_audit.tracing.meta.layout import layout_of, tensor_and_elements
from shufflenet_audit.tracing.op_schema import OpSchema, op_schema
from shufflenet_audit.tracing.operands import Operands, operands
from shufflenet_audit.tracing.source_lines import PlaceFinder
from shufflenet_audit.tracing.tensor_table import TensorRecord, TensorTable


class _Step(NamedTuple):
    """One call that has run: the op, where it was called, and its arguments."""

    func: Any
    schema: OpSchema
    place: Place
    positional: Operands
    named: Operands
    names: Sequence[str]

    @property
    def records(self) -> list[TensorRecord]:
        return self.positional.records + self.named.records


class Recorder(TorchDispatchMode):
    """
    Records each op that is dispatched while it is active.

    On meta, ops that depend on inputs or parameters run on meta tensors, so nothing is computed.
    `tensors.restore()` undoes what was written to tensors of the model.
    """

    supports_higher_order_operators = True

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """False, so that PyTorch does not import torch.compile, which takes seconds."""
        return False

    def __init__(self, places: PlaceFinder, *, meta: bool, end: CodeType) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # PyTorch has not annotated it
        self.graph = torch.fx.Graph()
        self.tensors = TensorTable(self.graph, meta=meta)
        self.calls: list[Call] = []
        self._places = places
        self._end = end
        self._kernels = Kernels(meta=meta)
        self._schemas: dict[Any, OpSchema] = {}

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        """Run the op and record it, or run the ops that it is composed of."""
        kwargs = kwargs or {}
        schema = self._schemas.get(func)
        if schema is None:
            if isinstance(func, HigherOrderOperator):
                with self:
                    return eager_kernel(func)(*args, **kwargs)
            schema = self._schemas[func] = op_schema(func)
        if schema.composite and func not in NOT_DECOMPOSED:
            with self:
                return func.decompose(*args, **kwargs)
        written = {
            key: args[key] if isinstance(key, int) else kwargs[key] for key in schema.written
        }
        positional = operands(args, self.tensors)
        named = operands(kwargs.values(), self.tensors) if kwargs else _NO_OPERANDS
        names = tuple(kwargs)
        for tensor in _tensors(written.values()):
            self.tensors.before_write(tensor, (*positional.tensors, *named.tensors))
        result = self._kernels.run(
            func,
            schema,
            Arguments(
                positional.tensors,
                dict(zip(names, named.tensors, strict=True)),
                positional.layouts,
                (func, *positional.layouts, *names, *named.layouts),
            ),
        )
        if schema.returned:
            result = _with_originals(result, schema, written)
        place = self._places.place(sys._getframe(1), self._end)  # noqa: SLF001  (no public way)
        self._record(_Step(func, schema, place, positional, named, names), result, written)
        return result

    def _record(self, step: _Step, result: Any, written: Mapping[Any, Any]) -> None:
        originals = {id(tensor) for tensor in _tensors(written.values())}
        is_tensor = isinstance(result, torch.Tensor)
        results = _indexed_tensors(result) or _indexed_tensors(list(written.values()))
        if not results:
            return
        node = self.graph.create_node(
            "call_function", step.func, name=step.schema.op.rpartition(".")[2].strip("_")
        )
        node.args = tuple(step.positional.nodes)  # create_node would search them for symbols
        if step.names:
            node.kwargs = _replayable(step)
        outputs = []
        for index, tensor in results:
            old = self.tensors.record(tensor) if id(tensor) in originals else None
            record = self._tensor_record(step, node, tensor, old)
            record.index = None if is_tensor or old else index
            outputs.append(record.spec)
            (self.tensors.after_write if old else self.tensors.add_result)(tensor, record)
        self._add_call(step, node, outputs)

    def _tensor_record(
        self, step: _Step, node: torch.fx.Node, tensor: torch.Tensor, old: TensorRecord | None
    ) -> TensorRecord:
        layout = layout_of(tensor)
        base = old or (step.records[0] if step.schema.is_view and step.records else None)
        parameters = base.spec.parameters if base and step.schema.is_view else ()
        spec = TensorSpec(*tensor_and_elements(layout), node.name, parameters)
        root = base.root if base else object()
        stand_in = old.stand_in if old else None
        return TensorRecord(node, None, spec, layout, root, len(self.calls), stand_in)

    def _add_call(self, step: _Step, node: torch.fx.Node, outputs: Sequence[TensorSpec]) -> None:
        schema = step.schema
        named = zip(step.names, step.named.specs, strict=True)
        call = Call(
            name=node.name,
            target=schema.target,
            op=schema.op,
            args=tuple(step.positional.specs),
            outputs=tuple(outputs),
            kwargs={name: spec for name, spec in named if name not in schema.written},
            place=step.place,
            is_view=schema.is_view,
            pointwise=schema.pointwise,
        )
        self.calls.append(call)


def _replayable(step: _Step) -> dict[str, Any]:
    """The keyword arguments in the graph, without the meta device: it runs on real tensors."""
    kwargs = dict(zip(step.names, step.named.nodes, strict=True))
    if "device" in kwargs and torch.device(kwargs["device"] or "cpu").type == "meta":
        del kwargs["device"]
    return kwargs


def _with_originals(result: Any, schema: OpSchema, written: Mapping[Any, Any]) -> Any:
    """The result of an in-place op: the tensors that it was given, not those that it ran on."""
    if isinstance(result, torch.Tensor):
        return written[schema.returned[0]]
    keys = schema.returned
    return tuple(written[keys[i]] if i in keys else part for i, part in enumerate(result))


def _tensors(values: Iterable[Any]) -> Iterable[torch.Tensor]:
    for value in values:
        if isinstance(value, torch.Tensor):
            yield value
        elif isinstance(value, list | tuple):
            yield from _tensors(value)


_NO_OPERANDS = Operands([], [], [], [], [])


def _indexed_tensors(result: Any) -> list[tuple[int, torch.Tensor]]:
    """The tensors in a result, with their positions."""
    if isinstance(result, torch.Tensor):
        return [(0, result)]
    if not isinstance(result, list | tuple):
        return []
    return [(i, part) for i, part in enumerate(result) if isinstance(part, torch.Tensor)]
