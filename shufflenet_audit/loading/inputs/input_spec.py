"""Example inputs as a user spells them: `1x3x224x224`, `input_ids=int64[1,128]`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from shufflenet_audit.errors import InputError

DTYPES: Final = (
    "float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8",
    "bool", "complex64", "complex128",
)  # fmt: skip
_LARGEST: Final = 2**31


@dataclass(frozen=True, slots=True)
class Example:
    """One input tensor. It goes to the argument of that name, or to the next one in order."""

    shape: tuple[int, ...]
    dtype: str = "float32"
    name: str = ""

    def __str__(self) -> str:
        sizes = "x".join(map(str, self.shape))
        plain = sizes if self.dtype == "float32" and self.shape else f"{self.dtype}[{sizes}]"
        return f"{self.name}={plain}" if self.name else plain


def example(text: str) -> Example:
    """The example input that a text spells. Raises InputError."""
    name, equals, rest = text.rpartition("=")
    if equals and not name.strip().isidentifier():
        message = f"input {text!r}: {name!r} cannot be the name of an argument"
        raise InputError(message)
    match = re.fullmatch(r"\s*(?:(\w*)\[(.*)\]|([^\[\]]+))\s*", rest)
    if match is None:
        raise _misspelt(text, "it has no shape")
    dtype, listed, plain = match.groups()
    return Example(_shape(text, listed, plain), _dtype(text, dtype), name.strip())


def _shape(text: str, listed: str | None, plain: str | None) -> tuple[int, ...]:
    """The sizes of `[1,128]`, which may be none at all, or of `1x128`."""
    if listed is not None and not listed.strip():
        return ()
    sizes = re.split(r"[x×,]", (plain or listed or "").replace(" ", "").lower())
    wrong = [size for size in sizes if not re.fullmatch(r"[0-9]{1,10}", size)]
    if wrong:
        raise _misspelt(text, f"{wrong[0]!r} is no size")
    shape = tuple(map(int, sizes))
    if not all(0 < size <= _LARGEST for size in shape):
        raise _misspelt(text, f"each size must be from 1 to {_LARGEST}")
    return shape


def _dtype(text: str, dtype: str | None) -> str:
    if not dtype:
        return "float32"
    if dtype in DTYPES:
        return dtype
    close = get_close_matches(dtype, DTYPES, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(DTYPES)}"
    message = f"input {text!r}: no dtype is called {dtype!r}: {hint}"
    raise InputError(message)


def _misspelt(text: str, cause: str) -> InputError:
    return InputError(
        f"input {text!r}: {cause}: write it as 1x3x224x224, int64[1,128] or input_ids=int64[1,128]"
    )
