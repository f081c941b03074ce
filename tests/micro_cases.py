"""Small models whose multiply–adds and parameters were worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812  (PyTorch's own name for it)
from torchvision.ops import DeformConv2d, deform_conv2d


class Function(nn.Module):
    """A function of the input and of raw parameters, as a module."""

    def __init__(self, function: Callable[..., Any], *shapes: tuple[int, ...]) -> None:
        super().__init__()
        self.function = function
        self.weights = nn.ParameterList(nn.Parameter(torch.zeros(shape)) for shape in shapes)

    def forward(self, *inputs: torch.Tensor) -> Any:
        return self.function(*inputs, *self.weights)


class Calls(nn.Module):
    """A layer, and a function that calls it."""

    def __init__(self, layer: nn.Module, function: Callable[..., Any]) -> None:
        super().__init__()
        self.layer = layer
        self.function = function

    def forward(self, *inputs: torch.Tensor) -> Any:
        return self.function(self.layer, *inputs)


class Tied(nn.Module):
    """An embedding whose table is also the weight of the last layer."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(100, 16)
        self.head = nn.Linear(16, 100, bias=False)
        self.head.weight = self.embedding.weight

    def forward(self, indices: torch.Tensor) -> Any:
        return self.head(self.embedding(indices))


class Doubled(torch.autograd.Function):
    """A function with a gradient of its own."""

    @staticmethod
    def forward(context: Any, x: torch.Tensor, weight: torch.Tensor) -> Any:
        return 2 * (x @ weight)


@dataclass(frozen=True, slots=True)
class Case:
    """A model, the shapes of its inputs, and what it costs."""

    name: str
    build: Callable[[], nn.Module]
    shapes: tuple[tuple[int, ...], ...]
    macs: int
    params: int = 0

    def __str__(self) -> str:
        return self.name

    def inputs(self) -> list[torch.Tensor]:
        return [torch.zeros(shape) for shape in self.shapes]


def attention(*, batch_first: bool = True, **options: Any) -> nn.Module:
    """Self-attention of 32 channels in 4 heads."""
    layer = nn.MultiheadAttention(32, 4, batch_first=batch_first)
    return Calls(layer, lambda layer, x: layer(x, x, x, **options))


def encoder(*, norm_first: bool = False) -> nn.TransformerEncoderLayer:
    return nn.TransformerEncoderLayer(
        32, 4, dim_feedforward=64, batch_first=True, norm_first=norm_first
    )


def indices(model: nn.Module) -> nn.Module:
    """The model on whole numbers: a case gives zeros of float."""
    return Calls(model, lambda layer, x: layer(x.long()))


def once_and_again(layer: nn.Module, x: torch.Tensor) -> Any:
    return layer(layer(x))


def every_time(layer: nn.Module, x: torch.Tensor) -> Any:
    for _ in range(3):
        x = layer(x)
    return x


def hooked() -> nn.Module:
    """A layer whose hook multiplies once more."""
    layer = nn.Linear(8, 8, bias=False)
    layer.register_forward_hook(lambda layer, _, y: y @ layer.weight)
    return layer


def deformable(layer: nn.Module, x: torch.Tensor, offset: torch.Tensor) -> Any:
    return layer(x, offset)


# 10 places for queries and keys, 2 images, 32 channels; in and out projections, scores, sums.
QKV: Final = 2 * 10 * 32 * 3 * 32
OUT: Final = 2 * 10 * 32 * 32
SCORES: Final = 2 * 10 * 10 * 32
MHA: Final = QKV + OUT + 2 * SCORES
MHA_PARAMS: Final = 3 * 32 * 32 + 3 * 32 + 32 * 32 + 32
FEED: Final = 2 * 10 * 32 * 64 * 2
FEED_PARAMS: Final = 32 * 64 + 64 + 64 * 32 + 32
ENCODER_PARAMS: Final = MHA_PARAMS + FEED_PARAMS + 2 * 2 * 32

IMAGE: Final = ((1, 8, 14, 14),)
SEQUENCE: Final = ((2, 10, 32),)
HEADS: Final = ((2, 4, 10, 8), (2, 4, 12, 8), (2, 4, 12, 8))

