"""The recorded graph can run again, on real tensors, and gives what the model gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch import nn

from shufflenet_audit.tracing.recording import Recording, record


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
