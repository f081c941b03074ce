"""The shape, dtype and name of an input as a user types them: `input_ids=int64[1,128]`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

from shufflenet_audit.errors import InputError
from shufflenet_audit.text import did_you_mean

DTYPES: Final = (
    "float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8",
    "bool", "complex64", "complex128",
)  # fmt: skip
_LARGEST: Final = 2**31


@dataclass(frozen=True, slots=True)
class InputSpec:
    """One input tensor of a model, without its values."""

    shape: tuple[int, ...]
    """The size of each dimension, in elements."""
    dtype: str = "float32"
    """The element type, by PyTorch's name without `torch.`."""
    name: str = ""
    """The argument of `forward` that gets the tensor; if empty, the next positional one."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `1x3x224x224`, `int64[1,128]` or `input_ids=int64[1,128]`. Raises InputError."""
        name, equals, rest = text.rpartition("=")
        if equals and not name.strip().isidentifier():
            message = f"input {text!r}: {name!r} cannot be the name of an argument"
            raise InputError(message)
        match = re.fullmatch(r"\s*(?:(\w*)\[(.*)\]|([^\[\]]+))\s*", rest)
        if match is None:
            raise _syntax_error(text, "it has no shape")
        dtype, bracketed, plain = match.groups()
        return cls(_shape(text, bracketed, plain), _dtype(text, dtype), name.strip())

    def __str__(self) -> str:
        sizes = "x".join(map(str, self.shape))
        plain = sizes if self.dtype == "float32" and self.shape else f"{self.dtype}[{sizes}]"
        return f"{self.name}={plain}" if self.name else plain


def _shape(text: str, bracketed: str | None, plain: str | None) -> tuple[int, ...]:
    """The sizes in `[1,128]` or `1x128`; `[]` is a tensor without dimensions."""
    if bracketed is not None and not bracketed.strip():
        return ()
    sizes = re.split(r"[x×,]", (plain or bracketed or "").replace(" ", "").lower())
    invalid = [size for size in sizes if not re.fullmatch(r"[0-9]{1,10}", size)]
    if invalid:
        raise _syntax_error(text, f"{invalid[0]!r} is not a size")
    shape = tuple(map(int, sizes))
    if not all(0 < size <= _LARGEST for size in shape):
        raise _syntax_error(text, f"each size must be from 1 to {_LARGEST}")
    return shape


def _dtype(text: str, dtype: str | None) -> str:
    if not dtype:
        return "float32"
    if dtype in DTYPES:
        return dtype
    hint = did_you_mean(dtype, DTYPES, otherwise=f"the dtypes are {', '.join(DTYPES)}")
    message = f"input {text!r}: no dtype is called {dtype!r}: {hint}"
    raise InputError(message)


def _syntax_error(text: str, cause: str) -> InputError:
    return InputError(
        f"input {text!r}: {cause}: write it as 1x3x224x224, int64[1,128] or input_ids=int64[1,128]"
    )
