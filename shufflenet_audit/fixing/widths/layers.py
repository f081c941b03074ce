"""Convolutions, linear layers and batch norms of the new network, as the modules they were."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import fx, nn

from shufflenet_audit.fixing.widths.blueprint import Blueprint
from shufflenet_audit.fixing.widths.relations.convolution import GROUPS

Layer = tuple[str, nn.Module, fx.Node]
"""The name of a module, the module, and the node that it is called with."""

_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
_NORMS = {2: nn.BatchNorm1d, 3: nn.BatchNorm1d, 4: nn.BatchNorm2d, 5: nn.BatchNorm3d}


def layer(node: fx.Node, args: Sequence[Any], plan: Blueprint) -> Layer | None:
    """The module that stands for a call, if all it reads but its input is what one module holds."""
    kind = str(node.target)
    if kind == "aten.convolution.default":
        return _convolution(args, plan)
    if kind == "aten.native_batch_norm.default" and _only_first(node):
        return _batch_norm(args, plan)
    if kind == "aten.addmm.default" and not node.kwargs:
        return _linear(args[1], args[2], args[0], plan)
    return _linear(args[0], args[1], None, plan) if kind == "aten.mm.default" else None


def _only_first(node: fx.Node) -> bool:
    return all(user.args[1:] == (0,) for user in node.users)


def _convolution(args: Sequence[Any], plan: Blueprint) -> Layer | None:
    x, weight, bias, stride, padding, dilation, transposed = args[:7]
    name = _holder({"weight": weight, "bias": bias}, plan)
    if name is None or transposed or not 1 <= len(stride) <= len(_CONVOLUTIONS):
        return None
    depth = plan.shape(weight)
    c_in = plan.shape(x)[1]
    module = _CONVOLUTIONS[len(stride) - 1](
        c_in,
        depth[0],
        depth[2:],  # type: ignore[arg-type]  # as many numbers as the kind has dimensions
        stride=tuple(stride),
        padding=tuple(padding),
        dilation=tuple(dilation),
        groups=c_in // depth[1] if depth[1] else args[GROUPS],
        bias=bias is not None,
    )
    _initialise(module, _dtype(weight, plan))
    return name, module, x


def _linear(x: fx.Node, weight: Any, bias: fx.Node | None, plan: Blueprint) -> Layer | None:
    if str(getattr(weight, "target", "")) != "aten.t.default":
        return None
    held = weight.args[0]
    name = _holder({"weight": held, "bias": bias}, plan)
    if name is None:
        return None
    c_out, c_in = plan.shape(held)
    module = nn.Linear(c_in, c_out, bias=bias is not None)
    _initialise(module, _dtype(held, plan))
    return name, module, x


def _batch_norm(args: Sequence[Any], plan: Blueprint) -> Layer | None:
    x, weight, bias, mean, variance, training, momentum, eps = args
    names = {"weight": weight, "bias": bias, "running_mean": mean, "running_var": variance}
    name = _holder(names, plan)
    rank = len(plan.shape(x))
    if name is None or training or weight is None or rank not in _NORMS:
        return None
    module = _NORMS[rank](plan.shape(weight)[0], eps=eps, momentum=momentum)
    return name, module.to(_dtype(weight, plan)), x


def _holder(held: dict[str, Any], plan: Blueprint) -> str | None:
    """The module that holds all of these under their usual names, and none that is not read."""
    names = set()
    for attribute, node in held.items():
        if node is None:
            continue
        if not isinstance(node, fx.Node) or node.op != "get_attr":
            return None
        path, _, last = str(node.target).rpartition(".")
        if last != attribute or not path:
            return None
        names.add(path)
    if len(names) != 1:
        return None
    (name,) = names
    unread = (attribute for attribute, node in held.items() if node is None)
    return None if any(f"{name}.{each}" in plan.recorded.held for each in unread) else name


def _dtype(node: fx.Node, plan: Blueprint) -> torch.dtype:
    return plan.recorded.held[str(node.target)].dtype


def _initialise(module: nn.Module, dtype: torch.dtype) -> None:
    """Kaiming's normal weights, biases of zero."""
    weight, bias = module.get_parameter("weight"), module._parameters.get("bias")  # noqa: SLF001  (None where there is none)
    nn.init.kaiming_normal_(weight, nonlinearity="relu")
    if bias is not None:
        nn.init.zeros_(bias)
    module.to(dtype)
