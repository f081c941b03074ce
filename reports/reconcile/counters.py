"""
What each tool counts: for each, the ops that it does not count as we do, the first that fits.

Read in the source of the named versions, and compared with what they print by
`benchmarks/peers.py --reconcile`. To correct one, correct its row.
"""

from __future__ import annotations

from math import prod
from typing import Final

from shufflenet_audit.plugin import Kind

from .counts import (
    affine,
    nothing,
    ours,
    parameters,
    per_image,
    per_output,
    with_bias,
    written,
)
from .place import Place
from .reconciliation import Case, Convention

_PRODUCTS = ("mm", "addmm", "bmm")
_DIMENSIONS = ("1d", "2d", "3d")


def _classes(name: str) -> tuple[str, ...]:
    return tuple(name + dimensions for dimensions in _DIMENSIONS)


_CONV, _TRANSPOSED = _classes("Conv"), _classes("ConvTranspose")
_INSTANCE_NORM = _classes("InstanceNorm")
_NORMS = (*_classes("BatchNorm"), *_INSTANCE_NORM, "SyncBatchNorm", "LayerNorm")
_CELLS = ("RNNCell", "LSTMCell", "GRUCell")
_UPSAMPLED = {
    "upsample_nearest1d": 1, "upsample_nearest2d": 1, "upsample_nearest3d": 1,
    "upsample_linear1d": 5, "upsample_bilinear2d": 11, "upsample_bicubic2d": 259,
}  # fmt: skip

_FUSED = "fused multi-head attention: nothing inside it is seen"
_PER_OUTPUT = "transposed convolution: per output element"


def _to_size(at: Place) -> bool:
    """Pooling to a given size: to 1×1, PyTorch takes the mean, which the source line tells."""
    line = at.op.source.text if at.op.source else ""
    named = at.within("AdaptiveAvgPool2d") or "adaptive_avg_pool2d" in line
    return at.name == "_adaptive_avg_pool2d" or (at.name == "mean" and named)


def _unnamed(at: Place) -> str:
    return f"{at.name.strip('_')} is not counted"


def _unhooked(at: Place) -> str:
    return f"work that no hook sees, in {at.op.module_class}"


def _stepwise(at: Place) -> bool:
    """A recurrent layer that PyTorch runs step by step on a CPU: all but a plain LSTM."""
    return at.named("gru", "rnn_tanh", "rnn_relu") or _projected(at)


def _projected(at: Place) -> bool:
    return at.named("lstm") and any("weight_hr" in name for name in at.op.parameters)


