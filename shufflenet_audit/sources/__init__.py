"""Where a model comes from: a reference network, a Python file, an import path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # importing torch takes seconds, and `audit --help` must not wait for it
    import torch


@dataclass(frozen=True, slots=True)
class Loaded:
    """
    A model and example inputs to run it on.

    `build` makes it again with real weights, where it was built on meta. `assumptions` are
    sentences about what the user did not say, such as the shape of the input.
    """

    name: str
    model: torch.nn.Module
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    build: Callable[[], torch.nn.Module] | None = None
    assumptions: tuple[str, ...] = ()
