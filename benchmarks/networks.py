"""The networks of torchvision and timm: their names, how they are built, what they are run on."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch

_FRAMES = 16
_SIDE = 512
_SEGMENTATION = (
    "deeplabv3_mobilenet_v3_large",
    "deeplabv3_resnet50",
    "deeplabv3_resnet101",
    "fcn_resnet50",
    "fcn_resnet101",
    "lraspp_mobilenet_v3_large",
)
_FROZEN = (
    "fasterrcnn_mobilenet_v3_large_320_fpn",
    "fasterrcnn_mobilenet_v3_large_fpn",
    "fasterrcnn_resnet50_fpn",
    "fcos_resnet50_fpn",
    "keypointrcnn_resnet50_fpn",
    "maskrcnn_resnet50_fpn",
    "retinanet_resnet50_fpn",
)
_FOUND = {"keypointrcnn_resnet50_fpn": 1, "maskrcnn_resnet50_fpn_v2": 100}


@dataclass(frozen=True)
class Network:
    """An architecture of a library, without weights."""

    library: str
    name: str

    def build(self) -> torch.nn.Module:
        """The network with random weights, in evaluation mode."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a library says of its own constructors
            return self._made().eval()

    def on_meta(self) -> torch.nn.Module:
        """The network without values; for real if its constructor computes with tensors."""
        try:
            with torch.device("meta"):
                return self.build()
        except (NotImplementedError, RuntimeError, TypeError, ValueError):
            return self.build()

    def inputs(self, model: torch.nn.Module) -> tuple[Any, ...]:
        """What it is run on: in torchvision, the inputs that its `_ops` were counted for."""
        if self.library == "timm":
            return (torch.zeros(1, *_input_size(model)),)
        family = model.__module__.split(".")[-2]
        shape = (1, _FRAMES, 3, _SIDE, _SIDE) if family == "video" else (1, 3, _SIDE, _SIDE)
        image = torch.rand(shape[1:] if family == "detection" else shape)
        if self._weights is None:
            return (image,)
        prepared = self._weights.transforms()
        if family == "optical_flow":
            return tuple(prepared(image, image))
        return ([prepared(image)],) if family == "detection" else (prepared(image),)

    @property
    def macs(self) -> int | None:
        """Multiply–adds that the library itself states, to a million."""
        return None if self._weights is None else round(self._weights.meta["_ops"] * 1e9)

    @property
    def params(self) -> int | None:
        """Parameters that the library itself states."""
        return None if self._weights is None else self._weights.meta["num_params"]

    def _made(self) -> torch.nn.Module:
        if self.library == "timm":
            import timm  # noqa: PLC0415  (each library takes seconds)

            return timm.create_model(self.name, pretrained=False)
        from torchvision import models  # noqa: PLC0415  (see above)

        model = models.get_model(self.name, weights=None, **self._options)
        if self.name in _FROZEN:
            model = _frozen(model)
        return _on_noise(model, _FOUND.get(self.name, 0)) if "rcnn" in self.name else model

    @property
    def _options(self) -> dict[str, Any]:
        """What building with weights would set: `num_params` and `_ops` are of that network."""
        from torchvision import models  # noqa: PLC0415  (see above)

        options: dict[str, Any] = {}
        if self.name in {*models.list_models(models.detection), *_SEGMENTATION}:
            options["weights_backbone"] = None
        if self.name in _SEGMENTATION and not self.name.startswith("lraspp"):
            options["aux_loss"] = True
        if "googlenet" in self.name:
            options["aux_logits"] = False
        if self.name.startswith("vit_") and self._weights is not None:
            options["image_size"] = self._weights.meta["min_size"][0]
        return options

    @cached_property
    def _weights(self) -> Any:
        """The weights whose counts are stated; none for timm."""
        if self.library == "timm":
            return None
        from torchvision import models  # noqa: PLC0415  (see above)

        offered = models.get_model_weights(self.name)
        return getattr(offered, "DEFAULT", None) or next(iter(offered), None)


def networks(library: str) -> Iterator[Network]:
    """All networks of a library."""
    if library == "timm":
        import timm  # noqa: PLC0415  (see above)

        names = timm.list_models()
    else:
        from torchvision import models  # noqa: PLC0415  (see above)

        names = models.list_models()
    return (Network(library, name) for name in names)


def _input_size(model: Any) -> tuple[int, ...]:
    return tuple(model.pretrained_cfg["input_size"])


def _frozen(model: torch.nn.Module) -> torch.nn.Module:
    """The model with fixed batch norms in its backbone, as its builder makes it with weights."""
    from torchvision.ops import FrozenBatchNorm2d  # noqa: PLC0415  (see above)

    for path, module in list(model.named_modules()):
        if path.startswith("backbone.body") and isinstance(module, torch.nn.BatchNorm2d):
            model.set_submodule(path, FrozenBatchNorm2d(module.num_features, module.eps))
    return model


def _on_noise(model: Any, found: int) -> torch.nn.Module:
    """
    The detector, finding as many objects in noise as the trained one of which `_ops` are stated.

    What the heads for boxes, masks and key points compute depends on it.
    """
    model.rpn.head.cls_logits.bias.data.fill_(-100)
    model.roi_heads.detections_per_img = found
    return model
