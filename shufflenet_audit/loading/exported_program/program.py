"""An exported program as a module, made from its description alone. Nothing is unpickled."""

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
    store,
    value,
)
from shufflenet_audit.network.op import Source
from shufflenet_audit.user_code import line_in_stack_trace, set_current_line

Json = Mapping[str, Any]

_NAMES: Final = re.compile(r"[A-Za-z]\w*|_[A-Za-z]\w*")
_OUTSIDE: Final = re.compile(r"(^|[._])(save|load|file|c10d|rpc)")
"""Ops that reach files or other processes."""
_PYTHON_MODULES: Final = {"_operator": operator, "math": math, "torch": torch}
_NUMBER_OPS: Final = re.compile(
    r"_operator\.(getitem|add|sub|mul|floordiv|truediv|mod|neg|pow|eq|ne|lt|le|gt|ge|and_|or_|not_)"
    r"|math\.(floor|ceil|trunc|sqrt)"
    r"|torch\.(sym_\w+|_sym_\w+)"
)


class Submodule(nn.Module):
    """A module of the exported model. It runs the ops that ran in it, so that they have a place."""

    def run(self, step: Step, args: Sequence[Any], kwargs: Json) -> Any:
        """The result of an op, which counts as called from the line that the program names."""
        with set_current_line(step.line):
            return step.target(*args, **kwargs)


class Step(NamedTuple):
    """A node of the program, ready to run."""

    owner: Submodule
    """The module that the node was part of."""
    target: Callable[..., Any]
    """The op."""
    line: Source | None
    """The line of the user's code that called the op, if known."""
    node: Json
    """The description of the node."""


class Program(Submodule):
    """
    Runs the nodes of an exported program one by one.

    The weights are not read: parameters are on meta, or zero.
    """

    def __init__(self, description: Json, device: str = "meta") -> None:
        super().__init__()
        module = description["graph_module"]
        self._graph = module["graph"]
        self._outputs = [spec["user_output"]["arg"] for spec in module["signature"]["output_specs"]
                         if "user_output" in spec]  # fmt: skip
        self._owned: dict[str, torch.Tensor] = {}
        self.inputs: dict[str, torch.Tensor] = {}
        for spec in module["signature"]["input_specs"]:
            self._add_input(spec, device)
        self._steps = [self._step(node) for node in self._graph["nodes"]]
        self.__class__ = type(_class_name(self._graph["nodes"]), (Program,), {})

    def forward(self, *inputs: Any) -> Any:
        """Run the program."""
        values: dict[str, Any] = {**self._owned, **dict(zip(self.inputs, inputs, strict=True))}
        for step in self._steps:
            node = step.node
            args = [
                value(given["arg"], values) for given in node["inputs"] if _is_positional(given)
            ]
            kwargs = {given["name"]: value(given["arg"], values)
                      for given in node["inputs"] if not _is_positional(given)}  # fmt: skip
            result = step.owner.run(step, args, kwargs)
            outputs = node["outputs"]
            results = [result] if len(outputs) == 1 else result or ()
            for output, part in zip(outputs, results, strict=True):
                store(output, part, values)
        return [value(output, values) for output in self._outputs]

    def _add_input(self, spec: Json, device: str) -> None:
        """Add an input of the graph: a parameter, a buffer, or an input of the model."""
        (kind, content), = spec.items()  # fmt: skip
        match kind:
            case "parameter" | "buffer" | "tensor_constant":
                name = content["arg"]["name"]
                tensor = self._tensor(name, device)
                self._owned[name] = self._register(content[f"{kind}_name"], tensor, kind)
            case "user_input" if "as_tensor" in content["arg"]:
                name = content["arg"]["as_tensor"]["name"]
                self.inputs[name] = self._tensor(name, "meta")
            case "user_input" | "constant_input":
                pass  # a number that the program was exported with
            case _:
                message = f"the exported program takes a {kind}, which only its own code can make"
                raise LoadError(message)

    def _register(self, path: str, tensor: torch.Tensor, kind: str) -> torch.Tensor:
        """Add a tensor to the module that it belongs to."""
        module, _, name = path.rpartition(".")
        owner = self._submodule(module, "")
        if kind == "parameter":
            tensor = nn.Parameter(tensor, requires_grad=False)
            owner._parameters[name] = tensor  # noqa: SLF001  (names of a file may be those of methods)
        else:
            owner._buffers[name] = tensor  # noqa: SLF001  (as above)
        return tensor

    def _submodule(self, path: str, class_name: str) -> Submodule:
        """The module of that path, created if it does not exist yet."""
        module: Submodule = self
        for name in filter(None, path.split(".")):
            inner = module._modules.get(name)  # noqa: SLF001  (names of a file may be those of methods)
            if not isinstance(inner, Submodule):
                inner = module._modules[name] = Submodule()  # noqa: SLF001  (as above)
            module = inner
        if class_name and type(module) is Submodule:
            module.__class__ = type(class_name, (Submodule,), {})
        return module

    def _tensor(self, name: str, device: str) -> torch.Tensor:
        description = self._graph["tensor_values"][name]
        sizes = [_size(size) for size in description["sizes"]]
        strides = [_size(stride) for stride in description["strides"]]
        dtype = DTYPES[description["dtype"]]
        return torch.empty_strided(sizes, strides, dtype=dtype, device=device).zero_()

    def _step(self, node: Json) -> Step:
        metadata = node["metadata"]
        stack = metadata.get("nn_module_stack", "").split(";")[-1].split(",")
        path, class_name = (stack[1], stack[2].rpartition(".")[2]) if len(stack) > 2 else ("", "")  # noqa: PLR2004  (key, path, class)
        line = line_in_stack_trace(metadata.get("stack_trace", ""))
        return Step(self._submodule(path, class_name), _target(node["target"]), line, node)


def _class_name(nodes: Sequence[Json]) -> str:
    """The class of the exported model: the outermost module in the stack of any node."""
    stacks = (node["metadata"].get("nn_module_stack", "") for node in nodes)
    entry: list[str] = next((stack.partition(";")[0].split(",") for stack in stacks if stack), [])
    return entry[-1].rpartition(".")[2] if entry else "ExportedProgram"


def _target(name: str) -> Callable[..., Any]:
    """The op of that name. Raises LoadError for another function or an op that reaches outside."""
    root, *names = name.split(".")
    if _NUMBER_OPS.fullmatch(name):
        function: Any = getattr(_PYTHON_MODULES[root], names[0], None)
        if callable(function):
            return function  # type: ignore[no-any-return]  # it is looked up by its name
    if root == "torch" and names[:1] == ["ops"] and all(map(_NAMES.fullmatch, names)):
        op: Any = torch.ops
        for part in names[1:]:
            op = getattr(op, part, None)
        if isinstance(op, torch._ops.OpOverload) and not _OUTSIDE.search(".".join(names[1:])):  # noqa: SLF001  (it has no public name)
            return op
    message = (
        f"the exported program runs {name}, which is not an op that is known to be safe:"
        " audit the code that it was exported from"
    )
    raise LoadError(message)


def _size(description: Json) -> int:
    """A size; if it was left dynamic, the one that the program was exported with."""
    if "as_int" in description:
        return int(description["as_int"])
    hint = description["as_expr"].get("hint") or {}
    return int(hint.get("as_int", 1))


def _is_positional(argument: Json) -> bool:
    return argument.get("kind") != 2 or argument["name"] in ("self", "from")  # noqa: PLR2004  (keyword)
