"""Modules whose cost is given as a whole: all that such a module runs becomes one call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch.utils._pytree import tree_leaves

from shufflenet_audit.costs.custom import CustomCost, class_op
from shufflenet_audit.network.call import (
    Call,
    Place,
    Spec,
)
from shufflenet_audit.tracing.values import Memory


@dataclass(frozen=True, slots=True)
class Span:
    """One run of such a module: the calls from `start` to `stop` are what it did."""

    module: torch.nn.Module
    path: str
    op: str
    start: int
    stop: int
    args: tuple[Any, ...]
    parameters: tuple[Spec, ...]
    outputs: tuple[Spec, ...]


class Watch:
    """Notes when modules with a custom cost run. Of those within another one nothing is noted."""

    def __init__(self, memory: Memory, calls: Sequence[Call]) -> None:
        self.spans: list[Span] = []
        self._memory = memory
        self._calls = calls
        self._open: list[tuple[torch.nn.Module, int, tuple[Any, ...]]] = []

    @contextmanager
    def on(self, model: torch.nn.Module, costs: Iterable[CustomCost]) -> Iterator[None]:
        """Watch the modules of a model that these costs are for, while the context lasts."""
        wanted = {cost.op for cost in costs if isinstance(cost.target, type)}
        with ExitStack() as hooks:
            for path, module in model.named_modules() if wanted else ():
                names = (class_op(each) for each in type(module).mro())
                if op := next((name for name in names if name in wanted), ""):
                    for hook in self._hooks(module, path, op):
                        hooks.callback(hook.remove)
            yield

    def _hooks(self, module: torch.nn.Module, path: str, op: str) -> Iterator[Any]:
        def entered(module: torch.nn.Module, args: Any, kwargs: Any) -> None:
            self._open.append((module, len(self._calls), self._seen((args, kwargs))))

        def left(*called: Any) -> None:
            _, start, seen = self._open.pop()
            if not self._open:
                held = self._seen(list(module.parameters()))
                made = tuple(each for each in self._seen(called[-1]) if isinstance(each, Spec))
                span = Span(module, path, op, start, len(self._calls), seen, held, made)
                self.spans.append(span)

        yield module.register_forward_pre_hook(entered, with_kwargs=True)
        yield module.register_forward_hook(left)

    def _seen(self, values: Any) -> tuple[Any, ...]:
        """What the handler sees: tensors without values, and all else as it is."""
        return tuple(
            self._memory.spec(self._memory.value(leaf)) if isinstance(leaf, torch.Tensor) else leaf
            for leaf in tree_leaves(values)
        )


def merged(calls: Sequence[Call], spans: Sequence[Span]) -> tuple[tuple[Call, ...], dict[str, str]]:
    """The calls, with one in the place of each span, and the new names of what they made."""
    taken = {call.name for call in calls}
    result: list[Call] = []
    names = _Names()
    at = 0
    for span in spans:
        result.extend(map(names.applied, calls[at : span.start]))
        inner = calls[span.start : span.stop]
        name = _unique(span.path.replace(".", "_") or "model", taken)
        result.append(names.applied(_whole(span, inner, name)))
        names.new |= {call.name: name for call in inner}
        at = span.stop
    result.extend(map(names.applied, calls[at:]))
    return tuple(result), names.new


def _whole(span: Span, inner: Sequence[Call], name: str) -> Call:
    source = inner[0].place.source if inner else None
    return Call(
        name=name,
        target=span.op,
        op=span.op,
        args=span.args,
        outputs=tuple(replace(spec, origin=name) for spec in span.outputs),
        kwargs={"parameters": span.parameters},
        place=Place(span.path, type(span.module).__name__, source),
        module=span.module,
    )


def _unique(name: str, taken: set[str]) -> str:
    found, count = name, 0
    while found in taken:
        count += 1
        found = f"{name}_{count}"
    taken.add(found)
    return found


class _Names:
    """The new name of what a span made, put into the calls that read it."""

    def __init__(self) -> None:
        self.new: dict[str, str] = {}
        self._specs: dict[int, tuple[Spec, Spec]] = {}

    def applied(self, call: Call) -> Call:
        """The call, reading what it reads by the new names."""
        if not self.new:
            return call
        kwargs: Mapping[str, Any] = {key: self._value(each) for key, each in call.kwargs.items()}
        return replace(call, args=tuple(map(self._value, call.args)), kwargs=kwargs)

    def _value(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(self._value, value))
        if not isinstance(value, Spec) or value.origin not in self.new:
            return value
        known = self._specs.setdefault(
            id(value), (value, replace(value, origin=self.new[value.origin]))
        )
        return known[1]
