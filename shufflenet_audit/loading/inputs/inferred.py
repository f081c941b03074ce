"""An input that a model probably takes, from what it says of itself or from its first layer."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import nn

from shufflenet_audit.errors import InputError
from shufflenet_audit.loading.inputs.input_spec import Example


@dataclass(frozen=True, slots=True)
class Derived:
    """Inputs, what they are derived from, and whether the model takes them in one list."""

    examples: tuple[Example, ...]
    origin: str
    listed: bool = False


def derived(model: nn.Module) -> Derived:
    """The inputs, and what they are derived from. Raises InputError where nothing tells them."""
    for derive in (_of_timm, _of_detection, _of_transformers, _of_first_layer):
        if found := derive(model):
            return found
    name = type(model).__name__
    message = f"no input can be derived from {name}: give one, as in --input 1x3x224x224"
    raise InputError(message)


def _of_timm(model: nn.Module) -> Derived | None:
    """What timm says beside each of its models."""
    for name in ("pretrained_cfg", "default_cfg"):
        config = getattr(model, name, None)
        size = config.get("input_size") if isinstance(config, Mapping) else None
        if size:
            return Derived((Example((1, *size), _dtype(model)),), f"its {name}['input_size']")
    return None


def _of_detection(model: nn.Module) -> Derived | None:
    """The detectors of torchvision take a list of images."""
    if not type(model).__module__.startswith("torchvision.models.detection"):
        return None
    return Derived((Example((3, 800, 800), _dtype(model)),), "what detectors take", listed=True)


def _of_transformers(model: nn.Module) -> Derived | None:
    """What the configuration and the signature of a model of transformers say."""
    config = getattr(model, "config", None)
    if config is None or not hasattr(config, "model_type"):
        return None
    takes = inspect.signature(model.forward).parameters
    names = [getattr(model, "main_input_name", "input_ids")]
    if hasattr(config, "text_config") and hasattr(config, "vision_config"):
        names += ["pixel_values"]
    if getattr(config, "is_encoder_decoder", False):
        names += ["decoder_input_ids"]
    shapes = {name: _SHAPES[name](config) for name in names if name in takes and name in _SHAPES}
    examples = tuple(
        Example(shape, "int64" if name.endswith("ids") else _dtype(model), name)
        for name, shape in shapes.items()
    )
    return Derived(examples, f"its {config.model_type} configuration") if examples else None


def _tokens(config: Any) -> tuple[int, ...]:
    """128 tokens, or as many as there are positions."""
    config = getattr(config, "text_config", config)
    return (1, min(128, getattr(config, "max_position_embeddings", None) or 128))


def _image(config: Any) -> tuple[int, ...]:
    config = getattr(config, "vision_config", config)
    size = getattr(config, "image_size", None) or 224
    height, width = size if isinstance(size, list | tuple) else (size, size)
    return (1, getattr(config, "num_channels", 3), height, width)


def _spectrogram(config: Any) -> tuple[int, ...]:
    """Whisper's: twice as many frames as there are positions after its stride."""
    return (
        1,
        getattr(config, "num_mel_bins", 80),
        2 * getattr(config, "max_source_positions", 1500),
    )


_SHAPES: Final[Mapping[str, Callable[[Any], tuple[int, ...]]]] = {
    "input_ids": _tokens,
    "decoder_input_ids": _tokens,
    "pixel_values": _image,
    "input_features": _spectrogram,
    "input_values": lambda _: (1, 16000),
}


# What the first layer takes, by its class. A layer made lazily has zeros: it does not know yet.
_TAKES: Final[tuple[tuple[type[nn.Module], Callable[[Any], tuple[int, ...]]], ...]] = (
    (nn.Conv1d, lambda layer: (1, layer.in_channels, 1024)),
    (nn.Conv2d, lambda layer: (1, layer.in_channels, 224, 224)),
    (nn.Conv3d, lambda layer: (1, layer.in_channels, 16, 224, 224)),
    (nn.ConvTranspose1d, lambda layer: (1, layer.in_channels, 1)),
    (nn.ConvTranspose2d, lambda layer: (1, layer.in_channels, 1, 1)),
    (nn.ConvTranspose3d, lambda layer: (1, layer.in_channels, 1, 1, 1)),
    (nn.Linear, lambda layer: (1, layer.in_features)),
    (nn.Embedding, lambda _: (1, 128)),
    (nn.EmbeddingBag, lambda _: (1, 128)),
    (nn.MultiheadAttention, lambda layer: (1, 128, layer.embed_dim)),
    (nn.RNNBase, lambda layer: (1, 128, layer.input_size)),
)


def _of_first_layer(model: nn.Module) -> Derived | None:
    for path, layer in model.named_modules():
        shape = next((takes(layer) for kind, takes in _TAKES if isinstance(layer, kind)), (0,))
        if 0 not in shape:
            dtype = "int64" if isinstance(layer, nn.Embedding | nn.EmbeddingBag) else _dtype(model)
            where = f"{path}, a {type(layer).__name__}" if path else type(layer).__name__
            return Derived((Example(shape, dtype),), f"its first layer ({where})")
    return None


def _dtype(model: nn.Module) -> str:
    """That of the weights."""
    weights = (each.dtype for each in model.parameters() if each.dtype.is_floating_point)
    return str(next(weights, torch.float32)).removeprefix("torch.")
