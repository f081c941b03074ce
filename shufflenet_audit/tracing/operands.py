"""The arguments of one call, in the forms that the graph, the kernel and the costs need."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import torch

from shufflenet_audit.tracing.tensor_table import TensorRecord, TensorTable


class Operands(NamedTuple):
    """The arguments of a call. All but `records` keep the arguments that are not tensors."""

    nodes: list[Any]
    """With a node for each tensor: for the graph."""
    tensors: list[Any]
    """With the tensor that the op runs on: for the kernel."""
    specs: list[Any]
    """With a spec for each tensor: for the cost handler."""
    layouts: list[Any]
    """With a layout for each tensor: for the shape rules."""
    records: list[TensorRecord]
    """The records of the tensors alone."""


def operands(arguments: Iterable[Any], table: TensorTable) -> Operands:
    """The operands of a call that gets these arguments."""
    nodes, tensors, specs, layouts, records = result = Operands([], [], [], [], [])
    for argument in arguments:
        if isinstance(argument, torch.Tensor):
            record = table.record(argument)
            nodes.append(table.node(record))
            tensors.append(table.operand(argument, record))
            specs.append(table.spec(record))
            layouts.append(record.layout)
            records.append(record)
        elif isinstance(argument, list | tuple):
            _append_list(argument, result, table)
        else:
            nodes.append(argument)
            tensors.append(argument)
            specs.append(argument)
            layouts.append(argument)
    return result


def _append_list(
    argument: list[Any] | tuple[Any, ...], result: Operands, table: TensorTable
) -> None:
    if not any(isinstance(part, torch.Tensor) for part in argument):
        result.nodes.append(argument)
        result.tensors.append(argument)
        result.specs.append(tuple(argument))
        result.layouts.append(tuple(argument))
        return
    nested = operands(argument, table)
    result.nodes.append(nested.nodes)
    result.tensors.append(nested.tensors)
    result.specs.append(tuple(nested.specs))
    result.layouts.append(tuple(nested.layouts))
    result.records.extend(nested.records)
