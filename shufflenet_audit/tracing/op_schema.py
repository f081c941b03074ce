"""Reads from PyTorch's schema of an op what it views and what it writes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True, slots=True)
class OpSchema:
    """What the recorder has to know of an op."""

    op: str
    """The name without the overload and the underscore of in-place ops, as in `aten.relu`."""
    target: str
    """The full name, as in `aten.relu_.default`."""
    is_view: bool
    """Whether the result shares the memory of an input, and nothing is written."""
    pointwise: bool
    """Whether PyTorch tags it as an element-wise op."""
    needs_values: bool
    """Whether the result, or its shape, depends on the values of the inputs."""
    composite: bool
    """Whether PyTorch decomposes it into other ops before it runs (except in inference mode)."""
    written: tuple[int | str, ...]
    """The arguments that it writes to, by position or, if keyword-only, by name."""
    returned: dict[int, int | str]
    """Results that are one of its arguments (in-place and out= forms): position to argument."""

    @property
    def pure(self) -> bool:
        """Whether it only makes new tensors."""
        return not (self.is_view or self.written)


def op_schema(func: Any) -> OpSchema:
    """The schema of an op (an OpOverload)."""
    declared = func._schema  # noqa: SLF001  (PyTorch has no public way to ask)
    written: dict[int | str, Any] = {}
    for index, argument in enumerate(declared.arguments):
        if argument.alias_info is not None and argument.alias_info.is_write:
            written[argument.name if argument.kwarg_only else index] = (
                argument.alias_info.before_set
            )
    returned = {
        index: argument
        for index, result in enumerate(declared.returns)
        if result.alias_info is not None and result.alias_info.is_write
        for argument, names in written.items()
        if names == result.alias_info.before_set
    }
    metadata_only = torch.Tag.inplace_view in func.tags
    aliases = any(result.alias_info is not None for result in declared.returns)
    name = declared.name.replace("::", ".")
    return OpSchema(
        op=name.removesuffix("_") if written and not name.endswith("__") else name,
        target=str(func),
        is_view=metadata_only or (aliases and not written),
        pointwise=torch.Tag.pointwise in func.tags,
        needs_values=bool(_VALUE_TAGS.intersection(func.tags)),
        composite=torch._C._dispatch_has_kernel_for_dispatch_key(func.name(), _COMPOSITE),  # noqa: SLF001  (as above)
        written=tuple(written),
        returned=returned,
    )


_COMPOSITE = "CompositeImplicitAutograd"
_VALUE_TAGS = frozenset({torch.Tag.data_dependent_output, torch.Tag.dynamic_output_shape})
