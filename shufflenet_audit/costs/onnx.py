"""What each ONNX op costs. The table below is the list of what is supported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shufflenet_audit.costs.aten import Handler
from shufflenet_audit.costs.data import creation, data
from shufflenet_audit.costs.elementwise import (
    adaptive_pooling,
    elementwise,
    free,
    inference_batch_norm,
    normalization,
    other,
    reduction,
    resampling,
    softmax,
)
from shufflenet_audit.costs.onnx_operators import (
    attention,
    conv,
    conv_transpose,
    deformable_conv,
    einsum,
    gather,
    gemm,
    matmul,
    matmul_integer,
    mean,
    pooling,
    qlinear_conv,
    qlinear_matmul,
    recurrent,
)


def _each(handler: Handler, names: str, domain: str = "onnx") -> dict[str, Handler]:
    return {f"{domain}.{name}": handler for name in names.split()}


HANDLERS: Final[Mapping[str, Handler]] = {
    **_each(conv, "Conv ConvInteger"),
    **_each(conv_transpose, "ConvTranspose"),
    **_each(deformable_conv, "DeformConv"),
    **_each(qlinear_conv, "QLinearConv"),
    **_each(gemm, "Gemm"),
    **_each(matmul, "MatMul"),
    **_each(matmul_integer, "MatMulInteger"),
    **_each(qlinear_matmul, "QLinearMatMul"),
    **_each(einsum, "Einsum"),
    **_each(attention, "Attention"),
    **_each(recurrent, "LSTM GRU RNN"),
    **_each(inference_batch_norm, "BatchNormalization"),
    **_each(
        normalization,
        "InstanceNormalization LayerNormalization GroupNormalization RMSNormalization LRN"
        " LpNormalization MeanVarianceNormalization",
    ),
    **_each(softmax, "Softmax LogSoftmax Hardmax"),
    **_each(pooling, "MaxPool AveragePool LpPool"),
    **_each(adaptive_pooling, "GlobalAveragePool GlobalMaxPool GlobalLpPool MaxUnpool MaxRoiPool"),
    **_each(mean, "ReduceMean"),
    **_each(
        reduction,
        "ReduceSum ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp"
        " ReduceSumSquare ArgMax ArgMin CumSum CumProd",
    ),
    **_each(resampling, "Resize Upsample GridSample RoiAlign AffineGrid"),
    **_each(
        elementwise,
        "Abs Acos Acosh Add And Asin Asinh Atan Atanh BitShift BitwiseAnd BitwiseNot BitwiseOr"
        " BitwiseXor Celu Ceil Clip Cos Cosh Div Elu Equal Erf Exp Floor Gelu Greater"
        " GreaterOrEqual HardSigmoid HardSwish IsInf IsNaN LeakyRelu Less LessOrEqual Log Max Mean"
        " Min Mish Mod Mul Neg Not Or PRelu Pow Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin"
        " Sinh Softplus Softsign Sqrt Sub Sum Swish Tan Tanh ThresholdedRelu Where Xor"
        " QuantizeLinear DequantizeLinear DynamicQuantizeLinear RotaryEmbedding Bernoulli",
    ),
    **_each(
        data,
        "Cast CastLike Col2Im Compress Concat DepthToSpace Expand GatherElements GatherND OneHot"
        " Pad ReverseSequence Scatter ScatterElements ScatterND Slice SpaceToDepth Split Tile"
        " Transpose Trilu CenterCropPad TensorScatter BitCast",
    ),
    **_each(gather, "Gather"),
    **_each(
        creation,
        "ConstantOfShape EyeLike RandomNormal RandomNormalLike RandomUniform RandomUniformLike"
        " Range HannWindow HammingWindow BlackmanWindow",
    ),
    **_each(
        other,
        "Det DFT Multinomial NonMaxSuppression NonZero STFT TopK Unique MelWeightMatrix"
        " NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss TfIdfVectorizer",
    ),
    **_each(free, "Constant Dropout Flatten Identity Reshape Shape Size Squeeze Unsqueeze"),
    **_each(conv, "FusedConv", "com.microsoft"),
    **_each(gemm, "FusedGemm", "com.microsoft"),
    **_each(matmul, "FusedMatMul", "com.microsoft"),
    **_each(normalization, "SkipLayerNormalization SimplifiedLayerNormalization", "com.microsoft"),
    **_each(
        elementwise,
        "BiasGelu FastGelu Gelu QuickGelu QLinearAdd QLinearMul QLinearSigmoid QLinearLeakyRelu",
        "com.microsoft",
    ),
}
