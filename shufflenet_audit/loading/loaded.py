"""A model that is ready to be run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shufflenet_audit.costs.custom import CustomCost
from shufflenet_audit.network.calls import Calls
from shufflenet_audit.network.op import Source

if TYPE_CHECKING:  # importing torch takes seconds, and `audit --help` must not wait for it
    import torch


@dataclass(frozen=True, slots=True)
class Loaded:
    """
    A model and example inputs to run it on.

    `build` makes it again with real weights, where it was built on meta. `assumptions` are
    sentences about what the user did not say, such as the shape of the input. Build and run it
    within `context()`: it lets the user's code import the files beside it. `costs` are those that
    the user's code brings with it, `lines` those that built the modules, by their paths.
    """

    name: str
    model: torch.nn.Module
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    build: Callable[[], torch.nn.Module] | None = None
    assumptions: tuple[str, ...] = ()
    context: Callable[[], AbstractContextManager[None]] = nullcontext
    costs: tuple[CustomCost, ...] = ()
    lines: Mapping[str, Source] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LoadedGraph:
    """A model that is a graph already, and cannot be run."""

    name: str
    """What the user called it."""
    class_name: str
    """What stands in the place of the class of a module, as in "ONNX graph"."""
    calls: Calls
    """Its nodes, to be costed."""
    read_as: str
    """The form in which it came, as in "onnx"."""
    assumptions: tuple[str, ...] = ()
    """Sentences about what the user did not say."""
    costs: tuple[CustomCost, ...] = ()
    """Costs that the user's code brings with it."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """The op of each tensor, by the name that the file gives the tensor."""
