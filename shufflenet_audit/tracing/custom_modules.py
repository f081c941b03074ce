"""Modules with a custom cost: all ops that such a module runs become one call."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch.utils._pytree import tree_leaves

from shufflenet_audit.network.call import (
    Call,
    Place,
    TensorSpec,
    class_op,
)
from shufflenet_audit.tracing.tensor_table import TensorTable


@dataclass(frozen=True, slots=True)
class ModuleRun:
    """One run of a module with a custom cost."""

    module: torch.nn.Module
    """The module."""
    path: str
    """Its path in the model."""
    op: str
    """The name by which its cost is looked up."""
    start: int
    """The position of the first call that it made."""
    stop: int
    """The position behind the last call that it made."""
    args: tuple[Any, ...]
    """The leaves of its arguments, with a spec for each tensor."""
    parameters: tuple[TensorSpec, ...]
    """Its parameters."""
    outputs: tuple[TensorSpec, ...]
    """The tensors that it returned."""


class ModuleWatch:
    """Notes each run of a module with a custom cost, except inside another such module."""

    def __init__(self, tensors: TensorTable, calls: Sequence[Call]) -> None:
        self.runs: list[ModuleRun] = []
        self._tensors = tensors
        self._calls = calls
        self._entered: list[tuple[torch.nn.Module, int, tuple[Any, ...]]] = []

    @contextmanager
    def on(self, model: torch.nn.Module, class_names: Collection[str]) -> Iterator[None]:
        """Watch modules of classes with these names (see `class_op`), while the context lasts."""
        with ExitStack() as hooks:
            for path, module in model.named_modules() if class_names else ():
                names = (class_op(base) for base in type(module).mro())
                if op := next((name for name in names if name in class_names), ""):
                    for hook in self._hooks(module, path, op):
                        hooks.callback(hook.remove)
            yield

    def _hooks(self, module: torch.nn.Module, path: str, op: str) -> Iterator[Any]:
        def enter(module: torch.nn.Module, args: Any, kwargs: Any) -> None:
            self._entered.append((module, len(self._calls), self._leaves((args, kwargs))))

        def leave(*called: Any) -> None:
            _, start, args = self._entered.pop()
            if not self._entered:
                parameters = self._leaves(list(module.parameters()))
                outputs = tuple(x for x in self._leaves(called[-1]) if isinstance(x, TensorSpec))
                stop = len(self._calls)
                self.runs.append(
                    ModuleRun(module, path, op, start, stop, args, parameters, outputs)
                )

        yield module.register_forward_pre_hook(enter, with_kwargs=True)
        yield module.register_forward_hook(leave)

    def _leaves(self, values: Any) -> tuple[Any, ...]:
        """The leaves of nested values, with a spec for each tensor."""
        return tuple(
            self._tensors.spec(self._tensors.record(x)) if isinstance(x, torch.Tensor) else x
            for x in tree_leaves(values)
        )


def merged(
    calls: Sequence[Call], runs: Sequence[ModuleRun]
) -> tuple[tuple[Call, ...], dict[str, str]]:
    """The calls with one for each module run, and the new name of each call that was replaced."""
    taken = {call.name for call in calls}
    result: list[Call] = []
    names = _NewNames()
    position = 0
    for run in runs:
        result.extend(map(names.applied, calls[position : run.start]))
        inner = calls[run.start : run.stop]
        name = _unique(run.path.replace(".", "_") or "model", taken)
        result.append(names.applied(_module_call(run, inner, name)))
        names.new |= {call.name: name for call in inner}
        position = run.stop
    result.extend(map(names.applied, calls[position:]))
    return tuple(result), names.new


def _module_call(run: ModuleRun, inner: Sequence[Call], name: str) -> Call:
    source = inner[0].place.source if inner else None
    return Call(
        name=name,
        target=run.op,
        op=run.op,
        args=run.args,
        outputs=tuple(replace(spec, origin=name) for spec in run.outputs),
        kwargs={"parameters": run.parameters},
        place=Place(run.path, type(run.module).__name__, source),
        module=run.module,
    )


def _unique(name: str, taken: set[str]) -> str:
    unique, count = name, 0
    while unique in taken:
        count += 1
        unique = f"{name}_{count}"
    taken.add(unique)
    return unique


class _NewNames:
    """The new names of replaced calls, and the calls that read them."""

    def __init__(self) -> None:
        self.new: dict[str, str] = {}
        self._specs: dict[int, tuple[TensorSpec, TensorSpec]] = {}

    def applied(self, call: Call) -> Call:
        """The call, with the new names in what it reads."""
        if not self.new:
            return call
        kwargs: Mapping[str, Any] = {key: self._value(value) for key, value in call.kwargs.items()}
        return replace(call, args=tuple(map(self._value, call.args)), kwargs=kwargs)

    def _value(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(self._value, value))
        if not isinstance(value, TensorSpec) or value.origin not in self.new:
            return value
        known = self._specs.setdefault(
            id(value), (value, replace(value, origin=self.new[value.origin]))
        )
        return known[1]
