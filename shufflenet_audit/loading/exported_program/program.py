"""An exported program as a module, made of its description alone: nothing in it is unpickled."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import torch
from torch import nn

from shufflenet_audit.errors import LoadError
from shufflenet_audit.loading.exported_program.arguments import (
    DTYPES,
    know,
    value,
)
from shufflenet_audit.network.op import Source
from shufflenet_audit.user_code import line_in_trace, running

Json = Mapping[str, Any]

_NAMES: Final = re.compile(r"[A-Za-z]\w*|_[A-Za-z]\w*")
_OUTSIDE: Final = re.compile(r"(^|[._])(save|load|file|c10d|rpc)")
"""Ops that reach out of the program: to files, to other processes."""
_PLAIN: Final = {"_operator": operator, "math": math, "torch": torch}
_ON_NUMBERS: Final = re.compile(
    r"_operator\.(getitem|add|sub|mul|floordiv|truediv|mod|neg|pow|eq|ne|lt|le|gt|ge|and_|or_|not_)"
    r"|math\.(floor|ceil|trunc|sqrt)"
    r"|torch\.(sym_\w+|_sym_\w+)"
)


class Part(nn.Module):
    """A module of the exported model: it runs what ran in it, so that ops have a place."""

    def run(self, step: Step, args: Sequence[Any], kwargs: Json) -> Any:
        """What an op makes, run for the line that the program says it is from."""
        with running(step.line):
            return step.target(*args, **kwargs)


class Step(NamedTuple):
    """A node of the program: the module that it is part of, its op, the user's line."""

    part: Part
    target: Callable[..., Any]
    line: Source | None
    node: Json


class Program(Part):
    """
    Runs the nodes of an exported program, one by one.

    Its parameters have shapes and, unless on meta, are zero: the weights are not read.
    """

    def __init__(self, description: Json, device: str = "meta") -> None:
        super().__init__()
        whole = description["graph_module"]
        self._graph = whole["graph"]
        self._outputs = [each["user_output"]["arg"] for each in whole["signature"]["output_specs"]
                         if "user_output" in each]  # fmt: skip
        self._held: dict[str, torch.Tensor] = {}
        self.inputs: dict[str, torch.Tensor] = {}
        for spec in whole["signature"]["input_specs"]:
            self._take_in(spec, device)
        self._steps = [self._step(node) for node in self._graph["nodes"]]
        self.__class__ = type(_class_name(self._graph["nodes"]), (Program,), {})

    def forward(self, *inputs: Any) -> Any:
        """Run the program."""
        known: dict[str, Any] = {**self._held, **dict(zip(self.inputs, inputs, strict=True))}
        for step in self._steps:
            node = step.node
            args = [value(each["arg"], known) for each in node["inputs"] if _is_positional(each)]
            kwargs = {each["name"]: value(each["arg"], known)
                      for each in node["inputs"] if not _is_positional(each)}  # fmt: skip
            result = step.part.run(step, args, kwargs)
            outputs = node["outputs"]
            results = [result] if len(outputs) == 1 else result or ()
            for output, made in zip(outputs, results, strict=True):
                know(output, made, known)
        return [value(each, known) for each in self._outputs]

    def _take_in(self, spec: Json, device: str) -> None:
        """Know an input of the graph: a parameter, a buffer, or what the user gives."""
        (kind, held), = spec.items()  # fmt: skip
        match kind:
            case "parameter" | "buffer" | "tensor_constant":
                name = held["arg"]["name"]
                tensor = self._tensor(name, device)
                self._held[name] = self._owned(held[f"{kind}_name"], tensor, kind)
            case "user_input" if "as_tensor" in held["arg"]:
                name = held["arg"]["as_tensor"]["name"]
                self.inputs[name] = self._tensor(name, "meta")
            case "user_input" | "constant_input":
                pass  # a number that the program was exported with
            case _:
                message = f"the exported program takes a {kind}, which only its own code can make"
                raise LoadError(message)

    def _owned(self, path: str, tensor: torch.Tensor, kind: str) -> torch.Tensor:
        """Keep a tensor in the module that it is part of."""
        module, _, name = path.rpartition(".")
        part = self._part(module, "")
        if kind == "parameter":
            tensor = nn.Parameter(tensor, requires_grad=False)
            part._parameters[name] = tensor  # noqa: SLF001  (names of a file may be those of methods)
        else:
            part._buffers[name] = tensor  # noqa: SLF001  (likewise)
        return tensor

    def _part(self, path: str, class_name: str) -> Part:
        """The module of that path, made where it is not there yet."""
        part: Part = self
        for name in filter(None, path.split(".")):
            inner = part._modules.get(name)  # noqa: SLF001  (names of a file may be those of methods)
            if not isinstance(inner, Part):
                inner = part._modules[name] = Part()  # noqa: SLF001  (likewise)
            part = inner
        if class_name and type(part) is Part:
            part.__class__ = type(class_name, (Part,), {})
        return part

    def _tensor(self, name: str, device: str) -> torch.Tensor:
        about = self._graph["tensor_values"][name]
        sizes = [_size(each) for each in about["sizes"]]
        strides = [_size(each) for each in about["strides"]]
        dtype = DTYPES[about["dtype"]]
        return torch.empty_strided(sizes, strides, dtype=dtype, device=device).zero_()

    def _step(self, node: Json) -> Step:
        notes = node["metadata"]
        stack = notes.get("nn_module_stack", "").split(";")[-1].split(",")
        path, class_name = (stack[1], stack[2].rpartition(".")[2]) if len(stack) > 2 else ("", "")  # noqa: PLR2004  (key, path, class)
        line = line_in_trace(notes.get("stack_trace", ""))
        return Step(self._part(path, class_name), _target(node["target"]), line, node)


def _class_name(nodes: Sequence[Json]) -> str:
    """The class of the model that was exported, which every node was run in."""
    stacks = (node["metadata"].get("nn_module_stack", "") for node in nodes)
    entry: list[str] = next((stack.partition(";")[0].split(",") for stack in stacks if stack), [])
    return entry[-1].rpartition(".")[2] if entry else "ExportedProgram"


def _target(name: str) -> Callable[..., Any]:
    """The op of that name. Raises LoadError for anything that is no op, or reaches outside."""
    root, *names = name.split(".")
    if _ON_NUMBERS.fullmatch(name):
        found: Any = getattr(_PLAIN[root], names[0], None)
        if callable(found):
            return found  # type: ignore[no-any-return]  # it is looked up by its name
    if root == "torch" and names[:1] == ["ops"] and all(map(_NAMES.fullmatch, names)):
        found = torch.ops
        for each in names[1:]:
            found = getattr(found, each, None)
        if isinstance(found, torch._ops.OpOverload) and not _OUTSIDE.search(".".join(names[1:])):  # noqa: SLF001  (its public name is none)
            return found
    message = (
        f"the exported program runs {name}, which is no op that is known and keeps to itself:"
        " audit the code that it was exported from"
    )
    raise LoadError(message)


def _size(about: Json) -> int:
    """A size; where it was left open, the one that the program was exported with."""
    if "as_int" in about:
        return int(about["as_int"])
    hint = about["as_expr"].get("hint") or {}
    return int(hint.get("as_int", 1))


def _is_positional(argument: Json) -> bool:
    return argument.get("kind") != 2 or argument["name"] in ("self", "from")  # noqa: PLR2004  (keyword)
