"""A model that is ready to be run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shufflenet_audit.costs.custom import CustomCost
from shufflenet_audit.network.graph import CostGraph
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
    """
    A model that is a graph already, and cannot be run.

    `graph` costs it: what the custom costs it is given are for costs what they say. `read_as` is
    the form in which it came. `origins` has the op of each tensor, by its name there.
    """

    name: str
    class_name: str
    graph: Callable[[Iterable[CustomCost]], CostGraph]
    read_as: str
    assumptions: tuple[str, ...] = ()
    costs: tuple[CustomCost, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)
