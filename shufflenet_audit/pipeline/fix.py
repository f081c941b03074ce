"""Fix a network: from the library, or one that was loaded from a file or by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shufflenet_audit.errors import AuditError

if TYPE_CHECKING:  # importing torch takes seconds, and `audit --help` must not wait for it
    import torch

    from shufflenet_audit.fixing import Fixed
    from shufflenet_audit.loading.loaded import Loaded, LoadedGraph


def fix(model: torch.nn.Module, *args: Any, exact: bool = True, **kwargs: Any) -> Fixed:
    """
    The network rewritten so that it gives the same outputs for less.

    It is fixed as it runs in evaluation mode on these inputs; the model itself stays as it is.
    Every rewrite is checked by running both, in float64 and in the model's own dtype, on these
    inputs, three random ones and a second batch size. Raises AuditError for a model that cannot
    be rewritten, and says why.
    """
    from shufflenet_audit.fixing import fix as fixed  # noqa: PLC0415  (see the top)

    return fixed(model, *args, exact=exact, **kwargs)


def fix_loaded(loaded: Loaded | LoadedGraph) -> Fixed:
    """Fix a model that came from a file or a name. Raises AuditError."""
    from shufflenet_audit.fixing import captured, fixed  # noqa: PLC0415  (as above)
    from shufflenet_audit.loading.exported_program.program import Program  # noqa: PLC0415  (as above)
    from shufflenet_audit.loading.loaded import LoadedGraph  # noqa: PLC0415  (as above)

    if isinstance(loaded, LoadedGraph):
        message = (
            f"{loaded.name} was read as a graph ({loaded.read_as}), which cannot be run here, so no"
            " change of it could be checked: fix the PyTorch model that it was exported from"
        )
        raise AuditError(message)
    if isinstance(loaded.model, Program):
        message = (
            f"{loaded.name} is an exported program, which is read without its weights: fix the"
            " PyTorch model that it was exported from"
        )
        raise AuditError(message)
    with loaded.context():
        model = loaded.model
        if any(tensor.is_meta for tensor in (*model.parameters(), *model.buffers())):
            if loaded.build is None:
                message = f"{loaded.name} was loaded without weights, and cannot be built with them"
                raise AuditError(message)
            model = loaded.build()
        args, kwargs = _filled((loaded.args, dict(loaded.kwargs)))
        return fixed(captured(model, args, kwargs, loaded.lines))


def _filled(inputs: Any) -> Any:
    """Inputs with values: random numbers where only their sizes are known."""
    import torch  # noqa: PLC0415  (see the top)
    from torch.utils._pytree import tree_map_only  # noqa: PLC0415  (see the top)

    generator = torch.Generator().manual_seed(0)

    def filled(tensor: torch.Tensor) -> torch.Tensor:
        if not tensor.is_meta and tensor.any():
            return tensor
        if not tensor.is_floating_point():
            return torch.zeros(tensor.shape, dtype=tensor.dtype)
        return torch.randn(tensor.shape, generator=generator).to(tensor.dtype)

    return tree_map_only(torch.Tensor, filled, inputs)
