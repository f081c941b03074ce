"""Which module refused its input, and which shape would have fit."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import nn


class _Wanted(NamedTuple):
    """The channels that a module takes, in which dimension, and of how many (0: any number)."""

    channels: int
    at: int
    rank: int


def refusal(error: BaseException, model: nn.Module) -> str:
    """That the module in which an exception was raised wants another shape; empty if unknown."""
    paths = {id(module): path for path, module in model.named_modules()}
    for module, x in reversed(list(_running(error))):
        wanted = _wanted(module)
        if wanted is None or id(module) not in paths:
            continue
        name = f"{paths[id(module)] or 'the model'} ({type(module).__name__})"
        return _said(name, x, wanted)
    return ""


def _running(error: BaseException) -> Iterator[tuple[nn.Module, torch.Tensor]]:
    """The modules that were running when an exception was raised, each with its first tensor."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        held = frame.f_locals
        module = held.get("self")
        names = frame.f_code.co_varnames[1 : frame.f_code.co_argcount]
        if isinstance(module, nn.Module) and frame.f_code.co_name == "forward":
            tensors = (held[n] for n in names if isinstance(held.get(n), torch.Tensor))
            yield from ((module, x) for x in list(tensors)[:1])


def _wanted(module: Any) -> _Wanted | None:
    if isinstance(module, nn.modules.conv._ConvNd):  # noqa: SLF001  (the only common base)
        return _Wanted(module.in_channels, 1, len(module.kernel_size) + 2)
    if isinstance(module, nn.Linear):
        return _Wanted(module.in_features, -1, 0)
    if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d):
        return _Wanted(module.num_features, 1, 0)
    return None


def _said(name: str, x: torch.Tensor, wanted: _Wanted) -> str:
    channels, at, rank = wanted
    shape = list(x.shape)
    given = _spelled(shape)
    if rank and len(shape) not in {rank, rank - 1}:
        places = _spelled([1, channels, *shape[-(rank - 2) :]])
        return f"{name} takes {channels} channels in {rank} dimensions, as {places}; got {given}"
    dimension = at - (len(shape) == rank - 1) if at > 0 else at
    if shape[dimension] == channels:
        return ""
    shape[dimension] = channels
    return f"{name} takes {channels} channels: {_spelled(shape)} would fit, {given} does not"


def _spelled(shape: list[int]) -> str:
    return "x".join(map(str, shape)) or "a single number"
