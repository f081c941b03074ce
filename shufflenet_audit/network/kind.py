"""What an op is to the guidelines, and which slice of the paper's Figure 2 it falls into."""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """A slice of Figure 2 of the ShuffleNet V2 paper: where run time goes."""

    CONV = "Conv"
    ELEMWISE = "Elemwise"
    DATA = "Data"
    SHUFFLE = "Shuffle"
    OTHER = "Other"


class Kind(StrEnum):
    """What an op is to the guidelines."""

    CONV = "conv"
    POINTWISE_CONV = "pointwise_conv"
    GROUP_CONV = "group_conv"
    DEPTHWISE_CONV = "depthwise_conv"
    LINEAR = "linear"
    MATMUL = "matmul"
    ATTENTION = "attention"
    RECURRENT = "recurrent"
    ELEMENTWISE = "elementwise"
    NORMALIZATION = "normalization"
    SOFTMAX = "softmax"
    POOLING = "pooling"
    REDUCTION = "reduction"
    RESAMPLING = "resampling"
    DATA = "data"
    SHUFFLE = "shuffle"
    EMBEDDING = "embedding"
    CREATION = "creation"
    OTHER = "other"
    VIEW = "view"
    UNKNOWN = "unknown"

    @property
    def category(self) -> Category:
        """The paper's time category. Depthwise convolutions are in Conv, linear layers in Other."""
        return _CATEGORIES.get(self, Category.OTHER)


CONVOLUTIONS = frozenset({Kind.CONV, Kind.POINTWISE_CONV, Kind.GROUP_CONV, Kind.DEPTHWISE_CONV})
_CATEGORIES = dict.fromkeys(CONVOLUTIONS, Category.CONV) | {
    Kind.ELEMENTWISE: Category.ELEMWISE,
    Kind.NORMALIZATION: Category.ELEMWISE,
    Kind.DATA: Category.DATA,
    Kind.EMBEDDING: Category.DATA,
    Kind.CREATION: Category.DATA,
    Kind.SHUFFLE: Category.SHUFFLE,
}
