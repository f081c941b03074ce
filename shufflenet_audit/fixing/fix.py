"""Fix a network: what is rewritten gives the same outputs, or is taken back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch

from shufflenet_audit.errors import AuditError
from shufflenet_audit.fixing.application import Applied, misfits, origins
from shufflenet_audit.fixing.capture import Capture, captured
from shufflenet_audit.fixing.exact import EXACT
from shufflenet_audit.fixing.fixed import Amounts, Change, Fixed, Place, Refusal
from shufflenet_audit.fixing.judge import Judge
from shufflenet_audit.fixing.module import graph_module
from shufflenet_audit.fixing.precision import rounded
from shufflenet_audit.fixing.program import Program
from shufflenet_audit.fixing.rewrite import Rewrite, Word
from shufflenet_audit.fixing.taking_back import TakenBack, accepted


def fix(
    model: torch.nn.Module,
    *args: Any,
    exact: bool = True,
    rewrites: Sequence[Rewrite] = EXACT,
    **kwargs: Any,
) -> Fixed:
    """
    The network rewritten so that it gives the same outputs for less.

    It is fixed as it runs in evaluation mode on these inputs; the model itself stays as it is.
    Every rewrite is checked by running both, in float64 and in the model's own dtype, on these
    inputs, three random ones and a second batch size. Raises AuditError for a model that cannot
    be rewritten, and says why.
    """
    if not exact:
        message = "only exact rewrites can be carried out: leave exact=True"
        raise AuditError(message)
    return fixed(captured(model, args, kwargs), rewrites)


def fixed(capture: Capture, rewrites: Sequence[Rewrite] = EXACT) -> Fixed:
    """What was captured, rewritten, checked and costed again. Raises AuditError."""
    judge = Judge(capture)
    result, taken_back = accepted(capture.program, rewrites, judge)
    module = graph_module(_in_own_dtype(capture, result.program), judge.result)
    check = judge.check(module, result.program)
    _confirm(judge, check.relative <= check.tolerance, check.relative)
    return Fixed(
        module=module,
        changes=(*(_change(each, capture) for each in result.applied), *_unread(capture)),
        refusals=(*_taken_back(taken_back, capture), *_misfits(result.program, rewrites, capture)),
        before=capture.graph,
        after=judge.cost(result.program),
        check=check,
        inputs=capture.leaves,
        fixed_batch=capture.fixed_batch,
    )


def _in_own_dtype(capture: Capture, program: Program) -> Program:
    return rounded(program) if capture.widened else program


def _confirm(judge: Judge, passed: bool, relative: float) -> None:  # noqa: FBT001  (an assertion)
    if not passed:
        message = f"the rewritten {type(judge.capture.model).__name__} differs from the model by {relative:.1e} in its own dtype: it is too sensitive to rounding to be checked"  # noqa: E501
        raise AuditError(message)


def _change(applied: Applied, capture: Capture) -> Change:
    return Change(
        applied.rewrite.name,
        applied.rewrite.word,
        Place.of(applied.ops, capture.graph),
        applied.sentence,
        applied.before,
        applied.after,
    )


def _unread(capture: Capture) -> Iterator[Change]:
    """The change that leaves out what the model holds and nothing reads."""
    if capture.unread:
        sizes = dict(capture.model.named_parameters())
        count = sum(sizes[name].numel() for name in capture.unread)
        modules = tuple(dict.fromkeys(name.rpartition(".")[0] for name in capture.unread))
        sentence = f"{count:,} parameters that nothing reads left out: {', '.join(capture.unread)}"
        nothing = Amounts(0, 0, 0)
        place = Place((), modules, ())
        yield Change("unread-parameters", Word.EXACT, place, sentence, nothing, nothing)


def _taken_back(taken_back: Sequence[TakenBack], capture: Capture) -> Iterator[Refusal]:
    for each in taken_back:
        yield Refusal(each.rewrite, Place.of(each.ops, capture.graph), each.reason)


def _misfits(program: Program, rewrites: Sequence[Rewrite], capture: Capture) -> Iterator[Refusal]:
    for rewrite, misfit in misfits(program, rewrites):
        place = Place.of(origins(misfit.nodes), capture.graph)
        yield Refusal(rewrite.name, place, misfit.reason)
