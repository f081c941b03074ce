"""Counts of every classifier of torchvision, against those that its weights carry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
import torch
from torch.overrides import TorchFunctionMode
from torchvision import models

from shufflenet_audit import trace

NAMES: Final = models.list_models(module=models)
# torchvision's numbers have three digits after the point; its 0.5× ShuffleNet V2 has 0.04 giga.
GIGA: Final = 1e9
ROUNDING: Final = 0.0005


class WeightsOnMeta(TorchFunctionMode):
    """Allocates no weights; what a constructor computes (RegNet its widths) keeps its values."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        return func(*args, **(kwargs | {"device": "meta"} if func is torch.empty else kwargs))


def weights(name: str) -> Any:
    """The first weights of a network: all of a network at one image size cost the same."""
    first, *_ = models.get_model_weights(name)
    return first


def image_size(name: str) -> int:
    size: int = weights(name).transforms().crop_size[0]
    return size


def options(name: str) -> dict[str, Any]:
    """What the weights of a network need its constructor to be told."""
    if name == "googlenet":
        return {"aux_logits": False}
    return {"image_size": image_size(name)} if name.startswith("vit_") else {}


# GoogLeNet and Inception warn that they will not draw their first weights differently soon.
@pytest.mark.filterwarnings("ignore:The default weight initialization:FutureWarning")
@pytest.mark.parametrize("name", NAMES)
def test_counts_agree_with_those_of_torchvision(name: str) -> None:
    with WeightsOnMeta():
        model = models.get_model(name, **options(name))
    size = image_size(name)
    total = trace(model, torch.zeros(1, 3, size, size)).total
    meta = weights(name).meta
    assert total.unknown == 0
    assert total.params == meta["num_params"]
    assert total.macs / GIGA == pytest.approx(meta["_ops"], rel=0.01, abs=ROUNDING)


def test_all_of_torchvisions_classifiers_are_there_with_their_numbers() -> None:
    assert len(NAMES) >= 80
    assert all("_ops" in weights(name).meta for name in NAMES)
