"""How each op ties the sizes of its tensors. The table below is the list of what is understood."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from shufflenet_audit.fixing.widths.relations.convolution import convolution
from shufflenet_audit.fixing.widths.relations.creation import fill, full, new_fill
from shufflenet_audit.fixing.widths.relations.elementwise import elementwise, like, overwrite
from shufflenet_audit.fixing.widths.relations.joining import concatenation, stack
from shufflenet_audit.fixing.widths.relations.matmul import (
    attention,
    batched_matmul,
    batched_matmul_added,
    linear,
    matmul,
    matmul_added,
)
from shufflenet_audit.fixing.widths.relations.normalization import (
    batch_norm,
    group_norm,
    layer_norm,
    rms_norm,
)
from shufflenet_audit.fixing.widths.relations.parts import (
    pieces,
    select,
    slice_,
    split,
    unbind,
)
from shufflenet_audit.fixing.widths.relations.picking import embedding, index, index_select
from shufflenet_audit.fixing.widths.relations.pooling import pooling, resampling
from shufflenet_audit.fixing.widths.relations.reduction import norm, reduction
from shufflenet_audit.fixing.widths.relations.reshape import (
    as_strided,
    expand,
    padding,
    permute,
    pixel_shuffle,
    pixel_unshuffle,
    reshape,
    shuffle,
    squeeze,
    transpose,
    unsqueeze,
)
from shufflenet_audit.fixing.widths.relations.step import Outcome, Step
from shufflenet_audit.fixing.widths.sizes import Sizes

Relation = Callable[[Step, Sizes], Outcome]


def relation(op: str, *, pointwise: bool) -> Relation | None:
    """What ties the sizes of an op; None if nobody knows. Pointwise ops need no entry."""
    return RELATIONS.get(op) or (elementwise if pointwise else None)


def _each(handler: Relation, names: str) -> dict[str, Relation]:
    return {f"aten.{name}": handler for name in names.split()}


RELATIONS: Final[Mapping[str, Relation]] = {
    **_each(convolution, "convolution _convolution"),
    **_each(matmul, "mm"),
    **_each(matmul_added, "addmm"),
    **_each(batched_matmul, "bmm"),
    **_each(batched_matmul_added, "baddbmm"),
    **_each(linear, "linear"),
    **_each(
        attention,
        "_scaled_dot_product_flash_attention_for_cpu _scaled_dot_product_flash_attention"
        " _scaled_dot_product_efficient_attention scaled_dot_product_attention",
    ),
    **_each(
        batch_norm,
        "native_batch_norm _native_batch_norm_legit _native_batch_norm_legit_no_training"
        " cudnn_batch_norm",
    ),
    **_each(layer_norm, "native_layer_norm"),
    **_each(rms_norm, "_fused_rms_norm rms_norm"),
    **_each(group_norm, "native_group_norm"),
    **_each(elementwise, "masked_fill where lerp addcmul addcdiv _prelu_kernel hardswish hardtanh"),
    **_each(
        like,
        "_softmax _log_softmax _safe_softmax cumsum cumprod roll flip tril triu clone alias detach"
        " _to_copy contiguous lift_fresh native_dropout bernoulli zeros_like ones_like empty_like"
        " full_like rand_like randn_like",
    ),
    **_each(overwrite, "copy fill zero"),
    **_each(
        pooling,
        "max_pool2d_with_indices max_pool3d_with_indices avg_pool1d avg_pool2d avg_pool3d"
        " _adaptive_avg_pool2d _adaptive_avg_pool3d adaptive_max_pool2d adaptive_max_pool3d",
    ),
    **_each(
        resampling,
        "upsample_nearest1d upsample_nearest2d upsample_nearest3d _upsample_nearest_exact1d"
        " _upsample_nearest_exact2d _upsample_nearest_exact3d upsample_linear1d"
        " upsample_bilinear2d upsample_trilinear3d upsample_bicubic2d _upsample_bilinear2d_aa"
        " _upsample_bicubic2d_aa reflection_pad1d reflection_pad2d replication_pad1d"
        " replication_pad2d",
    ),
    **_each(
        reduction,
        "mean sum amax amin max min argmax argmin var std var_mean std_mean all any prod logsumexp",
    ),
    **_each(norm, "linalg_vector_norm norm"),
    **_each(concatenation, "cat"),
    **_each(stack, "stack"),
    **_each(split, "split unsafe_split"),
    **_each(pieces, "split_with_sizes unsafe_split_with_sizes"),
    **_each(slice_, "slice"),
    **_each(select, "select"),
    **_each(unbind, "unbind"),
    **_each(reshape, "view _unsafe_view reshape _reshape_alias"),
    **_each(transpose, "transpose t"),
    **_each(permute, "permute"),
    **_each(unsqueeze, "unsqueeze"),
    **_each(squeeze, "squeeze"),
    **_each(expand, "expand"),
    **_each(as_strided, "as_strided"),
    **_each(padding, "constant_pad_nd"),
    **_each(shuffle, "channel_shuffle native_channel_shuffle"),
    **_each(pixel_shuffle, "pixel_shuffle"),
    **_each(pixel_unshuffle, "pixel_unshuffle"),
    **_each(index, "index"),
    **_each(index_select, "index_select"),
    **_each(embedding, "embedding"),
    **_each(fill, "zeros ones empty rand randn"),
    **_each(full, "full"),
    **_each(new_fill, "new_zeros new_ones new_empty"),
}
"""By the name of the op, without overload and in-place underscore: what ties its sizes."""
