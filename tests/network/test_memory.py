"""Peak memory: worked out by hand, and against tensors that are counted while they are alive."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.multiprocessing.reductions import StorageWeakRef

from shufflenet_audit import CostGraph, Kind, trace
from shufflenet_audit.network.memory import Moment, peak, timeline
from shufflenet_audit.tracing.recording import Recording, record
from shufflenet_audit.zoo.mobilenet_v1 import mobilenet_v1
from shufflenet_audit.zoo.nasnet_a_cell import nasnet_a_cell
from shufflenet_audit.zoo.shufflenet_v1 import shufflenet_v1
from shufflenet_audit.zoo.shufflenet_v2 import shufflenet_v2

MAP = 4 * 8 * 6 * 6  # bytes of a map of 8 channels


def moments(graph: CostGraph) -> tuple[Moment, ...]:
    inputs = {each.name: each.tensor for each in graph.inputs}
    return timeline(graph.ops, inputs, graph.outputs)


def alive(*layers: nn.Module, width: int = 8) -> list[int]:
    """The maps that are alive while each op runs."""
    graph = trace(nn.Sequential(*layers), torch.zeros(1, width, 6, 6))
    return [moment.bytes // MAP for moment in moments(graph)]


class Shortcut(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + torch.relu(torch.relu(torch.relu(x)))


class Written(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = torch.relu(x)
        y[:, :4] = 0
        y.add_(1)
        return y.view(1, -1)


class Split(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        left, right = x.chunk(2, dim=1)
        return torch.cat([torch.relu(left), right], dim=1)


def test_each_op_of_a_chain_has_what_it_reads_and_what_it_makes() -> None:
    assert alive(nn.Conv2d(8, 16, 1), nn.ReLU(), nn.Conv2d(16, 8, 1)) == [3, 4, 3]


def test_an_op_in_place_needs_nothing_more() -> None:
    assert alive(nn.Conv2d(8, 16, 1), nn.ReLU(inplace=True), nn.Conv2d(16, 8, 1)) == [3, 2, 3]


def test_what_a_shortcut_carries_is_alive_until_it_is_added() -> None:
    assert alive(Shortcut()) == [2, 3, 3, 3]


def test_a_view_and_what_is_written_to_one_are_the_memory_that_they_look_at() -> None:
    assert set(alive(Written())[1:]) == {1}


def test_the_halves_of_a_map_are_views_of_it() -> None:
    graph = trace(Split(), torch.zeros(1, 8, 6, 6))
    by_op = {graph[each.op].kind: each.bytes / MAP for each in moments(graph)}
    assert by_op[Kind.ELEMENTWISE] == 1.5
    assert by_op[Kind.DATA] == 2.5


def test_places_of_maxima_that_nobody_reads_go_at_once() -> None:
    graph = trace(nn.Sequential(nn.MaxPool2d(2), nn.ReLU()), torch.zeros(1, 8, 6, 6))
    quarter = MAP // 4
    assert [each.bytes for each in moments(graph)] == [MAP + quarter + 2 * quarter, 2 * quarter]


def test_a_network_without_ops_has_no_peak() -> None:
    assert peak(()) == 0


@given(st.lists(st.integers(1, 64), min_size=1, max_size=6))
def test_the_peak_of_a_chain_is_its_widest_pair(widths: list[int]) -> None:
    pairs = list(zip([3, *widths], widths, strict=False))
    model = nn.Sequential(*(nn.Conv2d(*pair, 1) for pair in pairs))
    graph = trace(model, torch.zeros(1, 3, 4, 4))
    assert peak(moments(graph)) == max(4 * 16 * sum(pair) for pair in pairs)


@dataclass
class Counted:
    """Runs recorded nodes on real tensors, and counts the bytes of all that are alive."""

    recording: Recording
    held: dict[str, torch.Tensor]
    values: dict[torch.fx.Node, Any] = field(default_factory=dict)
    storages: dict[int, tuple[StorageWeakRef, int]] = field(default_factory=dict)

    def peak(self, *inputs: torch.Tensor) -> int:
        """The most bytes at once; what nothing reads any more is let go."""
        left, most = list(inputs), 0
        own = {id_of(tensor) for tensor in self.held.values()}
        last = self.last_readers()
        del inputs
        for node in self.recording.graph.nodes:
            if node.op == "placeholder":
                self.values[node] = left.pop(0)
            elif node.op == "get_attr":
                self.values[node] = self.held[str(node.target)]
            elif node.op == "call_function" and node.target is not operator.getitem:
                self.run(node)
            self.count(own)
            if node.op == "call_function" and node.target is not operator.getitem:
                most = max(most, self.alive())
            self.free(node, last)
        return most

    def run(self, node: torch.fx.Node) -> None:
        """One op; of several results, those that are read later."""
        args, kwargs = torch.fx.node.map_arg((node.args, node.kwargs), self.values.__getitem__)
        function: Any = node.target
        self.values[node] = function(*args, **kwargs)

    def count(self, own: set[int]) -> None:
        """Know the storages of what has just been made."""
        for value in self.values.values():
            for tensor in tensors(value):
                if id_of(tensor) not in own:
                    storage = tensor.untyped_storage()
                    weak = StorageWeakRef(storage)
                    self.storages[id_of(tensor)] = weak, storage.nbytes()

    def alive(self) -> int:
        """The bytes of all storages that are not freed."""
        return sum(size for weak, size in self.storages.values() if not weak.expired())

    def take_apart(self, node: torch.fx.Node) -> None:
        """Keep, of several results, those that are read."""
        parts = [user for user in node.users if user.target is operator.getitem]
        for part in parts:
            self.values[part] = self.values[node][part.args[1]]
        if isinstance(self.values.get(node), tuple | list) and len(parts) == len(node.users):
            del self.values[node]

    def free(self, node: torch.fx.Node, last: dict[torch.fx.Node, torch.fx.Node]) -> None:
        """Let go what is read no more."""
        self.take_apart(node)
        for each in [each for each in self.values if last.get(each) is node]:
            if each is not node or not node.users:
                del self.values[each]

    def last_readers(self) -> dict[torch.fx.Node, torch.fx.Node]:
        """The node that reads each last; a node that nobody reads is its own."""
        order = {node: at for at, node in enumerate(self.recording.graph.nodes)}
        return {node: max(node.users, key=order.__getitem__, default=node) for node in order}


def tensors(value: Any) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, tuple | list):
        for each in value:
            yield from tensors(each)


def id_of(tensor: torch.Tensor) -> int:
    return int(tensor.untyped_storage()._cdata)


def counted(model: nn.Module, x: torch.Tensor) -> tuple[int, int]:
    """The peak that is worked out, and the one that is counted."""
    model = model.eval()
    graph = trace(model, x)
    recording = record(model, (x,), {}, meta=True)
    held = {**dict(model.named_parameters()), **dict(model.named_buffers()), **recording.constants}
    with torch.no_grad():
        return peak(moments(graph)), Counted(recording, held).peak(x.clone())


TORCHVISION = (
    ("alexnet", 64), ("convnext_tiny", 32), ("densenet121", 32), ("efficientnet_b0", 32),
    ("googlenet", 64), ("mnasnet0_5", 32), ("mobilenet_v2", 32), ("mobilenet_v3_small", 32),
    ("regnet_y_400mf", 32), ("resnet18", 64), ("resnet50", 64), ("resnext50_32x4d", 32),
    ("shufflenet_v2_x0_5", 64), ("squeezenet1_0", 64), ("swin_t", 64), ("vgg11", 32),
    ("vit_b_32", 224),
)  # fmt: skip


@pytest.mark.parametrize(("name", "size"), TORCHVISION, ids=[name for name, _ in TORCHVISION])
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_the_peak_of_a_network_is_what_its_tensors_fill(name: str, size: int) -> None:
    models = pytest.importorskip("torchvision.models")
    worked_out, real = counted(models.get_model(name, weights=None), torch.rand(1, 3, size, size))
    assert worked_out == real


ZOO: tuple[tuple[Callable[[], nn.Module], tuple[int, ...]], ...] = (
    (mobilenet_v1, (1, 3, 64, 64)),
    (nasnet_a_cell, (1, 3, 56, 56)),
    (shufflenet_v1, (1, 3, 64, 64)),
    (shufflenet_v2, (1, 3, 64, 64)),
)


@pytest.mark.parametrize(("network", "shape"), ZOO, ids=[each.__name__ for each, _ in ZOO])
def test_so_is_that_of_a_reference_network(
    network: Callable[[], nn.Module], shape: tuple[int, ...]
) -> None:
    worked_out, real = counted(network(), torch.rand(shape))
    assert worked_out == real
