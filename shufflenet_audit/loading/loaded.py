"""A model as it is after loading: a module with inputs, or a graph that was read from a file."""

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
    """A model and example inputs to run it on."""

    name: str
    """The model as the user typed it, with its arguments."""
    model: torch.nn.Module
    """The model, on meta if it could be built there."""
    args: tuple[Any, ...]
    """Positional arguments of `forward`; tensors that nobody gave are on meta."""
    kwargs: Mapping[str, Any]
    """Keyword arguments of `forward`."""
    build: Callable[[], torch.nn.Module] | None = None
    """Builds the model again with real weights; None if `model` has them already."""
    assumptions: tuple[str, ...] = ()
    """Sentences on what the user did not say, such as the shape of the input."""
    context: Callable[[], AbstractContextManager[None]] = nullcontext
    """Build and run the model inside this, so that its code can import the files beside it."""
    costs: tuple[CustomCost, ...] = ()
    """Costs of ops and modules that the user's code defines."""
    lines: Mapping[str, Source] = field(default_factory=dict)
    """The line that built each module, by the path of the module."""


@dataclass(frozen=True, slots=True)
class LoadedGraph:
    """A model that was read as a graph, and cannot be run."""

    name: str
    """The model as the user typed it."""
    class_name: str
    """What a report shows in place of a class, as in `ONNX graph`."""
    calls: Calls
    """Its nodes, to be costed."""
    read_as: str
    """The format of the file, as in `onnx`."""
    assumptions: tuple[str, ...] = ()
    """Sentences on what the file does not say, such as the size of a free dimension."""
    costs: tuple[CustomCost, ...] = ()
    """Costs of ops that the user's code defines."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """The name of the op that makes each tensor, by the tensor's name in the file."""
