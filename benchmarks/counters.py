"""The counters that are compared, each as a function from a model and its inputs to a number."""

# ruff: noqa: PLC0415  (a tool is imported where it is used: it may not be there)
from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from io import StringIO
from typing import Any, Final

import torch
from torch import nn

from shufflenet_audit import trace

Inputs = Sequence[Any]


class Packed(nn.Module):
    """A model that takes all its inputs as one, for tools that give it only one."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, inputs: Inputs) -> Any:  # noqa: D102  (PyTorch's own name for it)
        return self.model(*inputs)


def ours(model: nn.Module, inputs: Inputs) -> float:
    return trace(model, *inputs).total.macs


def flop_counter_mode(model: nn.Module, inputs: Inputs) -> float:
    from torch.utils.flop_counter import FlopCounterMode

    mode = FlopCounterMode(display=False)
    with mode:
        model(*inputs)
    return mode.get_total_flops()


def fvcore(model: nn.Module, inputs: Inputs) -> float:
    from fvcore.nn import FlopCountAnalysis

    analysis = FlopCountAnalysis(model, tuple(inputs)).tracer_warnings("none")
    analysis.unsupported_ops_warnings(enabled=False).uncalled_modules_warnings(enabled=False)
    return float(analysis.total())


def ptflops(model: nn.Module, inputs: Inputs) -> float:
    return _ptflops(model, inputs, "pytorch")


def ptflops_aten(model: nn.Module, inputs: Inputs) -> float:
    return _ptflops(model, inputs, "aten")


def _ptflops(model: nn.Module, inputs: Inputs, backend: str) -> float:
    from ptflops import get_model_complexity_info

    counted, _ = get_model_complexity_info(
        Packed(model), (1,), as_strings=False, print_per_layer_stat=False, ost=StringIO(),
        backend=backend, input_constructor=lambda _: list(inputs),
    )  # fmt: skip
    if counted is None:
        message = "it says that the estimation was not finished"
        raise RuntimeError(message)
    return float(counted)


def thop(model: nn.Module, inputs: Inputs) -> float:
    import thop

    return float(thop.profile(model, inputs=tuple(inputs), verbose=False)[0])


def torchinfo(model: nn.Module, inputs: Inputs) -> float:
    from torchinfo import summary

    return summary(model, input_data=list(inputs), verbose=0).total_mult_adds


def calflops(model: nn.Module, inputs: Inputs) -> float:
    from calflops import calculate_flops

    counts = calculate_flops(
        model, args=list(inputs), print_results=False, output_as_string=False
    )  # FLOPs, MACs, parameters
    return float(counts[1])


def torchprofile(model: nn.Module, inputs: Inputs) -> float:
    from torchprofile import profile_macs

    return profile_macs(model, tuple(inputs))


@dataclass(frozen=True, slots=True)
class Counter:
    """A tool, what it is installed as, and how many of its units are one multiply–add."""

    name: str
    count: Callable[[nn.Module, Inputs], float]
    distribution: str
    per_mac: int = 1

    @property
    def version(self) -> str | None:
        """The version that is installed, if any."""
        try:
            return version(self.distribution)
        except PackageNotFoundError:
            return None

    def printed(self, model: nn.Module, inputs: Inputs) -> float:
        """What it gives for this model in evaluation mode, in its own unit."""
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            return self.count(model.eval(), inputs)


COUNTERS: Final = (
    Counter("ours", ours, "shufflenet-audit"),
    Counter("FlopCounterMode", flop_counter_mode, "torch", per_mac=2),
    Counter("fvcore", fvcore, "fvcore"),
    Counter("ptflops", ptflops, "ptflops"),
    Counter("ptflops (aten)", ptflops_aten, "ptflops"),
    Counter("thop", thop, "thop"),
    Counter("torchinfo", torchinfo, "torchinfo"),
    Counter("calflops", calflops, "calflops"),
    Counter("torchprofile", torchprofile, "torchprofile"),
)
