"""
The lines of an ncnn `.param` file.

The format: a magic number; how many layers and blobs there are; then one line for each layer, with
its type, name, number of inputs and outputs, their names, and settings as `key=value`. An array has
the key -23300 - key and begins with its length.
<https://github.com/Tencent/ncnn/wiki/param-and-model-file-structure>
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from shufflenet_audit.errors import LoadError

MAGIC: Final = "7767517"
FROM_INPUT: Final = -233
"""A size, slice or padding that follows from the input."""

_ARRAYS: Final = -23300
_HINTS: Final = 30
_HINT_LENGTH: Final = 4
_BEFORE_NAMES: Final = 4  # type, name, number of inputs, number of outputs
_BEFORE_LAYERS: Final = 2  # the magic number, and the numbers of layers and blobs

Setting = int | float | str | tuple[int | float, ...]
Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer as the file spells it."""

    type: str
    """What ncnn calls it, such as `Convolution`."""
    name: str
    """Its name in the file."""
    inputs: tuple[str, ...]
    """Names of the blobs that it reads."""
    outputs: tuple[str, ...]
    """Names of the blobs that it makes."""
    settings: Mapping[int, Setting] = field(default_factory=dict)
    """Its numbers, by the key that ncnn gives them; arrays by the key without -23300."""
    line: int = 0
    """Where it stands in the file, from 1."""
    text: str = ""
    """The line itself."""

    def number(self, key: int, default: int) -> int:
        """A whole number among its settings."""
        value = self.settings.get(key, default)
        return int(value) if isinstance(value, int | float) else default

    def numbers(self, key: int) -> tuple[int | float, ...]:
        """An array among its settings; empty if it is not there."""
        value = self.settings.get(key, ())
        return value if isinstance(value, tuple) else ()

    @property
    def hints(self) -> tuple[Shape | None, ...]:
        """The shapes that the file gives of its outputs, without a batch, or None."""
        given = [int(each) for each in self.numbers(_HINTS)]
        parts = [given[at : at + _HINT_LENGTH] for at in range(0, len(given), _HINT_LENGTH)]
        shapes = [_hint(part) for part in parts if len(part) == _HINT_LENGTH]
        return (*shapes, *[None] * len(self.outputs))[: len(self.outputs)]


def layers(path: Path) -> tuple[Layer, ...]:
    """The layers of a file in the order in which they run. Raises LoadError."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path} is not a text file of ncnn: {error}; give the .param, not the .bin"
        raise LoadError(message) from error
    announced = _announced(path, lines)
    body = enumerate(lines[_BEFORE_LAYERS:], start=_BEFORE_LAYERS + 1)
    # ncnn reads as many layers as are announced, and nothing behind them.
    lines_of_layers = islice(((at, line) for at, line in body if line.strip()), announced)
    found = tuple(_layer(path, at, line) for at, line in lines_of_layers)
    if len(found) < announced:
        message = (
            f"{path} is cut off: it announces {announced} layers and has {len(found)};"
            " copy or export it again"
        )
        raise LoadError(message)
    _check_order(path, found)
    return found


def _announced(path: Path, lines: list[str]) -> int:
    """How many layers the file says it has."""
    if not lines or lines[0].strip() != MAGIC:
        message = (
            f"{path} is not in the text format of ncnn, which begins with {MAGIC};"
            " give a .param made by ncnnoptimize, onnx2ncnn or pnnx"
        )
        raise LoadError(message)
    counts = lines[1].split() if len(lines) > 1 else []
    if len(counts) != _BEFORE_LAYERS or not all(count.isdecimal() for count in counts):
        message = f"{path}:2: expected the numbers of layers and blobs; copy or export it again"
        raise LoadError(message)
    return int(counts[0])


def _layer(path: Path, at: int, line: str) -> Layer:
    words = line.split()
    counts = words[2:_BEFORE_NAMES]
    if len(counts) != _BEFORE_NAMES - 2 or not all(count.isdecimal() for count in counts):
        message = f"{path}:{at}: expected a type, a name and two numbers; copy or export it again"
        raise LoadError(message)
    first, last = int(counts[0]), int(counts[0]) + int(counts[1])
    names, settings = words[_BEFORE_NAMES:][:last], words[_BEFORE_NAMES + last :]
    if len(names) < last:
        message = f"{path}:{at}: {last} blobs announced, {len(names)} named; copy or export again"
        raise LoadError(message)
    try:
        read = dict(_setting(word) for word in settings)
    except ValueError as error:
        message = f"{path}:{at}: {error}; copy or export the file again"
        raise LoadError(message) from error
    return Layer(words[0], words[1], tuple(names[:first]), tuple(names[first:]), read, at, line)


def _setting(word: str) -> tuple[int, Setting]:
    """A `key=value`. Raises ValueError."""
    key, equals, value = word.partition("=")
    if not equals:
        message = f"{word!r} is not a setting of the form key=value"
        raise ValueError(message)
    number = int(key)
    if number > _ARRAYS:
        return number, value if value.startswith('"') else _number(value)
    length, *items = value.split(",")
    if int(length) != len(items):
        message = f"{word!r} announces {length} numbers and has {len(items)}"
        raise ValueError(message)
    return _ARRAYS - number, tuple(map(_number, items))


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _hint(part: list[int]) -> Shape | None:
    """A shape from its rank and its width, height and channels."""
    rank, width, height, channels = part
    return {1: (width,), 2: (height, width), 3: (channels, height, width)}.get(rank)


def _check_order(path: Path, found: tuple[Layer, ...]) -> None:
    """Raise LoadError where a layer reads what none before it makes."""
    made: set[str] = set()
    for layer in found:
        missing = next((name for name in layer.inputs if name not in made), None)
        twice = next(_repeated(layer, made), None)
        if missing is not None or twice is not None:
            what = f"reads {missing!r}, which no layer before it makes"
            what = what if missing is not None else f"makes {twice!r}, which is there already"
            message = f"{path}:{layer.line}: {layer.name} {what}; copy or export the file again"
            raise LoadError(message)
        made.update(layer.outputs)


def _repeated(layer: Layer, made: set[str]) -> Iterator[str]:
    own: set[str] = set()
    for name in layer.outputs:
        if name in made or name in own:
            yield name
        own.add(name)
