"""What each op costs. The table below is the list of what is supported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from shufflenet_audit.costs.conv import conv, deformable_conv
from shufflenet_audit.costs.data import (
    creation,
    data,
    embedding,
    fill,
    look_up,
    overwrite,
    put,
    shuffle,
)
from shufflenet_audit.costs.elementwise import (
    adaptive_pooling,
    batch_norm,
    elementwise,
    free,
    inference_batch_norm,
    mean,
    normalization,
    other,
    pooling,
    reduction,
    resampling,
    softmax,
)
from shufflenet_audit.costs.matmul import (
    attention,
    bilinear,
    linear,
    matmul,
    matmul_added,
    recurrent,
    recurrent_layer,
    recurrent_layers,
)
from shufflenet_audit.network.call import Call
from shufflenet_audit.network.cost import Cost

Handler = Callable[[Call], Cost]


def cost(call: Call, handlers: Mapping[str, Handler]) -> Cost | None:
    """What a call costs; None if nobody knows. Views and `pointwise` ops need no entry."""
    handler = handlers.get(call.op)
    if handler is None and call.is_view:
        handler = free
    if handler is None and call.pointwise and call.outputs:
        handler = elementwise
    return handler(call) if handler else None


def _each(handler: Handler, names: str) -> dict[str, Handler]:
    return {f"aten.{name}": handler for name in names.split()}


HANDLERS: Final[Mapping[str, Handler]] = {
    **_each(conv, "convolution _convolution convolution_overrideable"),
    "torchvision.deform_conv2d": deformable_conv,
    **_each(matmul, "mm bmm mv dot vdot"),
    **_each(matmul_added, "addmm baddbmm addmv _addmm_activation"),
    **_each(linear, "linear"),
    **_each(bilinear, "_trilinear"),
    **_each(
        attention,
        "scaled_dot_product_attention _scaled_dot_product_flash_attention"
        " _scaled_dot_product_flash_attention_for_cpu _scaled_dot_product_efficient_attention"
        " _scaled_dot_product_cudnn_attention _scaled_dot_product_attention_math",
    ),
    **_each(recurrent, "lstm gru rnn_tanh rnn_relu"),
    **_each(recurrent_layer, "mkldnn_rnn_layer"),
    **_each(recurrent_layers, "_cudnn_rnn"),
    **_each(batch_norm, "native_batch_norm cudnn_batch_norm miopen_batch_norm"),
    **_each(
        inference_batch_norm,
        "_native_batch_norm_legit_no_training _batch_norm_no_update batch_norm_inference",
    ),
    **_each(
        normalization,
        "_native_batch_norm_legit native_layer_norm native_group_norm _fused_rms_norm rms_norm"
        " _batch_norm_with_update renorm _weight_norm_interface _weight_norm",
    ),
    **_each(softmax, "_softmax _log_softmax _safe_softmax logcumsumexp logsumexp"),
    **_each(
        pooling,
        "max_pool2d_with_indices max_pool3d_with_indices avg_pool1d avg_pool2d avg_pool3d"
        " max_pool1d max_pool2d max_pool3d mkldnn_max_pool2d fractional_max_pool2d",
    ),
    **_each(
        adaptive_pooling,
        "_adaptive_avg_pool2d _adaptive_avg_pool3d adaptive_max_pool2d adaptive_max_pool3d"
        " adaptive_avg_pool2d max_unpool2d max_unpool3d",
    ),
    **_each(mean, "mean"),
    **_each(
        reduction,
        "sum var var_mean std std_mean amax amin aminmax max min argmax argmin prod all any norm"
        " linalg_vector_norm nansum median nanmedian mode cumsum cumprod cummax cummin logsumexp"
        " count_nonzero trace kthvalue",
    ),
    **_each(
        resampling,
        "upsample_nearest1d upsample_nearest2d upsample_nearest3d _upsample_nearest_exact1d"
        " _upsample_nearest_exact2d _upsample_nearest_exact3d upsample_linear1d"
        " upsample_bilinear2d upsample_trilinear3d upsample_bicubic2d _upsample_bilinear2d_aa"
        " _upsample_bicubic2d_aa grid_sampler_2d grid_sampler_3d affine_grid_generator",
    ),
    "torchvision.roi_align": resampling,
    "torchvision.roi_pool": resampling,
    "torchvision.ps_roi_align": resampling,
    "torchvision.ps_roi_pool": resampling,
    **_each(
        elementwise,
        "native_dropout bernoulli glu _prelu_kernel prelu rrelu_with_noise masked_fill where"
        " hardtanh hardswish floor_divide softplus _fused_dropout threshold bucketize complex polar"
        " normal uniform exponential random geometric cauchy log_normal _foreach_add"
        " _foreach_mul lerp",
    ),
    **_each(
        data,
        "cat stack clone _to_copy constant_pad_nd reflection_pad1d reflection_pad2d"
        " reflection_pad3d replication_pad1d replication_pad2d replication_pad3d repeat"
        " repeat_interleave roll flip rot90 im2col col2im pixel_shuffle pixel_unshuffle tril triu"
        " slice_scatter select_scatter diagonal_scatter as_strided_scatter masked_scatter"
        " unfold_copy view_as_real_copy view_as_complex_copy split_with_sizes_copy split_copy"
        " permute_copy block_diag lift_fresh_copy _pack_padded_sequence _pad_packed_sequence"
        " diag_embed _conj_physical resolve_conj _nested_tensor_from_mask contiguous",
    ),
    **_each(overwrite, "copy"),
    **_each(fill, "fill zero"),
    **_each(look_up, "index index_select gather take take_along_dim masked_select"),
    **_each(put, "index_put _index_put_impl index_copy index_fill index_add scatter scatter_add"),
    **_each(put, "scatter_reduce _unsafe_index_put"),
    **_each(look_up, "_unsafe_index"),
    **_each(embedding, "embedding _embedding_bag _embedding_bag_forward_only"),
    **_each(shuffle, "channel_shuffle native_channel_shuffle"),
    **_each(
        creation,
        "zeros zeros_like new_zeros ones ones_like new_ones full full_like new_full arange"
        " linspace logspace eye rand randn rand_like randn_like randint randint_like randperm"
        " scalar_tensor tril_indices triu_indices bartlett_window hann_window hamming_window",
    ),
    **_each(
        other,
        "sort topk argsort nonzero unique_dim _unique2 unique_consecutive bincount searchsorted"
        " histc multinomial _cdist_forward cross linalg_cross _fft_r2c _fft_c2c _fft_c2r"
        " linalg_inv_ex _linalg_det linalg_qr _linalg_svd linalg_cholesky_ex isin"
        " linalg_matrix_exp _linalg_solve_ex triangular_solve linalg_solve_triangular",
    ),
    "torchvision.nms": other,
    **_each(
        free,
        "empty empty_like new_empty empty_strided new_empty_strided resize resize_as _unsafe_view"
        " _reshape_alias lift_fresh lift detach alias _assert_async _assert_tensor_metadata"
        " _local_scalar_dense set unsafe_split unsafe_chunk unsafe_split_with_sizes",
    ),
}
