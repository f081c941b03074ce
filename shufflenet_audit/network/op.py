"""One op of a network: what it is, where it comes from, what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from shufflenet_audit.network.cost import (
    Convolution,
    Cost,
    Traffic,
)
from shufflenet_audit.network.kind import CONVOLUTIONS, Category, Kind
from shufflenet_audit.network.tensor import Tensor
from shufflenet_audit.structure.hints import Count, Derived, DerivedIfKnown, Inline

MODEL_ITSELF: Final = "the model itself"
"""Said instead of a path where an op runs in no submodule of the model."""


@dataclass(frozen=True, slots=True)
class Source:
    """A line of the user's code."""

    file: str
    """Path of the file, relative to the working folder if it lies in it."""
    line: Count
    """Number of the line, from 1."""
    text: str = ""
    """The text of the line; empty if it could not be read."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Op:
    """One node of the graph: one kernel as the framework runs it, or a view that runs none."""

    name: str
    """Its name in the graph, unique in the network."""
    target: str
    """What it calls, with the overload, as in `aten.relu_.default` or `onnx.Conv`."""
    module: str
    """Path of the module that runs it, as in `named_modules()`; empty for the model itself."""
    module_class: str
    """Class of that module, as in `Conv2d`."""
    source: Source | None
    """The line of the user's code that runs it; None if it is not known."""
    inputs: tuple[Tensor, ...]
    """The activations that it reads: results of other ops and inputs of the model."""
    outputs: tuple[Tensor, ...]
    """The tensors that it returns."""
    parents: tuple[str, ...]
    """For each of `inputs`, the name of the op or model input that produced it."""
    parameters: tuple[str, ...]
    """Names of the parameters that it reads."""
    params: Count
    """Elements of the parameters that it reads."""
    cost: Annotated[Cost | None, Inline(unless="macs")]
    """What it costs when it runs alone. None means unknown, which is not zero."""
    fused: Traffic | None = None
    """What it still moves in an inference runtime, see `network/fusion.py`; None for a view."""
    error: str = ""
    """Why the cost is unknown, if a cost handler failed."""
    defined: Source | None = None
    """The line that built the layer, if the op is a layer of PyTorch's own."""

    @property
    def line(self) -> Source | None:
        """The line to change: the one that built its layer, otherwise the one that runs it."""
        return self.defined or self.source

    def where(self) -> str:
        """The path of its module, or `the model itself`: for sentences."""
        return self.module or MODEL_ITSELF

    @property
    def operator(self) -> str:
        """Its operator alone, as in `relu` for `aten.relu_.default`."""
        _, _, name = self.target.partition(".")
        return name.partition(".")[0].strip("_")

    @property
    def output(self) -> Tensor:
        """Its first output. Raises IndexError for an op without outputs."""
        return self.outputs[0]

    @property
    def kind(self) -> Kind:
        """What it is to the guidelines; `unknown` if its cost is unknown."""
        return self.cost.kind if self.cost else Kind.UNKNOWN

    @property
    def category(self) -> Derived[Category]:
        """The paper's time category."""
        return self.kind.category

    @property
    def known(self) -> bool:
        """Whether its cost is known."""
        return self.cost is not None

    @property
    def launched(self) -> bool:
        """Whether it runs a kernel: all ops but views do."""
        return self.kind is not Kind.VIEW

    @property
    def macs(self) -> int:
        """Multiply–accumulates. This and all costs below raise LookupError for an unknown op."""
        return self._known_cost.macs

    @property
    def elementwise(self) -> int:
        """Operations beside the multiply–accumulates, such as bias, activation and pooling."""
        return self._known_cost.elementwise

    @property
    def reads(self) -> int:
        """Elements it reads: activations and weights, each once."""
        return self._known_cost.traffic.reads

    @property
    def writes(self) -> int:
        """Elements it writes."""
        return self._known_cost.traffic.writes

    @property
    def memory_access(self) -> DerivedIfKnown[Count]:
        """Elements it reads and writes when it runs alone."""
        return self._known_cost.traffic.memory_access

    @property
    def memory_access_fused(self) -> DerivedIfKnown[Count]:
        """Elements it still reads and writes in an inference runtime."""
        return (self.fused or self._known_cost.traffic).memory_access

    @property
    def bytes(self) -> int:
        """Bytes it reads and writes when it runs alone."""
        return self._known_cost.traffic.bytes

    @property
    def bytes_fused(self) -> int:
        """Bytes it still reads and writes in an inference runtime."""
        return (self.fused or self._known_cost.traffic).bytes

    @property
    def element_size(self) -> float:
        """Mean size of the elements that it moves, in bytes."""
        return self.bytes / self.memory_access if self.memory_access else 0.0

    @property
    def intensity(self) -> DerivedIfKnown[float]:
        """Arithmetic intensity: multiply–accumulates per byte moved when it runs alone."""
        return self.macs / self.bytes if self.bytes else 0.0

    @property
    def convolution(self) -> Convolution | None:
        """Its shape, if it is a convolution or a linear layer."""
        return self.cost.convolution if self.cost else None

    @property
    def foldable(self) -> bool:
        """Whether a runtime folds it into the weights of the convolution before it."""
        return self.cost.foldable if self.cost else False

    @property
    def fragments(self) -> int:
        """Its convolutions and poolings: g for a convolution with g groups, 1 if depthwise."""
        if self.kind is Kind.POOLING or self.kind is Kind.DEPTHWISE_CONV:
            return 1
        if self.kind in CONVOLUTIONS and self.convolution:
            return self.convolution.groups
        return 0

    @property
    def _known_cost(self) -> Cost:
        if self.cost is None:
            message = f"the cost of {self.name} ({self.target}) is not known"
            raise LookupError(message)
        return self.cost
