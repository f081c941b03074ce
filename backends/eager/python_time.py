"""The time that a model's own Python takes between its ops."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from torch.utils._python_dispatch import TorchDispatchMode

from shufflenet_audit.plugin import Clock


class _Made(NamedTuple):
    """One op as it was called, and what it made."""

    func: Any
    args: Sequence[Any]
    kwargs: Mapping[str, Any]
    result: Any


class _Recorded(TorchDispatchMode):
    """Keeps what each op makes."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # PyTorch has not annotated it
        self.ops: list[_Made] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        """Run the op and keep what it makes."""
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        self.ops.append(_Made(func, args, kwargs, result))
        return result


class _Dry(TorchDispatchMode):
    """Gives the results of ops that ran before, in the same order, and runs views alone."""

    def __init__(self, ops: Sequence[_Made]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # PyTorch has not annotated it
        self._ops = iter([(each.func, _given(each)) for each in ops])

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        """The next result; PyTorch wants each view to be a new one."""
        before = next(self._ops, None)
        if before is None or before[0] is not func:
            raise OtherOpsError
        result = before[1]
        return func(*args, **(kwargs or {})) if result is _VIEW else result


class OtherOpsError(RuntimeError):
    """The model did not run the same ops again."""


def _given(made: _Made) -> Any:
    aliases = (result.alias_info for result in made.func._schema.returns)  # noqa: SLF001  (no public way)
    is_view = any(alias is not None and not alias.is_write for alias in aliases)
    return _VIEW if is_view else made.result


_VIEW = object()


class Between:
    """
    Runs a model without its ops, and keeps the time.

    Each op is replaced by what it made before. That replacement takes time too, which is measured
    on the same ops without the model around them, and taken off.
    """

    def __init__(self, run: Callable[[], object], clock: Clock) -> None:
        with _Recorded() as recorded:
            run()
        self._run, self._clock = run, clock
        self._ops = tuple(recorded.ops)

    def spent(self) -> int:
        """Nanoseconds that the model's own Python took in one more run."""
        return self._dry(self._run) - self._replacing()

    def _dry(self, run: Callable[[], object]) -> int:
        with _Dry(self._ops):
            start = self._clock()
            run()
            return self._clock() - start

    def _replacing(self) -> int:
        return self._dry(self._calls) - self._looping()

    def _calls(self) -> None:
        for func, args, kwargs, _ in self._ops:
            func(*args, **kwargs)

    def _looping(self) -> int:
        start = self._clock()
        for _, args, kwargs, _ in self._ops:
            _nothing(*args, **kwargs)
        return self._clock() - start


def _nothing(*args: Any, **kwargs: Any) -> None:
    """What calling costs."""
