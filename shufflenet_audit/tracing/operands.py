"""The arguments of one call, as each that takes part in recording it needs them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import torch

from shufflenet_audit.tracing.values import Memory, Value


class Operands(NamedTuple):
    """Arguments for the graph, for the kernel, for the cost handler; layouts; and the values."""

    nodes: list[Any]
    run: list[Any]
    seen: list[Any]
    layouts: list[Any]
    values: list[Value]


def operands(arguments: Iterable[Any], memory: Memory) -> Operands:
    """The arguments, with what is known of each tensor in place of it."""
    nodes, run, seen, layouts, values = read = Operands([], [], [], [], [])
    for argument in arguments:
        if isinstance(argument, torch.Tensor):
            value = memory.value(argument)
            nodes.append(memory.node(value))
            run.append(memory.run(argument, value))
            seen.append(memory.spec(value))
            layouts.append(value.layout)
            values.append(value)
        elif isinstance(argument, list | tuple):
            _append_list(argument, read, memory)
        else:
            nodes.append(argument)
            run.append(argument)
            seen.append(argument)
            layouts.append(argument)
    return read


def _append_list(argument: list[Any] | tuple[Any, ...], read: Operands, memory: Memory) -> None:
    if not any(isinstance(each, torch.Tensor) for each in argument):
        read.nodes.append(argument)
        read.run.append(argument)
        read.seen.append(tuple(argument))
        read.layouts.append(tuple(argument))
        return
    nested = operands(argument, memory)
    read.nodes.append(nested.nodes)
    read.run.append(nested.run)
    read.seen.append(tuple(nested.seen))
    read.layouts.append(tuple(nested.layouts))
    read.values.extend(nested.values)
