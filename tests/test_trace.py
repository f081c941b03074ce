"""What a trace leaves behind (nothing), what it tells of each op, and that it can run again."""

from __future__ import annotations

import gc
import random
import re
import weakref
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from shufflenet_audit import CostGraph, Kind, trace
from shufflenet_audit.errors import TraceError
from shufflenet_audit.trace.foretold import foretold
from shufflenet_audit.trace.layout import Layout, layout_of
from shufflenet_audit.trace.record import Recording, record
from shufflenet_audit.trace.run import traced

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
    assert {op.source.file for op in (conv, relu, softmax) if op.source} == {"tests/test_trace.py"}


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


def resolved(model: nn.Module, recording: Recording) -> dict[str, torch.Tensor]:
    return {
        **dict(model.named_parameters()),
        **dict(model.named_buffers()),
        **recording.constants,
    }


def replayed(model: nn.Module, recording: Recording, inputs: Sequence[torch.Tensor]) -> Any:
    """The result of running the recorded nodes on real tensors."""
    held, left = resolved(model, recording), iter(inputs)
    values: dict[torch.fx.Node, Any] = {}
    for node in recording.graph.nodes:
        args, kwargs = torch.fx.node.map_arg((node.args, node.kwargs), values.__getitem__)
        if node.op == "placeholder":
            values[node] = next(left)
        elif node.op == "get_attr":
            values[node] = held[node.target]
        elif node.op == "output":
            return args[0]
        else:
            values[node] = node.target(*args, **kwargs)
    raise AssertionError("a graph ends with its output")


NETWORKS = (
    ("alexnet", (1, 3, 64, 64)),
    ("convnext_tiny", (1, 3, 32, 32)),
    ("densenet121", (1, 3, 32, 32)),
    ("efficientnet_b0", (1, 3, 32, 32)),
    ("googlenet", (1, 3, 64, 64)),
    ("maxvit_t", (1, 3, 224, 224)),
    ("mobilenet_v3_small", (2, 3, 32, 32)),
    ("regnet_y_400mf", (1, 3, 32, 32)),
    ("resnet18", (1, 3, 32, 32)),
    ("shufflenet_v2_x0_5", (1, 3, 64, 64)),
    ("swin3d_t", (1, 3, 8, 64, 64)),
    ("swin_v2_t", (1, 3, 64, 64)),
    ("vit_b_32", (1, 3, 224, 224)),
)


@pytest.mark.parametrize(("name", "shape"), NETWORKS, ids=[name for name, _ in NETWORKS])
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_the_recorded_graph_gives_what_the_network_gives(name: str, shape: tuple[int, ...]) -> None:
    models = pytest.importorskip("torchvision.models")
    torch.manual_seed(0)
    model = models.get_model(name, weights=None).eval()
    x = torch.rand(shape)
    recording = record(model, (x,), {}, meta=True)
    with torch.no_grad():
        (found,) = replayed(model, recording, (x,))
        torch.testing.assert_close(found, model(x))


class Everything(nn.Module):
    """Constants, creations on the device of the input, buffers, writes, several results."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Buffer(torch.tensor([2.0, 3.0]))
        self.layer = nn.Linear(6, 5)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        places = torch.arange(x.shape[-1], device=x.device, dtype=x.dtype)
        room = torch.zeros(x.shape[0], 2, device=x.device)
        room[:, 0] = x.mean((1, 2, 3))
        low, high = (x * places).chunk(2, dim=1)
        values, indices = low.flatten(2).topk(2)
        return room * self.scale + torch.tensor(1.0), values, indices, self.layer(high)


@pytest.mark.parametrize("meta", [False, True], ids=["real", "meta"])
def test_a_graph_with_constants_and_writes_runs_again(*, meta: bool) -> None:
    torch.manual_seed(0)
    model, x = Everything().eval(), torch.rand(2, 4, 6, 6)
    recording = record(model, (x,), {}, meta=meta)
    with torch.no_grad():
        torch.testing.assert_close(replayed(model, recording, (x,)), model(x))


class Convolution(NamedTuple):
    weight: tuple[int, ...]
    stride: tuple[int, int]
    padding: tuple[int, int]
    dilation: tuple[int, int]


CONVOLUTIONS = [
    Convolution(weight, *rest)
    for weight in ((8, 4, 3, 3), (8, 4, 1, 1), (8, 2, 3, 3), (4, 1, 3, 5))
    for rest in (((1, 1), (0, 0), (1, 1)), ((2, 1), (1, 2), (1, 2)))
]


@pytest.mark.parametrize("case", CONVOLUTIONS, ids=str)
@pytest.mark.parametrize("order", [torch.contiguous_format, torch.channels_last])
def test_a_foretold_convolution_is_laid_out_as_the_real_one(case: Convolution, order: Any) -> None:
    x = torch.ones(2, 4, 9, 11).contiguous(memory_format=order)
    w, groups = torch.ones(case.weight), 4 // case.weight[1]
    args = (None, case.stride, case.padding, case.dilation, False, (0, 0), groups)
    real = torch.ops.aten.convolution.default(x, w, *args)
    outcome = foretold(torch.ops.aten.convolution.default, (layout_of(x), layout_of(w), *args))
    assert outcome == (None, (layout_of(real),))


def test_a_convolution_that_does_not_fit_is_not_foretold() -> None:
    x, w = Layout.dense((1, 3, 4, 4), torch.float32), Layout.dense((8, 4, 3, 3), torch.float32)
    args = (x, w, None, (1, 1), (0, 0), (1, 1), False, (0, 0), 1)
    assert foretold(torch.ops.aten.convolution.default, args) is None


class Raises(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise KeyError("what is not there")  # this very line


def test_a_model_that_raises_shows_its_own_line() -> None:
    with pytest.raises(TraceError, match=r"Raises raised KeyError at .*test_trace\.py:\d+: 'what"):
        trace(Raises(), X)


class WrongShape(nn.Module):
    """Takes 4 channels, by a line of its own."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: torch.Tensor) -> Any:
        return self.layer(x)


@pytest.mark.parametrize(
    ("layer", "given", "fits"),
    [
        (nn.Conv2d(4, 8, 3), (1, 3, 6, 6), "1x4x6x6"),
        (nn.Conv2d(4, 8, 3, groups=2), (1, 3, 6, 6), "1x4x6x6"),
        (nn.Conv1d(4, 8, 3), (1, 3, 6), "1x4x6"),
        (nn.ConvTranspose2d(4, 8, 3), (1, 3, 6, 6), "1x4x6x6"),
        (nn.Linear(4, 8), (2, 5), "2x4"),
        (nn.Linear(4, 8), (2, 7, 5), "2x7x4"),
    ],
)
def test_a_wrong_shape_says_which_op_refused_and_what_would_fit(
    layer: nn.Module, given: tuple[int, ...], fits: str
) -> None:
    with pytest.raises(TraceError) as raised:
        trace(WrongShape(layer), torch.ones(given))
    said = str(raised.value)
    assert re.search(r"test_trace\.py:\d+", said)
    assert f"layer ({type(layer).__name__})" in said
    assert fits in said
    assert "\n" not in said


def test_a_shape_with_too_few_dimensions_says_how_many_are_wanted() -> None:
    with pytest.raises(TraceError, match=r"layer \(Conv2d\).*4 channels"):
        trace(WrongShape(nn.Conv2d(4, 8, 3)), torch.ones(7, 7))


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
