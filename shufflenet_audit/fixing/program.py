"""A model as a program that can be rewritten: a torch.fx graph, and the tensors that it holds."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch.fx import Graph, Node
from torch.utils._pytree import tree_leaves, tree_map_only

MUTABLE = "mutable"
"""Marks, in the `meta` of a node, a tensor that is written to in place while others read it."""
ORIGIN = "origin"
"""In the `meta` of a node: the names of the ops of the audited graph that it stands for."""
VALUE = "val"
"""In the `meta` of a node: what it makes, as tensors on meta (torch.export uses the same key)."""


class Program:
    """
    A torch.fx graph, and the tensors that its `get_attr` nodes name.

    `parameters` are the names of those that are trained; `stands_in` says for a new tensor which
    one it takes the place of. `touched` are the calls made since a rewrite began. Rewrites change
    it in place through the methods below, which keep `meta` right. `copy` makes another one that
    shares the tensors, which are never written to.
    """

    def __init__(self, graph: Graph, tensors: Mapping[str, torch.Tensor]) -> None:
        self.graph = graph
        self.tensors = dict(tensors)
        self.parameters: set[str] = set()
        self.stands_in: dict[str, str] = {}
        self._values: dict[Any, Any] = {}
        self._stands_for: tuple[str, ...] = ()
        self.touched: set[Node] = set()

    def copy(self) -> Program:
        """The same program, which can be changed without changing this one."""
        graph = Graph()
        copies: dict[Node, Node] = {}
        for node in self.graph.nodes:
            copies[node] = graph.node_copy(node, copies.__getitem__)
            copies[node].name = node.name
            copies[node].meta = dict(node.meta)
        program = Program(graph, self.tensors)
        program.parameters = set(self.parameters)
        program.stands_in = dict(self.stands_in)
        return program

    def nodes(self) -> Iterator[Node]:
        """The calls in the order in which they run; those erased meanwhile are left out."""
        for node in list(self.graph.nodes):
            if node.op == "call_function" and not node._erased:  # noqa: SLF001  (no public way)
                yield node

    def constant(self, node: Any) -> torch.Tensor | None:
        """The tensor that a node holds, if it is one of the program's."""
        if isinstance(node, Node) and node.op == "get_attr":
            return self.tensors[str(node.target)]
        return None

    def hold(self, tensor: torch.Tensor, name: str, *, parameter: bool = True) -> Node:
        """A new node for a new tensor, which takes the place and the name of that one."""
        name = self.stands_in.get(name, name)
        unique, count = name, 0
        while unique in self.tensors:
            count += 1
            unique = f"{name}_{count}"
        self.tensors[unique] = tensor.contiguous()
        self.stands_in[unique] = name
        if parameter:
            self.parameters.add(unique)
        node = self.graph.create_node("get_attr", unique, name=unique.replace(".", "_"))
        node.meta[VALUE] = _on_meta(self.tensors[unique])
        return node

    def call(self, target: Any, *args: Any, kwargs: Mapping[str, Any] | None = None) -> Node:
        """A new call, at the place that `before` has set; what it makes is worked out on meta."""
        node = self.graph.create_node("call_function", target, name=_name(target))
        node.args, node.kwargs = args, dict(kwargs or {})
        node.meta[ORIGIN] = self._stands_for
        node.meta[VALUE] = self.made(node)
        self.touched.add(node)
        return node

    @contextmanager
    def before(self, place: Node, stands_for: Iterable[Node]) -> Iterator[None]:
        """Put new nodes before that one; they stand for the same ops as these nodes do."""
        outer = self._stands_for
        names = (name for node in (*stands_for, place) for name in node.meta.get(ORIGIN, ()))
        self._stands_for = tuple(dict.fromkeys(names))
        with self.graph.inserting_before(place):
            yield
        self._stands_for = outer

    def replace(self, old: Node, new: Node) -> None:
        """Have all that reads the one read the other, and drop what nobody reads any more."""
        old.replace_all_uses_with(new)
        self.drop(old)

    def drop(self, node: Node) -> None:
        """Erase a node that nobody reads, and whatever only it has read."""
        waiting = [node]
        while waiting:
            node = waiting.pop()
            if node._erased or node.users or node.op in ("placeholder", "output"):  # noqa: SLF001  (as above)
                continue
            if node.meta.get(MUTABLE):
                continue
            inputs = node.all_input_nodes
            self.graph.erase_node(node)
            waiting.extend(inputs)

    def made(self, node: Node) -> Any:
        """What a call makes, as tensors on meta."""
        args, kwargs = tree_map_only(Node, _value, (tuple(node.args), dict(node.kwargs)))
        key = (node.target, *map(_key, tree_leaves((args, kwargs))), str(args), tuple(kwargs))
        if key not in self._values:
            if "device" in kwargs:
                kwargs["device"] = torch.device("meta")
            assert callable(node.target)
            self._values[key] = node.target(*args, **kwargs)
        return self._values[key]


def args(node: Any) -> Any:
    """The arguments of a call: of what types, the op that it calls says."""
    return node.args


def shape(node: Any) -> tuple[int, ...]:
    """The sizes of what a node makes."""
    return tuple(node.meta[VALUE].shape)


def dtype(node: Any) -> torch.dtype:
    """The type of the elements of what a node makes."""
    made: torch.dtype = node.meta[VALUE].dtype
    return made


def is_tensor(node: Any) -> bool:
    """Whether a node makes one tensor."""
    return isinstance(node, Node) and isinstance(node.meta.get(VALUE), torch.Tensor)


def calls(node: Any, *targets: Any) -> bool:
    """Whether a node is a call of one of these, on tensors that nobody writes to in place."""
    return (
        isinstance(node, Node)
        and node.op == "call_function"
        and node.target in targets
        and not node.meta.get(MUTABLE)
        and not any(each.meta.get(MUTABLE) for each in node.all_input_nodes)
    )


def only_reader(node: Node) -> Node | None:
    """The one node that reads this one, if there is no other."""
    return next(iter(node.users)) if len(node.users) == 1 else None


def _value(node: Node) -> Any:
    return node.meta[VALUE]


def _on_meta(tensor: torch.Tensor) -> torch.Tensor:
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device="meta")


def _key(leaf: Any) -> Any:
    if isinstance(leaf, torch.Tensor):
        return (tuple(leaf.shape), leaf.stride(), leaf.dtype)
    return leaf if isinstance(leaf, int | float | bool | str | None) else str(leaf)


def _name(target: Any) -> str:
    if target is operator.getitem:
        return "getitem"
    name = getattr(target, "_schema", None)
    return name.name.rpartition(":")[2].strip("_") if name else str(target.__name__)
