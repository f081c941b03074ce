"""What a trace leaves behind (nothing), and what it tells of each op."""

from __future__ import annotations

import gc
import random
import weakref
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from shufflenet_audit import CostGraph, Kind, trace
from shufflenet_audit.errors import TraceError
from shufflenet_audit.tracing.trace import traced

X = torch.ones(2, 4, 6, 6)


class Restless(nn.Module):
    """Changes all that it can reach while it runs, and raises if it is told to."""

    def __init__(self, *, raises: bool, looks: bool) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.cache = nn.Buffer(torch.zeros(2, 8))
        self.count = nn.Buffer(torch.zeros((), dtype=torch.int64))
        self.table = torch.zeros(8)
        self.seen: list[int] = []
        self.raises = raises
        self.looks = looks

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.cache[:, :4] = x.mean((2, 3))
        self.cache[:, 4:] = 1
        self.count.add_(1)
        self.table.add_(self.count)
        self.conv.weight.data.mul_(2)
        x.mul_(torch.rand(()))
        self.seen.append(1)
        self.last = x
        self.conv.register_forward_hook(lambda *_: None)
        x = self.norm(self.conv(x)) * torch.randn_like(x[..., :4, :4])
        if self.raises:
            raise ValueError("no more")
        return x if not self.looks or x.sum() > 0 else -x


def state(model: nn.Module) -> dict[str, Any]:
    """All that a trace could change, by value."""
    return {
        "tensors": {name: each.clone() for name, each in model.state_dict().items()},
        "identities": [id(each) for each in (*model.parameters(), *model.buffers())],
        "modes": [module.training for module in model.modules()],
        "attributes": [sorted(vars(module)) for module in model.modules()],
        "hooks": [len(module._forward_hooks) for module in model.modules()],
        "grads": [(each.requires_grad, each.grad) for each in model.parameters()],
        "torch": (
            torch.get_rng_state(),
            torch.is_grad_enabled(),
            torch.get_default_dtype(),
            torch.get_num_threads(),
            torch.backends.mha.get_fastpath_enabled(),
            torch.are_deterministic_algorithms_enabled(),
        ),
        "random": random.getstate(),
    }


@pytest.mark.parametrize("looks", [False, True], ids=["meta", "real"])
@pytest.mark.parametrize("raises", [False, True], ids=["returns", "raises"])
@pytest.mark.parametrize("training", [False, True], ids=["evaluation", "training"])
def test_nothing_is_left_behind(*, raises: bool, looks: bool, training: bool) -> None:
    model = Restless(raises=raises, looks=looks).train(training)
    before, given, table = state(model), X.clone(), model.table.clone()
    try:
        trace(model, given)
    except TraceError:
        assert raises
    after = state(model)
    assert str(after) == str(before)
    assert all(torch.equal(after["tensors"][n], held) for n, held in before["tensors"].items())
    assert torch.equal(after["torch"][0], before["torch"][0])
    assert torch.equal(given, X)
    assert torch.equal(model.table, table)
    assert model.seen == []


