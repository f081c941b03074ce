"""What a latency backend is: it prepares a traced model so that the engine can time it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.kind import Kind

if TYPE_CHECKING:  # importing torch takes seconds, and `audit --help` must not wait for it
    import torch

Clock = Callable[[], int]
"""Nanoseconds since some moment."""


@dataclass(frozen=True, slots=True)
class Settings:
    """
    How a latency is measured.

    Measuring ends after `rounds` repetitions, or earlier when it has taken `seconds`; `warmup`
    repetitions before it are thrown away. A `batch` of None leaves the inputs as they are.
    """

    device: str = "cpu"
    threads: int = 1
    batch: int | None = None
    dtype: str = "float32"
    layout: str = "nchw"
    warmup: int = 3
    rounds: int = 51
    seconds: float = 8.0


DEFAULTS: Final = Settings()


@dataclass(frozen=True, slots=True)
class Task:
    """
    A traced model with real tensors: what a backend is to run.

    `nodes` is the recorded `torch.fx.Graph`. Its nodes have the names of the ops of `graph`; its
    placeholders stand for `leaves`, and its `get_attr` nodes for `attributes`. `overhead` is what
    one reading of the `clock` costs, in nanoseconds: it is to be taken off.
    """

    model: torch.nn.Module
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    graph: CostGraph
    nodes: torch.fx.Graph
    leaves: tuple[torch.Tensor, ...]
    attributes: Mapping[str, torch.Tensor]
    settings: Settings
    clock: Clock
    overhead: float


@dataclass(frozen=True, slots=True)
class Kernel:
    """
    What a backend ran as one: its ops, and how long it took in each instrumented run.

    One that no op asked for (a layout reorder) has no `ops`, and is of kind `data`.
    """

    ops: tuple[str, ...]
    label: str
    kind: Kind
    seconds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """
    A model that is ready to be timed.

    `whole` runs it as a user would, `instrumented` runs it and keeps the time of each kernel.
    When all runs are done, `kernels` tells what was kept. `versions` are pairs such as
    ("onnxruntime", "1.23").
    """

    whole: Callable[[], object]
    instrumented: Callable[[], object]
    kernels: Callable[[], Sequence[Kernel]]
    versions: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


Prepare = Callable[[Task], Session]


@dataclass(frozen=True, slots=True)
class Exported:
    """A model in a file for a runtime, and the op that each of its nodes and values came from."""

    model: bytes
    origins: Mapping[str, str]


Export = Callable[[Task], Exported]


@dataclass(frozen=True, slots=True)
class Backend:
    """
    A runtime that models are timed on.

    `requires` names the modules that it imports, `devices` and `dtypes` what it runs. `export`
    gives the file that it runs, if it runs one: then it can be run and profiled elsewhere.
    """

    name: str
    prepare: Prepare
    requires: tuple[str, ...] = ()
    devices: tuple[str, ...] = ("cpu",)
    dtypes: tuple[str, ...] = ("float32",)
    export: Export | None = None

    @property
    def summary(self) -> str:
        """The first line of its documentation."""
        return (inspect.getdoc(self.prepare) or "").partition("\n")[0]


def backend(
    name: str, *, export: Export | None = None, **what_it_takes: tuple[str, ...]
) -> Callable[[Prepare], Backend]:
    """Make a backend of a function that prepares a task: `requires`, `devices`, `dtypes`."""
    return lambda prepare: Backend(name, prepare, export=export, **what_it_takes)