CASES: Final = [
    # convolutions
    Case("conv", lambda: nn.Conv2d(8, 16, 3, padding=1), IMAGE,
         3*3*8*16*14*14, 3*3*8*16 + 16),
    Case("conv without bias", lambda: nn.Conv2d(8, 16, 3, padding=1, bias=False), IMAGE,
         3*3*8*16*14*14, 3*3*8*16),
    Case("conv without padding", lambda: nn.Conv2d(8, 16, 3), IMAGE, 3*3*8*16*12*12, 3*3*8*16 + 16),
    Case("conv of stride 2", lambda: nn.Conv2d(8, 16, 3, stride=2, padding=1), IMAGE,
         3*3*8*16*7*7, 3*3*8*16 + 16),
    Case("conv with padding same", lambda: nn.Conv2d(8, 16, 3, padding="same"), IMAGE,
         3*3*8*16*14*14, 3*3*8*16 + 16),
    Case("conv of even size with padding same", lambda: nn.Conv2d(8, 16, 4, padding="same"), IMAGE,
         4*4*8*16*14*14, 4*4*8*16 + 16),
    Case("conv with padding valid", lambda: nn.Conv2d(8, 16, 3, padding="valid"), IMAGE,
         3*3*8*16*12*12, 3*3*8*16 + 16),
    Case("conv with circular padding",
         lambda: nn.Conv2d(8, 16, 3, padding=1, padding_mode="circular"), IMAGE,
         3*3*8*16*14*14, 3*3*8*16 + 16),
    Case("conv with dilation", lambda: nn.Conv2d(8, 16, 3, dilation=2), IMAGE,
         3*3*8*16*10*10, 3*3*8*16 + 16),
    Case("conv with a long kernel", lambda: nn.Conv2d(8, 16, (1, 7), padding=(0, 3)), IMAGE,
         1*7*8*16*14*14, 1*7*8*16 + 16),
    Case("pointwise conv", lambda: nn.Conv2d(8, 16, 1), IMAGE, 8*16*14*14, 8*16 + 16),
    Case("group conv", lambda: nn.Conv2d(8, 16, 3, padding=1, groups=4), IMAGE,
         3*3*2*16*14*14, 3*3*2*16 + 16),
    Case("depthwise conv", lambda: nn.Conv2d(8, 8, 3, padding=1, groups=8), IMAGE,
         3*3*8*14*14, 3*3*8 + 8),
    Case("depthwise conv with multiplier", lambda: nn.Conv2d(8, 24, 3, padding=1, groups=8), IMAGE,
         3*3*24*14*14, 3*3*24 + 24),
    Case("conv of a batch", lambda: nn.Conv2d(8, 16, 3, padding=1), ((5, 8, 14, 14),),
         5*3*3*8*16*14*14, 3*3*8*16 + 16),
    Case("conv of one image without batch", lambda: nn.Conv2d(8, 16, 3, padding=1), ((8, 14, 14),),
         3*3*8*16*14*14, 3*3*8*16 + 16),
    Case("conv in one dimension", lambda: nn.Conv1d(8, 16, 5, padding=2), ((1, 8, 50),),
         5*8*16*50, 5*8*16 + 16),
    Case("conv in three dimensions", lambda: nn.Conv3d(3, 8, 3, padding=1), ((1, 3, 4, 8, 8),),
         3*3*3*3*8*4*8*8, 3*3*3*3*8 + 8),
    # transposed convolutions: each element of the input meets each filter
    Case("transposed conv", lambda: nn.ConvTranspose2d(8, 16, 3, padding=1), IMAGE,
         3*3*8*16*14*14, 3*3*8*16 + 16),
    Case("transposed conv of stride 2", lambda: nn.ConvTranspose2d(8, 16, 2, stride=2), IMAGE,
         2*2*8*16*14*14, 2*2*8*16 + 16),
    Case("transposed conv with output padding",
         lambda: nn.ConvTranspose2d(8, 16, 3, stride=2, padding=1, output_padding=1), IMAGE,
         3*3*8*16*14*14, 3*3*8*16 + 16),
    Case("depthwise transposed conv",
         lambda: nn.ConvTranspose2d(8, 8, 4, stride=2, padding=1, groups=8), IMAGE,
         4*4*8*14*14, 4*4*8 + 8),
    Case("group transposed conv", lambda: nn.ConvTranspose2d(8, 16, 2, stride=2, groups=2), IMAGE,
         2*2*8*8*14*14, 2*2*8*8 + 16),
    Case("transposed conv in one dimension", lambda: nn.ConvTranspose1d(8, 4, 4, stride=4),
         ((1, 8, 20),), 4*8*4*20, 4*8*4 + 4),
    Case("transposed conv in three dimensions", lambda: nn.ConvTranspose3d(4, 2, 2, stride=2),
         ((1, 4, 3, 3, 3),), 2*2*2*4*2*3*3*3, 2*2*2*4*2 + 2),
    # deformable convolutions
    Case("deformable conv", lambda: Calls(DeformConv2d(8, 16, 3, padding=1), deformable),
         (*IMAGE, (1, 2*3*3, 14, 14)), 3*3*8*16*14*14, 3*3*8*16 + 16),
    Case("deformable group conv",
         lambda: Calls(DeformConv2d(8, 16, 3, padding=1, groups=2), deformable),
         (*IMAGE, (1, 2*3*3, 14, 14)), 3*3*4*16*14*14, 3*3*4*16 + 16),
    Case("functional deformable conv",
         lambda: Function(lambda x, o, w: deform_conv2d(x, o, w, padding=1), (16, 8, 3, 3)),
         (*IMAGE, (1, 2*3*3, 14, 14)), 3*3*8*16*14*14, 3*3*8*16),
    # functional calls and raw parameters
    Case("functional conv", lambda: Function(lambda x, w: F.conv2d(x, w, padding=1), (16, 8, 3, 3)),
         IMAGE, 3*3*8*16*14*14, 3*3*8*16),
    Case("functional conv with padding same",
         lambda: Function(lambda x, w: F.conv2d(x, w, padding="same"), (16, 8, 3, 3)), IMAGE,
         3*3*8*16*14*14, 3*3*8*16),
    Case("functional transposed conv",
         lambda: Function(lambda x, w: F.conv_transpose2d(x, w, stride=2), (8, 16, 2, 2)), IMAGE,
         2*2*8*16*14*14, 2*2*8*16),
    Case("functional linear", lambda: Function(F.linear, (16, 8)), ((3, 8),), 3*8*16, 8*16),
    Case("matrix product with a raw parameter", lambda: Function(lambda x, w: x @ w, (8, 16)),
         ((3, 8),), 3*8*16, 8*16),
    Case("raw parameter on the left", lambda: Function(lambda x, w: w @ x, (16, 8)), ((8, 3),),
         16*8*3, 16*8),
    Case("addmm with raw parameters", lambda: Function(lambda x, b, w: torch.addmm(b, x, w),
         (16,), (8, 16)), ((3, 8),), 3*8*16, 16 + 8*16),
    # linear layers
    Case("linear", lambda: nn.Linear(8, 16), ((3, 8),), 3*8*16, 8*16 + 16),
    Case("linear without bias", lambda: nn.Linear(8, 16, bias=False), ((3, 8),), 3*8*16, 8*16),
    Case("linear on a vector", lambda: nn.Linear(8, 16), ((8,),), 8*16, 8*16 + 16),
    Case("linear on three dimensions", lambda: nn.Linear(8, 16), ((2, 5, 8),), 2*5*8*16, 8*16 + 16),
    Case("linear on three without bias", lambda: nn.Linear(8, 16, bias=False), ((2, 5, 8),),
         2*5*8*16, 8*16),
    Case("linear on four dimensions", lambda: nn.Linear(8, 16), ((2, 3, 5, 8),),
         2*3*5*8*16, 8*16 + 16),
    Case("linear on a transposed map",
         lambda: Calls(nn.Linear(8, 16), lambda f, x: f(x.permute(0, 2, 3, 1))), IMAGE,
         14*14*8*16, 8*16 + 16),
    Case("bilinear", lambda: nn.Bilinear(4, 5, 6), ((3, 4), (3, 5)), 3*4*5*6,
         4*5*6 + 6),
    # matrix products
    Case("mm", lambda: Function(torch.mm), ((3, 4), (4, 5)), 3*4*5),
    Case("bmm", lambda: Function(torch.bmm), ((2, 3, 4), (2, 4, 5)), 2*3*4*5),
    Case("matmul of a batch and a matrix", lambda: Function(torch.matmul), ((2, 3, 4), (4, 5)),
         2*3*4*5),
    Case("matmul of four dimensions", lambda: Function(torch.matmul), ((2, 6, 3, 4), (2, 6, 4, 5)),
         2*6*3*4*5),
    Case("matmul that broadcasts", lambda: Function(torch.matmul), ((2, 6, 3, 4), (4, 5)),
         2*6*3*4*5),
    Case("matrix and vector", lambda: Function(torch.mv), ((3, 4), (4,)), 3*4),
    Case("dot product", lambda: Function(torch.dot), ((7,), (7,)), 7),
    Case("outer product by einsum", lambda: Function(lambda a, b: torch.einsum("ik,kj->ij", a, b)),
         ((3, 4), (4, 5)), 3*4*5),
    Case("einsum over heads", lambda: Function(lambda q, k: torch.einsum("bhqd,bhkd->bhqk", q, k)),
         HEADS[:2], 2*4*10*12*8),
    Case("einsum with a raw parameter",
         lambda: Function(lambda x, w: torch.einsum("bchw,dc->bdhw", x, w), (16, 8)), IMAGE,
         8*16*14*14, 8*16),
    Case("tensordot", lambda: Function(lambda a, b: torch.tensordot(a, b, 2)),
         ((3, 4, 5), (4, 5, 6)), 3*4*5*6),
    Case("baddbmm", lambda: Function(torch.baddbmm), ((2, 3, 5), (2, 3, 4), (2, 4, 5)), 2*3*4*5),
    Case("chained product", lambda: Function(lambda a, b, c: a @ b @ c), ((2, 3), (3, 4), (4, 5)),
         2*3*4 + 2*4*5),
    # attention
    Case("scaled dot-product attention", lambda: Function(F.scaled_dot_product_attention), HEADS,
         2*4*10*12*(8 + 8)),
    Case("causal attention",
         lambda: Function(lambda q: F.scaled_dot_product_attention(q, q, q, is_causal=True)),
         HEADS[:1], 2*4*10*10*(8 + 8)),
    Case("attention with a mask",
         lambda: Function(F.scaled_dot_product_attention), (*HEADS, (10, 12)), 2*4*10*12*(8 + 8)),
    Case("attention with a mask of truths",
         lambda: Function(lambda q, k, v, m: F.scaled_dot_product_attention(q, k, v, m > 0)),
         (*HEADS, (10, 12)), 2*4*10*12*(8 + 8)),
    Case("attention on three dimensions", lambda: Function(F.scaled_dot_product_attention),
         ((6, 10, 8), (6, 12, 8), (6, 12, 8)), 6*10*12*(8 + 8)),
    Case("attention whose values are narrower", lambda: Function(F.scaled_dot_product_attention),
         ((2, 4, 10, 8), (2, 4, 12, 8), (2, 4, 12, 6)), 2*4*10*12*(8 + 6)),
    Case("attention with fewer keys than heads",
         lambda: Function(lambda q, k, v: F.scaled_dot_product_attention(q, k, v, enable_gqa=True)),
         ((2, 4, 10, 8), (2, 2, 12, 8), (2, 2, 12, 8)), 2*4*10*12*(8 + 8)),
    Case("attention written out",
         lambda: Function(lambda q, k, v: (q @ k.transpose(-2, -1)).softmax(-1) @ v), HEADS,
         2*4*10*12*(8 + 8)),
    Case("multi-head attention", lambda: attention(need_weights=False), SEQUENCE, MHA, MHA_PARAMS),
    Case("multi-head attention with weights", attention, SEQUENCE, MHA, MHA_PARAMS),
    Case("multi-head attention with weights of each head",
         lambda: attention(average_attn_weights=False), SEQUENCE, MHA, MHA_PARAMS),
    Case("multi-head attention, batch second",
         lambda: attention(batch_first=False, need_weights=False), ((10, 2, 32),), MHA, MHA_PARAMS),
    Case("multi-head attention with other keys",
         lambda: Calls(nn.MultiheadAttention(32, 4, kdim=16, vdim=16, batch_first=True),
                       lambda layer, q, k: layer(q, k, k, need_weights=False)),
         ((2, 10, 32), (2, 12, 16)),
         2*10*32*32 + 2*2*12*16*32 + 2*2*10*12*32 + 2*10*32*32,
         32*32 + 2*16*32 + 3*32 + 32*32 + 32),
    Case("encoder layer", encoder, SEQUENCE, MHA + FEED, ENCODER_PARAMS),
    Case("encoder layer, norm first", lambda: encoder(norm_first=True), SEQUENCE, MHA + FEED,
         ENCODER_PARAMS),
    Case("encoder of two layers",
         lambda: nn.TransformerEncoder(encoder(), 2, enable_nested_tensor=False), SEQUENCE,
         2*(MHA + FEED), 2*ENCODER_PARAMS),
    Case("encoder with nested tensors allowed", lambda: nn.TransformerEncoder(encoder(), 2),
         SEQUENCE, 2*(MHA + FEED), 2*ENCODER_PARAMS),
    Case("decoder layer",
         lambda: nn.TransformerDecoderLayer(32, 4, dim_feedforward=64, batch_first=True),
         (*SEQUENCE, *SEQUENCE), 2*MHA + FEED, 2*MHA_PARAMS + FEED_PARAMS + 3*2*32),
    # recurrent layers: at each step each weight meets each sequence once
    Case("LSTM", lambda: nn.LSTM(8, 16), ((10, 3, 8),), 10*3*4*16*(8 + 16), 4*16*(8 + 16 + 2)),
    Case("LSTM, batch first", lambda: nn.LSTM(8, 16, batch_first=True), ((3, 10, 8),),
         10*3*4*16*(8 + 16), 4*16*(8 + 16 + 2)),
    Case("LSTM in both directions", lambda: nn.LSTM(8, 16, bidirectional=True), ((10, 3, 8),),
         2*10*3*4*16*(8 + 16), 2*4*16*(8 + 16 + 2)),
    Case("LSTM of two layers", lambda: nn.LSTM(8, 16, num_layers=2), ((10, 3, 8),),
         10*3*4*16*(8 + 16 + 16 + 16), 4*16*(8 + 16 + 2) + 4*16*(16 + 16 + 2)),
    Case("LSTM with projection", lambda: nn.LSTM(8, 16, proj_size=4), ((10, 3, 8),),
         10*3*(4*16*(8 + 4) + 16*4), 4*16*(8 + 4 + 2) + 16*4),
    Case("LSTM without bias", lambda: nn.LSTM(8, 16, bias=False), ((10, 3, 8),),
         10*3*4*16*(8 + 16), 4*16*(8 + 16)),
    Case("LSTM cell", lambda: nn.LSTMCell(8, 16), ((3, 8),), 3*4*16*(8 + 16), 4*16*(8 + 16 + 2)),
    Case("GRU", lambda: nn.GRU(8, 16), ((10, 3, 8),), 10*3*3*16*(8 + 16), 3*16*(8 + 16 + 2)),
    Case("GRU of two layers in both directions",
         lambda: nn.GRU(8, 16, num_layers=2, bidirectional=True), ((10, 3, 8),),
         2*10*3*3*16*(8 + 16) + 2*10*3*3*16*(32 + 16),
         2*3*16*(8 + 16 + 2) + 2*3*16*(32 + 16 + 2)),
    Case("GRU cell", lambda: nn.GRUCell(8, 16), ((3, 8),), 3*3*16*(8 + 16), 3*16*(8 + 16 + 2)),
    Case("RNN", lambda: nn.RNN(8, 16), ((10, 3, 8),), 10*3*16*(8 + 16), 16*(8 + 16 + 2)),
    # how a module is called, and how often
    Case("forward called directly",
         lambda: Calls(nn.Conv2d(8, 16, 3, padding=1), lambda layer, x: layer.forward(x)), IMAGE,
         3*3*8*16*14*14, 3*3*8*16 + 16),
    Case("weights of a module used elsewhere",
         lambda: Calls(nn.Linear(8, 16), lambda layer, x: F.linear(x, layer.weight)), ((3, 8),),
         3*8*16, 8*16 + 16),
    Case("shared module run twice", lambda: Calls(nn.Linear(8, 8), once_and_again), ((3, 8),),
         2*3*8*8, 8*8 + 8),
    Case("shared module run three times",
         lambda: Calls(nn.Conv2d(8, 8, 3, padding=1), every_time), IMAGE,
         3*3*3*8*8*14*14, 3*3*8*8 + 8),
    Case("one module at two places of a chain", lambda: nn.Sequential(*[nn.Linear(8, 8)] * 2),
         ((3, 8),), 2*3*8*8, 8*8 + 8),
    Case("tied weights", lambda: indices(Tied()), ((2, 5),), 2*5*16*100, 100*16),
    Case("module that never runs",
         lambda: Calls(nn.ModuleList([nn.Linear(8, 16), nn.Linear(8, 99)]), lambda f, x: f[0](x)),
         ((3, 8),), 3*8*16, 8*16 + 16 + 8*99 + 99),
    Case("hook that multiplies", hooked, ((3, 8),), 2*3*8*8, 8*8),
    Case("function with its own gradient",
         lambda: Function(Doubled.apply, (8, 16)), ((3, 8),), 3*8*16, 8*16),
    Case("checkpointed layer",
         lambda: Calls(nn.Linear(8, 16), lambda layer, x: torch.utils.checkpoint.checkpoint(
             layer, x, use_reentrant=False)), ((3, 8),), 3*8*16, 8*16 + 16),
    Case("vmap over a product",
         lambda: Function(lambda x, w: torch.vmap(lambda row: w @ row)(x), (16, 8)), ((3, 8),),
         3*8*16, 16*8),
    Case("control flow on the shape",
         lambda: Calls(nn.Linear(8, 8), lambda f, x: f(x) if x.shape[0] == 3 else x), ((3, 8),),
         3*8*8, 8*8 + 8),
    Case("control flow on the values",
         lambda: Calls(nn.Linear(8, 8), lambda f, x: f(x) if x.sum() < 1e9 else x), ((3, 8),),
         3*8*8, 8*8 + 8),
    # no multiply–adds in the sense of the paper
    Case("batch norm", lambda: nn.BatchNorm2d(8), IMAGE, 0, 2*8),
    Case("layer norm", lambda: nn.LayerNorm(32), SEQUENCE, 0, 2*32),
    Case("activation and pooling", lambda: nn.Sequential(nn.GELU(), nn.MaxPool2d(2)), IMAGE, 0),
    Case("embedding", lambda: indices(nn.Embedding(100, 16)), ((2, 5),), 0, 100*16),
    Case("up-sampling", lambda: nn.Upsample(scale_factor=2), IMAGE, 0),
    # composed
    Case("depthwise separable",
         lambda: nn.Sequential(nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False),
                               nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 16, 1, bias=False)),
         IMAGE, 3*3*8*14*14 + 8*16*14*14, 3*3*8 + 2*8 + 8*16),
    Case("squeeze and excitation",
         lambda: Calls(nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(8, 2, 1), nn.ReLU(),
                                     nn.Conv2d(2, 8, 1), nn.Sigmoid()), lambda f, x: x * f(x)),
         IMAGE, 8*2 + 2*8, 8*2 + 2 + 2*8 + 8),
    Case("classifier",
         lambda: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10)), IMAGE,
         8*10, 8*10 + 10),
]  # fmt: skip
