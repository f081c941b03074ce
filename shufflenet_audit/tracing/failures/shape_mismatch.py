"""Finds the module that refused its input, and the shape that would fit."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import nn


class _Expected(NamedTuple):
    """The input shape that a module takes."""

    channels: int
    """Its size in the dimension of the channels."""
    dim: int
    """The dimension of the channels."""
    rank: int
    """The number of dimensions with the batch; 0 for any number."""


def shape_mismatch(error: BaseException, model: nn.Module) -> str:
    """A sentence on the shape that the module that raised takes; empty if that is not the cause."""
    paths = {id(module): path for path, module in model.named_modules()}
    for module, x in reversed(list(_running_modules(error))):
        expected = _expected(module)
        if expected is None or id(module) not in paths:
            continue
        name = f"{paths[id(module)] or 'the model'} ({type(module).__name__})"
        return _sentence(name, x, expected)
    return ""


def _running_modules(error: BaseException) -> Iterator[tuple[nn.Module, torch.Tensor]]:
    """The modules that were running when an exception was raised, each with its first tensor."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        variables = frame.f_locals
        module = variables.get("self")
        names = frame.f_code.co_varnames[1 : frame.f_code.co_argcount]
        if isinstance(module, nn.Module) and frame.f_code.co_name == "forward":
            tensors = (variables[n] for n in names if isinstance(variables.get(n), torch.Tensor))
            yield from ((module, x) for x in list(tensors)[:1])


def _expected(module: Any) -> _Expected | None:
    if isinstance(module, nn.modules.conv._ConvNd):  # noqa: SLF001  (the only common base)
        return _Expected(module.in_channels, 1, len(module.kernel_size) + 2)
    if isinstance(module, nn.Linear):
        return _Expected(module.in_features, -1, 0)
    if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d):
        return _Expected(module.num_features, 1, 0)
    return None


def _sentence(name: str, x: torch.Tensor, expected: _Expected) -> str:
    channels, dim, rank = expected
    shape = list(x.shape)
    given = _shown(shape)
    if rank and len(shape) not in {rank, rank - 1}:
        example = _shown([1, channels, *shape[-(rank - 2) :]])
        return f"{name} takes {channels} channels in {rank} dimensions, as {example}; got {given}"
    if dim > 0 and len(shape) == rank - 1:
        dim -= 1  # there is no batch
    if shape[dim] == channels:
        return ""
    shape[dim] = channels
    return f"{name} takes {channels} channels: {_shown(shape)} would fit, {given} does not"


def _shown(shape: list[int]) -> str:
    return "x".join(map(str, shape)) or "a single number"
