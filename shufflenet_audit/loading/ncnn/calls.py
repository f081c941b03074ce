"""The layers of an ncnn model as calls of ops, as the cost handlers take them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from shufflenet_audit.errors import LoadError
from shufflenet_audit.loading.ncnn.param import Layer, Shape
from shufflenet_audit.loading.ncnn.settings import settings
from shufflenet_audit.loading.ncnn.shapes import shapes
from shufflenet_audit.loading.ncnn.weights import announced, is_integer, makes_integers, weights
from shufflenet_audit.network.call import (
    Call,
    Place,
    TensorSpec,
)
from shufflenet_audit.network.graph import Input
from shufflenet_audit.network.op import Source
from shufflenet_audit.network.tensor import Tensor

VIEWS = frozenset({"Split", "Flatten", "Reshape", "Dropout", "Squeeze", "ExpandDims"})
"""Layers that hand their input on; ncnn copies at most the padding between channels."""

_NOT_RUN = frozenset({"Input", "MemoryData", "Noop"})


@dataclass(frozen=True, slots=True)
class LayerCalls:
    """What a model runs."""

    calls: tuple[Call, ...]
    """Its calls, in the order in which they run."""
    outputs: tuple[str, ...]
    """The ops (or inputs) whose results leave it."""
    params: int
    """Elements of all its weights."""
    unsized: int
    """Layers of which no shape is known."""
    origins: Mapping[str, str]
    """The op of each blob that one makes, by the name in the file."""


def calls(
    file: str, layers: Sequence[Layer], inputs: Sequence[Input], *, hinted: bool
) -> LayerCalls:
    """
    The calls of a model on these inputs. Raises LoadError where sizes contradict each other.

    `hinted` says that the shapes which the file gives of its blobs hold for these inputs.
    """
    walk = _Walk(file, inputs, hinted=hinted)
    made = tuple(call for layer in layers for call in walk.step(layer))
    read = {name for layer in layers if layer.type != "Noop" for name in layer.inputs}
    left = (name for layer in layers if layer.type not in _NOT_RUN
            for name in layer.outputs if name not in read)  # fmt: skip
    outputs = tuple(dict.fromkeys(filter(None, map(walk.origin, left))))
    unsized = sum(not call.op for call in made)
    return LayerCalls(made, outputs, walk.params, unsized, walk.origins)


class _Walk:
    """Goes through the layers and knows of each blob who made it, and what it is."""

    def __init__(self, file: str, inputs: Sequence[Input], *, hinted: bool) -> None:
        self._file = file
        self._hinted = hinted
        self._taken = {given.name for given in inputs}
        self._given = frozenset(self._taken)
        self.params = 0
        self._specs = {
            given.name: TensorSpec(given.tensor, given.tensor.elements, given.name)
            for given in inputs
        }

    def origin(self, name: str) -> str:
        """The op or input that made a blob."""
        return self._specs[name].origin if name in self._specs else ""

    @property
    def origins(self) -> dict[str, str]:
        """The op of each blob that one makes."""
        own = self._taken - self._given
        return {name: spec.origin for name, spec in self._specs.items() if spec.origin in own}

    def step(self, layer: Layer) -> Iterator[Call]:
        """The calls of a layer: one, unless it is taken apart."""
        if layer.type == "MemoryData":
            (held,) = self._held(layer, ())
            self._specs[layer.outputs[0]] = held
        if layer.type in _NOT_RUN:
            return
        given = tuple(self._specs[name] for name in layer.inputs)
        made = self._shapes(layer, given)
        if made is None or not all(_is_sized(spec) for spec in given):
            yield self._unknown(layer, given)
        elif layer.type == "MultiHeadAttention":
            yield from self._attention(layer, given)
        else:
            yield from self._run(layer, given, made)

    def _shapes(self, layer: Layer, given: Sequence[TensorSpec]) -> Sequence[Shape] | None:
        """By a rule, or as the file has them."""
        sized = all(_is_sized(spec) for spec in given)
        ruled = shapes(layer, [_unbatched(spec) for spec in given]) if sized else None
        if ruled is not None or not self._hinted:
            return ruled
        hints = [hint for hint in layer.hints if hint is not None]
        return hints if len(hints) == len(layer.outputs) else None

    def _run(
        self, layer: Layer, given: Sequence[TensorSpec], made: Sequence[Shape]
    ) -> Iterator[Call]:
        if is_integer(layer) and given[0].tensor.dtype != "int8":
            yield from self._quantized(layer, given[0])
            given = (self._specs[_quantized(layer)], *given[1:])
        held = self._held(layer, [_unbatched(spec) for spec in given])
        name = self._unique(layer.name)
        dtype = "int8" if makes_integers(layer) else "float32"
        outputs = tuple(TensorSpec.of(1, *shape, dtype=dtype, origin=name) for shape in made)
        yield self._call(layer, name, (*given, *held), outputs)

    def _call(
        self, layer: Layer, name: str, args: tuple[Any, ...], outputs: tuple[TensorSpec, ...]
    ) -> Call:
        self._specs |= dict(zip(layer.outputs, outputs, strict=True))
        return Call(
            name=name,
            target=f"ncnn.{layer.type}",
            op=f"ncnn.{layer.type}",
            args=args,
            outputs=outputs,
            kwargs=settings(layer),
            place=self._place(layer),
            is_view=layer.type in VIEWS,
        )

    def _unknown(self, layer: Layer, given: tuple[TensorSpec, ...]) -> Call:
        """A layer of unknown shape: its op has no name, so that no handler takes it for known."""
        name = self._unique(layer.name)
        outputs = tuple(TensorSpec(Tensor((), "unknown"), 0, name) for _ in layer.outputs)
        return replace(self._call(layer, name, given, outputs), op="", is_view=False)

    def _quantized(self, layer: Layer, x: TensorSpec) -> Iterator[Call]:
        """The step that makes integers of the input of an integer layer."""
        made = _quantized(layer)
        quantize = Layer("Quantize", made, layer.inputs[:1], (made,), {}, layer.line, layer.text)
        name = self._unique(made)
        output = TensorSpec.of(*x.shape, dtype="int8", origin=name)
        yield self._call(quantize, name, (x,), (output,))

    def _attention(self, layer: Layer, given: Sequence[TensorSpec]) -> Iterator[Call]:
        """Three linear layers, attention itself, and one more linear layer."""
        held = self._held(layer, ())
        heads, width = layer.number(1, 1), layer.number(0, 0)
        sources = dict(zip(("query", "key", "value"), (*given, given[0], given[0]), strict=False))
        headed = []
        for at, (part, source) in enumerate(sources.items()):
            rows = source.shape[-2]
            linear = replace(layer, type="InnerProduct", outputs=(f"{layer.name}/{part}",))
            name = self._unique(linear.outputs[0])
            made = TensorSpec.of(1, rows, width, origin=name)
            yield self._call(linear, name, (source, *held[2 * at : 2 * at + 2]), (made,))
            headed.append(replace(made, tensor=Tensor((heads, rows, width // heads), "float32")))
        kernel = replace(layer, outputs=(f"{layer.name}/attention",))
        name = self._unique(kernel.outputs[0])
        mixed = TensorSpec.of(1, given[0].shape[-2], width, origin=name)
        yield self._call(kernel, name, tuple(headed), (mixed,))
        name = self._unique(layer.name)
        out = TensorSpec.of(1, given[0].shape[-2], held[6].shape[0], origin=name)
        linear = replace(layer, type="InnerProduct")
        yield self._call(linear, name, (mixed, *held[6:8]), (out,))

    def _held(self, layer: Layer, given: Sequence[Shape]) -> list[TensorSpec]:
        dtype = "int8" if is_integer(layer) else "float32"
        made = weights(layer, given)
        stated = announced(layer)
        if stated is not None and prod(made[0][1]) != stated:
            message = (
                f"{self._file}:{layer.line}: {layer.name} has {stated} weights, and its shapes"
                f" need {prod(made[0][1])}: the file is damaged, or --input has other channels"
            )
            raise LoadError(message)
        self.params += sum(prod(shape) for _, shape in made)
        return [
            TensorSpec(Tensor(shape, dtype if part == "weight" else "float32"), prod(shape), "",
                 (f"{layer.name}.{part}".rstrip("."),))
            for part, shape in made
        ]  # fmt: skip

    def _unique(self, name: str) -> str:
        """The name of an op; layers may have the same, ops may not."""
        found, count = name, 1
        while found in self._taken:
            count += 1
            found = f"{name}_{count}"
        self._taken.add(found)
        return found

    def _place(self, layer: Layer) -> Place:
        module = layer.name.rpartition("/")[0].strip("/").replace("/", ".")
        source = Source(self._file, layer.line, f"{layer.type} {layer.name}")
        return Place(module, "", source)


def _quantized(layer: Layer) -> str:
    return f"{layer.name}/quantize"


def _unbatched(spec: TensorSpec) -> Shape:
    """A shape as ncnn has it; what the model holds has no batch."""
    return spec.shape if spec.parameters else spec.shape[1:]


def _is_sized(spec: TensorSpec) -> bool:
    return spec.tensor.dtype != "unknown"