FLOP_COUNTER_MODE = (
    Case(lambda at: at.attention or at.layer, nothing, _FUSED),
    Case(lambda at: at.named(*_PRODUCTS, "baddbmm", "convolution") or _stepwise(at), ours),
)
PTFLOPS_ATEN = (
    Case(lambda at: at.layer, None, "sees into encoder layers or not, by where they stand"),
    Case(lambda at: at.attention, nothing, _FUSED),
    Case(_projected, None, "counts an LSTM with projection step by step, which no op tells"),
    Case(lambda at: at.named("convolution", "addmm") or _stepwise(at), with_bias, "bias counted"),
    Case(lambda at: at.named(*_PRODUCTS), ours),
)
FVCORE = (
    Case(lambda at: at.attention, nothing, _FUSED),
    Case(lambda at: at.named(*_PRODUCTS, "convolution"), ours),
    Case(lambda at: at.named("native_batch_norm") and not at.within(*_INSTANCE_NORM),
         lambda at: (2 if affine(at) else 1) * at.written, "batch norm counted"),
    Case(lambda at: at.op.kind is Kind.NORMALIZATION,
         lambda at: (5 if affine(at) else 4) * at.written, "other norms counted"),
    Case(_to_size, lambda at: at.read, "pooling to a size counted, per input element"),
    Case(lambda at: at.named("upsample_nearest2d"), written, "up-sampling counted"),
    Case(lambda at: at.named("upsample_bilinear2d", "grid_sampler_2d"),
         lambda at: 4 * at.written, "up-sampling counted, four times"),
)  # fmt: skip
TORCHPROFILE = (
    Case(lambda at: at.attention, None, "crashes on fused multi-head attention"),
    Case(_projected, None, "counts an LSTM with projection by formulas of one without"),
    Case(lambda at: at.transposed and at.unequal, lambda at: at.groups * per_output(at),
         _PER_OUTPUT),
    Case(lambda at: at.transposed, per_output, _PER_OUTPUT),
    Case(lambda at: at.named(*_PRODUCTS, "baddbmm", "mv", "addmv", "convolution", "lstm"), ours),
    Case(lambda at: at.op.kind is Kind.ATTENTION, ours),
    Case(lambda at: at.op.kind is Kind.NORMALIZATION and affine(at), written, "norms counted"),
    Case(lambda at: at.named("mean", "avg_pool1d", "avg_pool2d", "avg_pool3d",
                             "_adaptive_avg_pool2d", "_adaptive_avg_pool3d"),
         written, "means and average pooling counted"),
    Case(lambda at: at.named("mul", "leaky_relu"), written, "products of elements counted"),
    Case(lambda at: at.named("upsample_bilinear2d"), lambda at: 4 * at.written,
         "up-sampling counted, four times"),
)  # fmt: skip
THOP = (
    Case(lambda at: at.op.macs and at.within(*_CONV, "Linear"), ours),
    Case(lambda at: at.transposed and at.within(*_TRANSPOSED), per_output, _PER_OUTPUT),
    Case(lambda at: at.op.kind is Kind.RECURRENT, None,
         "counts recurrent layers by their sizes, which the op does not hold"),
    Case(lambda at: at.within(*_CELLS), None, "counts recurrent cells by formulas of its own"),
    Case(lambda at: at.op.kind is Kind.SOFTMAX and at.within("Softmax"), None,
         "counts nn.Softmax by its dimension, which the op does not hold"),
    Case(lambda at: at.op.kind is Kind.NORMALIZATION and at.within(*_NORMS),
         lambda at: (4 if affine(at) else 2) * at.written, "norms counted, four times"),
    Case(lambda at: at.op.kind is Kind.POOLING and at.within(*_classes("AvgPool")),
         written, "average pooling counted"),
    Case(lambda at: at.named("mean", "_adaptive_avg_pool2d", "_adaptive_avg_pool3d")
         and at.within(*_classes("AdaptiveAvgPool")),
         lambda at: at.read + at.written, "pooling to a size counted, per input element"),
    Case(lambda at: at.named("_prelu_kernel") and at.within("PReLU"), written, "PReLU counted"),
    Case(lambda at: at.named(*_UPSAMPLED) and at.op.module_class.startswith("Upsampl"),
         lambda at: _UPSAMPLED[at.name] * at.written, "up-sampling counted"),
)  # fmt: skip
TORCHINFO = (
    Case(lambda at: at.within(*_CELLS), None, "counts recurrent cells by formulas of its own"),
    Case(lambda at: not at.leaf or not at.own or at.within("MultiheadAttention"), nothing),
    Case(lambda at: at.transposed, parameters, _PER_OUTPUT),
    Case(lambda at: at.op.convolution and "Conv" in at.op.module_class, parameters,
         "bias counted"),
    Case(lambda at: at.op.kind is Kind.RECURRENT,
         lambda at: prod(at.op.outputs[0].shape[:2]) * at.op.params, "bias counted"),
    Case(lambda at: at.op.kind is Kind.EMBEDDING, per_image,
         "embedding: its whole table, once per image"),
    Case(lambda at: at.op.kind is Kind.NORMALIZATION, per_image,
         "norms: their parameters, once per image"),
    Case(lambda at: per_image(at) == with_bias(at), per_image, "bias counted"),
    Case(lambda at: at.op.macs, per_image, "linear on more than two dimensions: once per image"),
)  # fmt: skip
CALFLOPS = (
    Case(lambda at: at.attention, nothing, _FUSED),
    Case(lambda at: at.within(*_CELLS), nothing, "recurrent cells are no MACs to it"),
    Case(lambda at: at.transposed and at.groups > 1,
         lambda at: at.op.macs // at.groups, "transposed: divided by its groups twice"),
    Case(lambda at: at.named("convolution", "mm", "addmm") and at.op.params, ours),
    Case(lambda at: at.op.kind is Kind.MATMUL, None,
         "counts torch.matmul, not @ nor bmm: the op does not say which was called"),
)  # fmt: skip

CONVENTIONS: Final = (
    Convention(
        "FlopCounterMode", "torch 2.14", "FLOPs", FLOP_COUNTER_MODE, _unnamed, per_mac=2,
        source="torch/utils/flop_counter.py",
        limits="on a GPU other attention kernels run, which it counts; attention that is taken "
        "apart here (not on four dimensions, or with fewer keys than heads) is one op there",
    ),
    Convention(
        "fvcore", "0.1.5", "FLOPs", FVCORE, _unnamed,
        source="fvcore/nn/jit_handles.py, flop_count.py",
        limits='it counts nothing for padding="same" nor in an autograd.Function, nor attention '
        "that is taken apart here",
    ),
    Convention(
        "ptflops", "0.7.5", "MACs (backend aten)", PTFLOPS_ATEN, _unnamed,
        source="ptflops/aten_ops.py",
        limits="its default backend patches functions, which ops do not tell",
    ),
    Convention(
        "thop", "0.1.1", "MACs", THOP, _unhooked,
        source="thop/profile.py, thop/vision/basic_hooks.py",
        limits="a layer whose forward is called directly counts here, and not there",
    ),
    Convention(
        "torchinfo", "1.8.0", "mult-adds", TORCHINFO, _unhooked,
        source="torchinfo/layer_info.py: calculate_macs",
        limits="a layer whose forward is called directly counts here, and not there",
    ),
    Convention(
        "calflops", "0.3.2", "MACs", CALFLOPS, _unnamed,
        source="calflops/pytorch_ops.py",
        limits="its FLOPs are twice these, with bias, norms, activations and pooling; a parameter "
        "that @ multiplies counts here, and not there",
    ),
    Convention(
        "torchprofile", "0.1.0", "MACs", TORCHPROFILE, _unnamed,
        source="torchprofile/handlers.py",
        limits='it counts nothing for padding="same" nor torch.mm, and a few products of shapes',
    ),
)  # fmt: skip
"""In the order in which they are shown."""
