"""What PyTorch's own schema says of an op: its name, what it views, what it writes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True, slots=True)
class Schema:
    """
    The facts about an op that a recorder needs.

    `op` is the name without overload and in-place underscore. `returned` maps a result's position
    to the argument that it is (in-place and out= forms). `needs_values` tells that the shape of
    the result, or the result itself, depends on the values of the inputs. `composite` that PyTorch
    takes it apart before it runs, but for its inference mode.
    """

    op: str
    target: str
    is_view: bool
    pointwise: bool
    needs_values: bool
    composite: bool
    written: tuple[int | str, ...]
    returned: dict[int, int | str]

    @property
    def pure(self) -> bool:
        """Whether it makes new tensors and does nothing else."""
        return not (self.is_view or self.written)


def schema(func: Any) -> Schema:
    """The facts about an op (an OpOverload)."""
    declared = func._schema  # noqa: SLF001  (PyTorch has no public way to ask)
    written: dict[int | str, Any] = {}
    for at, argument in enumerate(declared.arguments):
        if argument.alias_info is not None and argument.alias_info.is_write:
            written[argument.name if argument.kwarg_only else at] = argument.alias_info.before_set
    returned = {
        at: place
        for at, result in enumerate(declared.returns)
        if result.alias_info is not None and result.alias_info.is_write
        for place, names in written.items()
        if names == result.alias_info.before_set
    }
    metadata_only = torch.Tag.inplace_view in func.tags
    aliases = any(result.alias_info is not None for result in declared.returns)
    name = declared.name.replace("::", ".")
    return Schema(
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
