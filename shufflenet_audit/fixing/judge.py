"""Runs the original and a rewritten program, and says whether the one may replace the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any, Final

import torch
from torch.utils._pytree import tree_leaves, tree_map_only

from shufflenet_audit.costs.ops import cost_graph
from shufflenet_audit.fixing.capture import Capture
from shufflenet_audit.fixing.capture.batch import batch_of, rows
from shufflenet_audit.fixing.comparison import Difference, Outputs, difference, tensors
from shufflenet_audit.fixing.fixed import Check
from shufflenet_audit.fixing.module import graph_module
from shufflenet_audit.fixing.precision import rounded
from shufflenet_audit.fixing.program import Program
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.kind import CONVOLUTIONS, Kind
from shufflenet_audit.tracing.trace import traced

TOLERANCE_WIDE: Final = 1e-9
"""In float64 a sum in another order differs by 1e-12 or so after a hundred layers."""
TOLERANCES: Final = {torch.float64: 1e-9, torch.float32: 1e-4}
"""In float32 it differs by 1e-6 after a few layers, by 1e-5 after a hundred."""
_TOLERANCE_NARROW: Final = 2e-2
"""bfloat16 has 8 bits: 0.4 % in each number."""
_RANDOM_INPUTS: Final = 3
_EXTRA_ROWS: Final = 1
"""The second batch size is that many more than the first."""


class Judge:
    """Knows what the original gives for each input, and what it costs."""

    def __init__(self, capture: Capture) -> None:
        self.capture = capture
        self.inputs = tuple(_inputs(capture))
        self.result = _run(capture.model, self.inputs[0])
        self._wide = capture.widened
        self._costed: tuple[Program, CostGraph] | None = None
        self._expected = _expected(capture, self.inputs, wide=self._wide)

    def objection(self, program: Program) -> str:
        """Why a program cannot replace the original, as far as two inputs can tell; or nothing."""
        module = graph_module(program)
        for at in sorted({0, len(self.inputs) - 1}):
            reason = self._apart(module, at)
            if reason:
                return reason
        return self._dearer(program)

    def _apart(self, module: torch.nn.Module, at: int) -> str:
        """Why the outputs for an input are not those of the original, or nothing."""
        try:
            found = _outputs(module, _flat(self._in_precision(self.inputs[at])))
        except Exception as error:  # noqa: BLE001  (a wrong rewrite can raise anything)
            said = " ".join(str(error).split())[:200]
            return f"it raises {type(error).__name__}: {said}"
        apart = difference(self._expected[at], found).relative
        if apart <= self._tolerance:
            return ""
        return f"outputs differ by {apart:.1e}, and {self._tolerance:.0e} is allowed"

    def check(self, module: torch.nn.Module, program: Program) -> Check:
        """How the outputs compare on all inputs, in float64 (the program) and as it is (module)."""
        wide: Difference | None = None
        if self._wide:
            wide_module, wide = graph_module(program), Difference()
            for given, expected in zip(self.inputs, self._expected, strict=True):
                wide |= difference(
                    expected, _outputs(wide_module, _flat(self._in_precision(given)))
                )
        plain = Difference()
        for given in self.inputs:
            plain |= difference(_outputs(self.capture.model, given), _outputs(module, _flat(given)))
        return Check(
            inputs=len(self.inputs),
            batches=tuple(dict.fromkeys(filter(None, map(batch_of, map(_leaves, self.inputs))))),
            relative=plain.relative,
            absolute=plain.absolute,
            tolerance=TOLERANCES.get(_kind(self.capture), _TOLERANCE_NARROW),
            relative_wide=wide.relative if wide else None,
            tolerance_wide=TOLERANCE_WIDE,
            note=self.capture.fixed_batch and f"one batch size: {self.capture.fixed_batch}",
        )

    def cost(self, program: Program) -> CostGraph:
        """What a program costs, traced anew."""
        if self._costed is None or self._costed[0] is not program:
            module = graph_module(self._plain(program))
            run = traced(module, self.capture.leaves, {})
            self._costed = (program, cost_graph(run.calls))
        return self._costed[1]

    def _plain(self, program: Program) -> Program:
        return rounded(program) if self._wide else program

    def _dearer(self, program: Program) -> str:
        before, after = self.capture.graph.total, self.cost(program)
        if after.total.macs > before.macs:
            return f"{after.total.macs - before.macs:,} multiply–adds more"
        more = _moved(after) - _moved(self.capture.graph)
        return f"{more:,} elements more moved in an inference runtime" if more > 0 else ""

    @property
    def _tolerance(self) -> float:
        return TOLERANCE_WIDE if self._wide else TOLERANCES.get(_kind(self.capture), 2e-2)

    def _in_precision(self, given: Any) -> Any:
        return _wide(given) if self._wide else given


def _moved(graph: CostGraph) -> int:
    """
    Elements moved in an inference runtime, without the biases of convolutions and linear layers.

    A batch norm that is folded leaves a bias behind, which the fused count does not know of while
    the norm is still there.
    """
    weighted = (*CONVOLUTIONS, Kind.LINEAR)
    biases = sum(
        op.convolution.c_out for op in graph.of_kind(*weighted) if op.convolution and op.elementwise
    )
    return graph.total.memory_access_fused - biases


def _inputs(capture: Capture) -> Iterator[Any]:
    """The inputs that were given, random ones like them, and as many as another batch size."""
    given = (capture.args, dict(capture.kwargs))
    generator = torch.Generator().manual_seed(0)
    given = tree_map_only(torch.Tensor, lambda each: _random(each, generator), given)
    yield (capture.args, dict(capture.kwargs))
    for _ in range(_RANDOM_INPUTS):
        yield tree_map_only(torch.Tensor, lambda each: _random(each, generator), given)
    batch = batch_of(capture.leaves)
    if batch and not capture.fixed_batch:
        more = rows(given, batch + _EXTRA_ROWS)
        yield tree_map_only(torch.Tensor, lambda each: _random(each, generator), more)


def _random(tensor: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """A tensor like this one: normal numbers, or its own whole numbers in another order."""
    if tensor.is_floating_point():
        return torch.randn(tensor.shape, generator=generator).to(tensor)
    order = torch.randperm(tensor.numel(), generator=generator)
    return tensor.flatten()[order.to(tensor.device)].reshape(tensor.shape)


def _expected(capture: Capture, inputs: Sequence[Any], *, wide: bool) -> list[Outputs]:
    """What the original gives, in float64 if that is the precision to compare in."""
    if not wide:
        return [_outputs(capture.model, given) for given in inputs]
    captured = graph_module(capture.program)
    first = _outputs(captured, _flat(_wide(inputs[0])))
    try:
        model = deepcopy(capture.model).double()
        if difference(_outputs(model, _wide(inputs[0])), first).relative <= TOLERANCE_WIDE:
            return [_outputs(model, _wide(given)) for given in inputs]
    except Exception:  # noqa: BLE001  (a model may raise anything where it insists on float32)
        pass
    # The model rounds to float32 somewhere by name. The program that was captured of it does not,
    # and the check in float32 says whether it is the same.
    return [_outputs(captured, _flat(_wide(given))) for given in inputs]


def _outputs(model: torch.nn.Module, given: Any) -> Outputs:
    return tuple(tensors(_run(model, given)))


def _run(model: torch.nn.Module, given: Any) -> Any:
    """What a model returns in evaluation mode."""
    args, kwargs = given
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=()):
            return model(*args, **kwargs)
    finally:
        for module, training in modes:
            module.training = training


def _leaves(given: Any) -> list[torch.Tensor]:
    return [leaf for leaf in tree_leaves(given) if isinstance(leaf, torch.Tensor)]


def _flat(given: Any) -> Any:
    """The inputs of a rewritten program: the tensors, one by one."""
    return _leaves(given), {}


def _wide(given: Any) -> Any:
    return tree_map_only(
        torch.Tensor, lambda each: each.double() if each.is_floating_point() else each, given
    )


def _kind(capture: Capture) -> torch.dtype:
    """The type of the model's own floating-point numbers."""
    own = [*capture.model.parameters(), *capture.model.buffers(), *capture.leaves]
    return next((each.dtype for each in own if each.is_floating_point()), torch.float32)