def test_two_runs_are_equal() -> None:
    model = nn.Sequential(nn.Conv2d(4, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout())
    assert trace(model, X) == trace(model, X)


def test_a_model_gives_the_same_graph_for_real_and_on_meta() -> None:
    with torch.device("meta"):
        sketch = nn.Sequential(nn.Conv2d(4, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
    real = nn.Sequential(nn.Conv2d(4, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
    assert trace(sketch, X) == trace(real, X)


def test_no_weight_is_allocated_or_kept() -> None:
    model = nn.Linear(4, 4)
    kept = weakref.ref(model)
    graph = trace(model, torch.ones(1, 4))
    del model
    gc.collect()
    assert kept() is None
    assert graph.total.macs == 16


def test_weights_are_never_copied() -> None:
    sizes: list[int] = []

    class Allocations(TorchDispatchMode):
        def __init__(self) -> None:
            super().__init__()  # type: ignore[no-untyped-call]  # PyTorch has not annotated it

        @classmethod
        def _should_skip_dynamo(cls) -> bool:
            return False

        def __torch_dispatch__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            result = func(*args, **(kwargs or {}))
            if isinstance(result, torch.Tensor) and not result.is_meta:
                sizes.append(result.numel())
            return result

    model = nn.Sequential(nn.Linear(64, 64), nn.Linear(64, 64))
    with Allocations():
        trace(model, torch.ones(1, 64))
    assert max(sizes, default=0) < 64 * 64


class Places(nn.Module):
    """A model of which each line is known."""

    def __init__(self) -> None:
        super().__init__()
        self.part = nn.Sequential(nn.Conv2d(4, 4, 3), nn.ReLU())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.part(x)  # line of the part
        return torch.softmax(x, 1)  # line of the softmax


def test_ops_know_their_module_their_class_and_the_users_line() -> None:
    conv, relu, softmax = trace(Places(), X)
    found = [(op.module, op.module_class) for op in (conv, relu, softmax)]
    assert found == [("part.0", "Conv2d"), ("part.1", "ReLU"), ("", "Places")]
    assert [
        op.source.text.partition("#")[2].strip() for op in (conv, relu, softmax) if op.source
    ] == [
        "line of the part",
        "line of the part",
        "line of the softmax",
    ]
    assert {op.source.file for op in (conv, relu, softmax) if op.source} == {
        "tests/tracing/test_trace.py"
    }


def parents(graph: CostGraph) -> dict[str, list[str]]:
    """For each op that is no view the ops and inputs whose results it reads."""
    return {op.name: list(op.parents) for op in graph if op.launched}


class Written(nn.Module):
    """Writes in place, through views and not."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x + 1
        y[:, 0].mul_(2)
        return y.exp()


def test_who_reads_after_a_write_through_a_view_reads_what_was_written() -> None:
    assert parents(trace(Written(), X)) == {"add": ["x"], "mul": ["select"], "exp": ["mul"]}


class Early(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x + 1
        part = y[:, :2]
        y.relu_()
        return part.exp()


def test_a_view_taken_before_a_write_shows_what_was_written() -> None:
    assert parents(trace(Early(), X))["exp"] == ["relu"]


class Broadcast(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x[:, :1].expand(2, 4, 6, 6) * 1.0 + x


def test_an_expanded_tensor_is_read_as_often_as_it_lies_in_memory() -> None:
    first, _ = (op for op in trace(Broadcast(), X) if op.launched)
    assert (first.reads, first.writes) == (2 * 1 * 6 * 6, 2 * 4 * 6 * 6)


def test_a_model_on_meta_that_needs_values_says_how_to_build_it() -> None:
    class Looks(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(4, 4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x if self.layer(x).sum() > 0 else -x

    with torch.device("meta"):
        model = Looks()
    with pytest.raises(TraceError, match="build it on the CPU"):
        trace(model, torch.ones(1, 4))
    run = traced(model, (torch.ones(1, 4),), {}, build=Looks)
    assert (run.on, run.graph.total.macs) == ("real", 16)


def test_every_op_is_in_one_of_three_states() -> None:
    graph = trace(nn.Sequential(nn.Conv2d(4, 4, 1), nn.Flatten(), nn.ReLU()), X)
    assert [op.kind for op in graph] == [Kind.POINTWISE_CONV, Kind.VIEW, Kind.ELEMENTWISE]


def test_a_transposed_weight_is_a_parameter_and_no_input() -> None:
    graph = trace(nn.Linear(6, 9), torch.zeros(2, 6))
    (linear,) = graph.of_kind(Kind.LINEAR)
    assert [tensor.shape for tensor in linear.inputs] == [(2, 6)]
    assert linear.parents == ("input",)
    assert set(linear.parameters) == {"weight", "bias"}
    assert (linear.reads, linear.writes) == (2 * 6 + 6 * 9 + 9, 2 * 9)


def test_an_input_is_called_what_the_model_calls_it() -> None:
    graph = trace(nn.Conv2d(4, 8, 1), X)
    assert [each.name for each in graph.inputs] == ["input"]
    assert graph.ops[0].parents == ("input",)
