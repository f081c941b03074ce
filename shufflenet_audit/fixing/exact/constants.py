"""What does not depend on the input is computed once, not in every run."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import torch
from torch.fx import Node
from torch.utils._pytree import tree_leaves, tree_map_only

from shufflenet_audit.fixing.program import MUTABLE, VALUE, Program
from shufflenet_audit.fixing.rewrite import Match, Rewrite

_MOST_ELEMENTS = 2**26
"""A larger table would make the file of the network larger than its weights are."""


def find(program: Program) -> Iterator[Match]:
    """Relative position biases, standardised weights, masks, tables of sines."""
    constant = _constant(program)
    values: dict[Node, Any] = {}
    looks: set[Node] = set()
    for node in [each for each in program.graph.nodes if each in constant]:
        values[node] = _value(program, node, values)
        if _looks(node, values, looks):
            looks.add(node)
    for node, value in values.items():
        if node not in looks and _is_worth_keeping(node, constant, looks):
            yield _match(program, node, value)


def _match(program: Program, node: Node, value: torch.Tensor) -> Match:
    def apply() -> None:
        given = node.all_input_nodes
        with program.before(node, [node]):
            held = program.hold(value.clone(), _name(node), parameter=_of_parameters(program, node))
        program.replace(node, held)
        for each in given:
            _drop_unread(program, each)

    return Match((node,), "computed once: it does not depend on the input", apply)


def _constant(program: Program) -> set[Node]:
    """The nodes that no input has a part in, neither as an argument nor by writing to them."""
    constant: set[Node] = set()
    for node in program.graph.nodes:
        if node.op == "get_attr" or (
            node.op == "call_function"
            and all(each in constant for each in node.all_input_nodes)
            and torch.Tag.nondeterministic_seeded not in getattr(node.target, "tags", ())
        ):
            constant.add(node)
    return constant - _written_from_outside(program, constant)


def _written_from_outside(program: Program, constant: set[Node]) -> set[Node]:
    """All that is written to in place, if any of it is written from what is not constant."""
    mutable = {node for node in program.graph.nodes if node.meta.get(MUTABLE)}
    if mutable <= constant:
        return set()
    tainted = set(mutable)
    for node in program.graph.nodes:
        if any(each in tainted for each in node.all_input_nodes):
            tainted.add(node)
    return tainted


def _value(program: Program, node: Node, values: dict[Node, Any]) -> Any:
    if node.op == "get_attr":
        return program.tensors[str(node.target)]
    target: Any = node.target
    given, named = tree_map_only(Node, values.__getitem__, (tuple(node.args), dict(node.kwargs)))
    with torch.no_grad():
        return target(*given, **named)


def _looks(node: Node, values: dict[Node, Any], looks: set[Node]) -> bool:
    """Whether a node is held already, or only looks at memory that is."""
    if not node.all_input_nodes:
        return node.op == "get_attr"
    base = node.all_input_nodes[0]
    if node.target is operator.getitem:
        return base in looks
    shared = _memory(values[node]) & _memory(values[base])
    return bool(shared)


def _memory(value: Any) -> set[int]:
    tensors = (leaf for leaf in tree_leaves(value) if isinstance(leaf, torch.Tensor))
    return {tensor.untyped_storage().data_ptr() for tensor in tensors if tensor.numel()}


def _is_worth_keeping(node: Node, constant: set[Node], looks: set[Node]) -> bool:
    """Whether the network reads it, or a look at it."""
    made = node.meta.get(VALUE)
    if node._erased or node.meta.get(MUTABLE) or not isinstance(made, torch.Tensor):  # noqa: SLF001  (no public way)
        return False
    read = any(user not in constant or user in looks for user in node.users)
    return read and made.numel() <= _MOST_ELEMENTS


def _drop_unread(program: Program, node: Node) -> None:
    """Drop a tensor that was filled in place, once nobody reads it, with all that fills it."""
    if node._erased or not node.meta.get(MUTABLE):  # noqa: SLF001  (no public way)
        return
    family, waiting = {node}, [node]
    while waiting:
        current = waiting.pop()
        near = [*current.users, *current.all_input_nodes]
        new = {each for each in near if each.meta.get(MUTABLE)} - family
        family |= new
        waiting.extend(new)
    if all(user in family for each in family for user in each.users):
        for each in [each for each in reversed(program.graph.nodes) if each in family]:
            each.meta.pop(MUTABLE)
            program.drop(each)


def _of_parameters(program: Program, node: Node) -> bool:
    """Whether it is made of parameters alone, as a standardised weight is."""
    held = list(_held(node))
    return bool(held) and all(str(each.target) in program.parameters for each in held)


def _held(node: Node) -> Iterator[Node]:
    for each in node.all_input_nodes:
        if each.op == "get_attr":
            yield each
        else:
            yield from _held(each)


def _name(node: Node) -> str:
    """The name of the first tensor that it is made of, or its own."""
    first = next(_held(node), None)
    return f"{first.target}" if first else node.name


REWRITE = Rewrite("constant", "The same ops, run once on the same numbers.", find)
