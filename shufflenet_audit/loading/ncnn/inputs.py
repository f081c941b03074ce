"""The inputs of an ncnn model: their shapes in the file, or as they are given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shufflenet_audit.errors import InputError
from shufflenet_audit.loading.ncnn.param import Layer, Shape
from shufflenet_audit.network.graph import Input
from shufflenet_audit.network.tensor import Tensor


def inputs(layers: Sequence[Layer], given: Sequence[tuple[str, Tensor]]) -> tuple[Input, ...]:
    """
    The inputs, each of the shape that is given for it, or else that of the file.

    `given` are tensors by name; without a name they are taken in order. Their first dimension is
    the batch, which ncnn does not have. Raises InputError.
    """
    declared = {name: _declared(layer) for layer in layers if layer.type == "Input"
                for name in layer.outputs}  # fmt: skip
    chosen = dict(_by_name(tuple(declared), given))
    return tuple(
        Input(name, _with_batch(name, chosen[name], shape) if name in chosen else _own(name, shape))
        for name, shape in declared.items()
    )


def keep_their_shapes(layers: Sequence[Layer], inputs: Sequence[Input]) -> bool:
    """Whether all inputs are as in the file: then the shapes that it gives of blobs hold."""
    declared = {name: _declared(layer) for layer in layers if layer.type == "Input"
                for name in layer.outputs}  # fmt: skip
    return all(declared[given.name] == given.tensor.shape[1:] for given in inputs)


def _declared(layer: Layer) -> Shape | None:
    sizes = tuple(size for key in (2, 11, 1, 0) if (size := layer.number(key, 0)) > 0)
    return sizes or next(iter(layer.hints), None)


def _by_name(
    names: Sequence[str], given: Sequence[tuple[str, Tensor]]
) -> Iterator[tuple[str, Tensor]]:
    free = (name for name in names if name not in dict(given))
    for name, tensor in given:
        target = name or next(free, "")
        if target not in names:
            what = f"no input {name!r}" if name else f"only {len(names)} inputs"
            message = f"the model has {what}: its inputs are {', '.join(names) or 'none'}"
            raise InputError(message)
        yield target, tensor


def _own(name: str, shape: Shape | None) -> Tensor:
    if shape is None:
        message = (
            f"the file does not say the shape of the input {name!r}:"
            " give it, as in --input 1x3x224x224"
        )
        raise InputError(message)
    return Tensor((1, *shape), "float32")


def _with_batch(name: str, tensor: Tensor, shape: Shape | None) -> Tensor:
    """A given tensor; its batch must be one, and its channels those of the file."""
    fits = tensor.shape[:1] == (1,) and len(tensor.shape) > 1
    same = shape is None or (len(shape) == len(tensor.shape) - 1 and shape[0] == tensor.shape[1])
    if not (fits and same):
        wanted = "×".join(map(str, (1, *(shape or (3, "height", "width")))))
        sizes = "×".join(map(str, tensor.shape))
        message = f"the input {name!r} is {wanted} in the file, {sizes} is not: change --input"
        raise InputError(message)
    return tensor
