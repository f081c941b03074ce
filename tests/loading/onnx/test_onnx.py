"""ONNX files: the same counts as the module that was exported, and every corner of the format."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, defs, helper, numpy_helper
from torch import nn

from shufflenet_audit import Kind, trace
from shufflenet_audit.costs.onnx import HANDLERS
from shufflenet_audit.errors import InputError, LoadError
from shufflenet_audit.loading import Request, load
from shufflenet_audit.loading.onnx.graph import OnnxGraph, graph
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.tensor import Tensor
from shufflenet_audit.pipeline.audit import audit_loaded


class Shuffled(nn.Module):
    """A block of ShuffleNet, a head, and everything that an export makes of them."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.grouped = nn.Conv2d(8, 8, 1, groups=2)
        self.depthwise = nn.Conv2d(8, 8, 3, padding=1, groups=8)
        self.up = nn.ConvTranspose2d(8, 4, 2, stride=2)
        self.head = nn.Linear(4, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.norm(self.conv(x)))
        x = self.grouped(x)
        batch, channels, height, width = x.shape
        x = x.view(batch, 2, channels // 2, height, width).transpose(1, 2)
        x = x.reshape(batch, channels, height, width)
        out: torch.Tensor = self.head(self.up(self.depthwise(x)).mean((2, 3)))
        return out


class Attentive(nn.Module):
    """Multi-head attention over a sequence, and a recurrent layer behind it."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.recurrent = nn.LSTM(8, 6, batch_first=True, bidirectional=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y, _ = self.attention(x, x, x)
        out: torch.Tensor = self.recurrent(y + x)[0]
        return out


MODELS: Sequence[tuple[Callable[[], nn.Module], tuple[int, ...]]] = (
    (Shuffled, (1, 3, 16, 16)),
    (Attentive, (2, 5, 8)),
    (lambda: nn.Sequential(nn.Conv1d(4, 6, 3), nn.GELU(), nn.MaxPool1d(2)), (1, 4, 20)),
    (lambda: nn.Sequential(nn.Conv3d(2, 4, 3), nn.GroupNorm(2, 4), nn.SiLU()), (1, 2, 6, 6, 6)),
    (lambda: nn.Sequential(nn.Linear(6, 12), nn.LayerNorm(12), nn.Softmax(-1)), (2, 7, 6)),
)


def exported(model: nn.Module, shape: tuple[int, ...], file: Path, *, dynamo: bool) -> Path:
    x = torch.zeros(shape)
    dynamic = {} if dynamo else {"dynamic_axes": {"x": {0: "batch"}}, "input_names": ["x"]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(model.eval(), (x,), file, dynamo=dynamo, verbose=False, **dynamic)  # type: ignore[arg-type]  # options of the two exporters
    return file


@pytest.mark.parametrize("dynamo", [False, True], ids=["torchscript", "dynamo"])
@pytest.mark.parametrize("case", MODELS, ids=["shuffled", "attentive", "1d", "3d", "linear"])
def test_the_export_of_a_model_has_its_multiply_adds(
    tmp_path: Path, case: tuple[Callable[[], nn.Module], tuple[int, ...]], dynamo: bool
) -> None:
    build, shape = case
    model = build()
    file = exported(model, shape, tmp_path / "model.onnx", dynamo=dynamo)
    read = graph(file, [("", Tensor(shape, "float32"))]).costed()
    assert read.total.macs == trace(model, torch.zeros(shape)).total.macs > 0
    assert not read.unknown


def test_the_kinds_of_convolutions_and_the_shuffle_are_those_of_the_module(tmp_path: Path) -> None:
    file = exported(Shuffled(), (1, 3, 16, 16), tmp_path / "model.onnx", dynamo=True)
    read = graph(file).costed()
    kinds = [op.kind for op in read if op.kind not in (Kind.VIEW, Kind.ELEMENTWISE)]
    assert kinds == [
        Kind.CONV,
        Kind.GROUP_CONV,
        Kind.SHUFFLE,
        Kind.DEPTHWISE_CONV,
        Kind.CONV,
        Kind.POOLING,
        Kind.LINEAR,
    ]


def test_a_node_keeps_its_name_and_says_where_it_comes_from(tmp_path: Path) -> None:
    file = exported(Shuffled(), (1, 3, 16, 16), tmp_path / "model.onnx", dynamo=True)
    names = [node.name for node in onnx.load(file, load_external_data=False).graph.node]
    read = graph(file).costed()
    assert [op.name for op in read] == names
    head = next(iter(read.of_kind(Kind.LINEAR)))
    assert (head.module, head.module_class) == ("head", "Linear")
    assert head.source is not None
    assert head.source.file.endswith("test_onnx.py")


def test_all_rules_judge_an_onnx_file(tmp_path: Path) -> None:
    file = exported(Shuffled(), (1, 3, 16, 16), tmp_path / "model.bin", dynamo=False)
    audit = audit_loaded(load(Request(str(file))))
    assert audit.model.traced_on == "onnx"
    assert {each.code for each in audit.guidelines} >= {"G1", "G2", "G3", "G4"}
    assert not audit.crashed
    assert any(
        "dimension 0 (batch) of the input x is 1" in said for said in audit.model.assumptions
    )


def model(
    nodes: Sequence[onnx.NodeProto],
    inputs: dict[str, Any],
    outputs: Sequence[str],
    weights: Mapping[str, Any] = MappingProxyType({}),
    *,
    opset: int = 20,
    **more: Any,
) -> onnx.ModelProto:
    """A model of these nodes; an input is a shape of floats, or (type, shape)."""
    given = [
        helper.make_tensor_value_info(name, *(each if isinstance(each[0:1], tuple) and
                                              len(each) == 2 and isinstance(each[1], tuple)
                                              else (TensorProto.FLOAT, each)))
        for name, each in inputs.items()
    ]  # fmt: skip
    made = [helper.make_tensor_value_info(name, TensorProto.UNDEFINED, None) for name in outputs]
    held = [numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()]
    body = helper.make_graph(list(nodes), "g", given, made, held)
    domains = [helper.make_opsetid("", opset), *more.pop("domains", [])]
    proto = helper.make_model(body, opset_imports=domains, ir_version=8, **more)
    proto = onnx.shape_inference.infer_shapes(proto)
    for output in proto.graph.output:
        if not output.type.tensor_type.HasField("shape"):
            declared = helper.make_tensor_value_info(output.name, TensorProto.FLOAT, ("a", "b"))
            output.CopyFrom(declared)
    del proto.graph.value_info[:]
    return proto


def read(proto: onnx.ModelProto, folder: Path, *given: tuple[str, Tensor]) -> OnnxGraph:
    file = folder / "model.onnx"
    file.write_bytes(proto.SerializeToString())
    return graph(file, given)


def costed(proto: onnx.ModelProto, folder: Path, *given: tuple[str, Tensor]) -> CostGraph:
    return read(proto, folder, *given).costed()


node = helper.make_node
ONES = np.ones((6, 4), np.float32)
SINGLE: Sequence[tuple[str, onnx.NodeProto, dict[str, Any], dict[str, Any], Kind, int]] = (
    ("gemm", node("Gemm", ["x", "w", "b"], ["y"], transB=1), {"x": (3, 4)},
     {"w": ONES, "b": np.ones(6, np.float32)}, Kind.LINEAR, 3 * 4 * 6),
    ("gemm of two inputs", node("Gemm", ["x", "z"], ["y"], transA=1), {"x": (4, 3), "z": (4, 5)},
     {}, Kind.MATMUL, 3 * 4 * 5),
    ("matmul with a weight", node("MatMul", ["x", "w"], ["y"]), {"x": (2, 3, 6)},
     {"w": ONES}, Kind.LINEAR, 2 * 3 * 6 * 4),
    ("batched matmul", node("MatMul", ["x", "z"], ["y"]), {"x": (2, 3, 4), "z": (2, 4, 5)},
     {}, Kind.MATMUL, 2 * 3 * 4 * 5),
    ("einsum", node("Einsum", ["x", "z"], ["y"], equation="bij,bjk->bik"),
     {"x": (2, 3, 4), "z": (2, 4, 5)}, {}, Kind.MATMUL, 2 * 3 * 4 * 5),
    ("einsum with dots", node("Einsum", ["x", "z"], ["y"], equation="...j,j->..."),
     {"x": (2, 3, 4), "z": (4,)}, {}, Kind.MATMUL, 24),
    ("einsum that sums nothing", node("Einsum", ["x", "z"], ["y"], equation="i,j->ij"),
     {"x": (3,), "z": (4,)}, {}, Kind.ELEMENTWISE, 0),
    ("einsum of one", node("Einsum", ["x"], ["y"], equation="ij->i"), {"x": (3, 4)},
     {}, Kind.REDUCTION, 0),
    ("transposed depthwise", node("ConvTranspose", ["x", "w"], ["y"], group=4, strides=[2, 2]),
     {"x": (1, 4, 5, 5)}, {"w": np.ones((4, 1, 2, 2), np.float32)}, Kind.DEPTHWISE_CONV,
     4 * 25 * 4),
    ("global pooling", node("GlobalAveragePool", ["x"], ["y"]), {"x": (1, 4, 5, 5)}, {},
     Kind.POOLING, 0),
    ("softmax", node("Softmax", ["x"], ["y"]), {"x": (3, 4)}, {}, Kind.SOFTMAX, 0),
    ("flatten", node("Flatten", ["x"], ["y"]), {"x": (3, 4)}, {}, Kind.VIEW, 0),
    ("transpose", node("Transpose", ["x"], ["y"]), {"x": (3, 4)}, {}, Kind.DATA, 0),
    ("batch norm", node("BatchNormalization", ["x", "s", "s", "s", "s"], ["y"]),
     {"x": (1, 6, 4)}, {"s": np.ones(6, np.float32)}, Kind.NORMALIZATION, 0),
    ("resize", node("Resize", ["x", "", "k"], ["y"]), {"x": (1, 2, 4, 4)},
     {"k": np.array([1, 1, 2, 2], np.float32)}, Kind.RESAMPLING, 0),
    ("embedding", node("Gather", ["w", "i"], ["y"]), {"i": (TensorProto.INT64, (2, 3))},
     {"w": ONES}, Kind.EMBEDDING, 0),
    ("gather by a number", node("Gather", ["x", "i"], ["y"]), {"x": (4, 3)},
     {"i": np.array(2)}, Kind.DATA, 0),
    ("attention", node("Attention", ["q", "k", "v"], ["y"], q_num_heads=2, kv_num_heads=2),
     {"q": (1, 3, 8), "k": (1, 5, 8), "v": (1, 5, 8)}, {}, Kind.ATTENTION, 3 * 5 * (8 + 8)),
)  # fmt: skip


@pytest.mark.parametrize("case", SINGLE, ids=[case[0] for case in SINGLE])
def test_one_node_costs_what_it_should(tmp_path: Path, case: Any) -> None:
    _, single, inputs, weights, kind, macs = case
    opset = 23 if single.op_type == "Attention" else 20
    (op,) = costed(model([single], inputs, ["y"], weights, opset=opset), tmp_path)
    assert (op.kind, op.macs, op.error) == (kind, macs, "")


def test_each_node_of_a_quantised_model_is_known(tmp_path: Path) -> None:
    scale, zero = np.float32(0.5), np.uint8(0)
    weights = {"s": scale, "z": zero, "w": np.ones((4, 3, 1, 1), np.uint8)}
    chain = [
        node("QuantizeLinear", ["x", "s", "z"], ["q"]),
        node("QLinearConv", ["q", "s", "z", "w", "s", "z", "s", "z"], ["c"]),
        node("DequantizeLinear", ["c", "s", "z"], ["y"]),
    ]
    quantised = costed(model(chain, {"x": (1, 3, 4, 4)}, ["y"], weights), tmp_path)
    assert [op.kind for op in quantised] == ["elementwise", "pointwise_conv", "elementwise"]
    assert quantised.total.macs == 4 * 3 * 16
    assert quantised["c"].outputs[0].dtype == "uint8"
    assert quantised.params == 12


def test_weights_that_are_dequantised_first_are_still_parameters(tmp_path: Path) -> None:
    weights = {"s": np.float32(0.5), "z": np.int8(0), "w": np.ones((4, 3, 1, 1), np.int8)}
    chain = [node("DequantizeLinear", ["w", "s", "z"], ["f"]), node("Conv", ["x", "f"], ["y"])]
    found = read(model(chain, {"x": (1, 3, 4, 4)}, ["y"], weights), tmp_path)
    (op,) = found.costed()
    assert op.parameters == ("w",)
    assert op.macs == 4 * 3 * 16
    assert any("1 nodes that make the same" in said for said in found.assumptions)


def test_a_shape_that_is_computed_is_followed(tmp_path: Path) -> None:
    weights = {"zero": np.array([0]), "rest": np.array([-1])}
    chain = [
        node("Shape", ["x"], ["shape"]),
        node("Gather", ["shape", "zero"], ["batch"]),
        node("Concat", ["batch", "rest"], ["target"], axis=0),
        node("Reshape", ["x", "target"], ["y"]),
    ]
    found = costed(model(chain, {"x": ("n", 3, 4)}, ["y"], weights), tmp_path,
                   ("x", Tensor((5, 3, 4), "float32")))  # fmt: skip
    (op,) = found
    assert op.outputs[0].shape == (5, 12)
    assert op.parents == ("x",)


def test_a_shape_that_only_a_run_can_tell_is_unknown_and_said(tmp_path: Path) -> None:
    chain = [node("NonZero", ["x"], ["i"]), node("Cast", ["i"], ["y"], to=1)]
    found = read(model(chain, {"x": (3, 4)}, ["y"]), tmp_path)
    assert [op.kind for op in found.costed()] == [Kind.UNKNOWN, Kind.UNKNOWN]
    assert any("only a run can tell" in said for said in found.assumptions)


def test_branches_are_unknown_and_read_what_they_capture(tmp_path: Path) -> None:
    out = helper.make_tensor_value_info("o", TensorProto.FLOAT, (3, 4))
    branch = helper.make_graph([node("Relu", ["h"], ["o"])], "branch", [], [out])
    chain = [
        node("Neg", ["x"], ["h"]),
        node("If", ["c"], ["y"], then_branch=branch, else_branch=branch),
    ]
    found = costed(model(chain, {"x": (3, 4), "c": (TensorProto.BOOL, (1,))}, ["y"]), tmp_path)
    assert [op.kind for op in found] == [Kind.ELEMENTWISE, Kind.UNKNOWN]
    assert found["y"].parents == ("c", "h")


def test_an_op_of_an_unknown_domain_is_unknown(tmp_path: Path) -> None:
    custom = node("Mystery", ["x"], ["y"], domain="com.acme")
    domains = [helper.make_opsetid("com.acme", 1)]
    (op,) = costed(model([custom], {"x": (3, 4)}, ["y"], domains=domains), tmp_path)
    assert (op.kind, op.target) == (Kind.UNKNOWN, "com.acme.Mystery")


def test_local_functions_are_taken_apart(tmp_path: Path) -> None:
    body = [node("Neg", ["a"], ["t"]), node("Relu", ["t"], ["b"])]
    twice = helper.make_function("mine", "F", ["a"], ["b"], body, [helper.make_opsetid("", 20)])
    proto = model([node("F", ["x"], ["y"], domain="mine")], {"x": (3, 4)}, ["y"],
                  domains=[helper.make_opsetid("mine", 1)], functions=[twice])  # fmt: skip
    assert [op.target for op in costed(proto, tmp_path)] == ["onnx.Neg", "onnx.Relu"]


@pytest.mark.parametrize("opset", [6, 7, 9, 11, 13, 18, 21])
def test_any_opset_is_read(tmp_path: Path, opset: int) -> None:
    weights = {"w": np.ones((8, 3, 3, 3), np.float32)}
    chain = [
        node("Conv", ["x", "w"], ["c"], kernel_shape=[3, 3]),
        node("Relu", ["c"], ["r"]),
        node("MaxPool", ["r"], ["p"], kernel_shape=[2, 2], strides=[2, 2]),
        node("GlobalAveragePool", ["p"], ["y"]),
    ]
    found = costed(model(chain, {"x": (1, 3, 8, 8)}, ["y"], weights, opset=opset), tmp_path)
    assert [op.kind for op in found] == ["conv", "elementwise", "pooling", "pooling"]
    assert found.total.macs == 36 * 8 * 27


def test_names_that_are_missing_or_double_become_unique(tmp_path: Path) -> None:
    chain = [
        node("Relu", ["x"], ["a"], name="same"),
        node("Neg", ["a"], ["b"], name="same"),
        node("Abs", ["b"], ["y"]),
    ]
    found = costed(model(chain, {"x": (3, 4)}, ["y"]), tmp_path)
    assert [op.name for op in found] == ["same", "same_2", "y"]


def test_a_shared_weight_counts_once_and_its_work_each_time(tmp_path: Path) -> None:
    square = np.ones((4, 4), np.float32)
    chain = [node("MatMul", ["x", "w"], ["h"]), node("MatMul", ["h", "w"], ["y"])]
    found = costed(model(chain, {"x": (2, 4)}, ["y"], {"w": square}), tmp_path)
    assert (found.params, found.total.macs) == (16, 2 * 2 * 16)


def test_weights_beside_the_file_need_not_be_there(tmp_path: Path) -> None:
    proto = model([node("MatMul", ["x", "w"], ["y"])], {"x": (2, 4)}, ["y"])
    weight = TensorProto(name="w", dims=[4, 1000], data_type=TensorProto.FLOAT)
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="weights.bin")
    proto.graph.initializer.append(weight)
    found = costed(proto, tmp_path)
    assert (found.params, found.total.macs) == (4000, 8000)


def test_a_small_tensor_beside_the_file_is_read(tmp_path: Path) -> None:
    proto = model([node("Reshape", ["x", "s"], ["y"])], {"x": (2, 6)}, ["y"])
    shape = TensorProto(name="s", dims=[2], data_type=TensorProto.INT64)
    shape.data_location = TensorProto.EXTERNAL
    for key, value in (("location", "shape.bin"), ("offset", "8"), ("length", "16")):
        shape.external_data.add(key=key, value=value)
    proto.graph.initializer.append(shape)
    (tmp_path / "shape.bin").write_bytes(np.array([9, 3, 4], "<i8").tobytes())
    assert costed(proto, tmp_path)["y"].outputs[0].shape == (3, 4)


def test_a_dimension_of_one_name_has_one_size(tmp_path: Path) -> None:
    proto = model([node("Add", ["x", "z"], ["y"])], {"x": ("n", 4), "z": ("n", 4)}, ["y"])
    found = read(proto, tmp_path, ("x", Tensor((7, 4), "float32")))
    assert [each.tensor.shape for each in found.inputs] == [(7, 4), (7, 4)]
    assert found.assumptions == ()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([("x", Tensor((7, 5), "float32"))], "n×4 in the file, and 7×5 does not fit"),
        ([("q", Tensor((7, 4), "float32"))], "no input 'q': its inputs are x"),
        ([("", Tensor((7, 4), "float32"))] * 2, "only 1 inputs"),
    ],
)
def test_an_input_that_does_not_fit_is_refused(
    tmp_path: Path, given: list[tuple[str, Tensor]], said: str
) -> None:
    proto = model([node("Relu", ["x"], ["y"])], {"x": ("n", 4)}, ["y"])
    with pytest.raises(InputError, match=said):
        read(proto, tmp_path, *given)


def test_an_invalid_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="no valid ONNX model"):
        read(model([node("Relu", ["nowhere"], ["y"])], {"x": (1,)}, ["y"]), tmp_path)


def test_every_supported_op_is_one_of_onnx() -> None:
    known = {schema.name for schema in defs.get_all_schemas_with_history() if not schema.domain}
    own = {name.removeprefix("onnx.") for name in HANDLERS if name.startswith("onnx.")}
    assert own - known <= {"RotaryEmbedding", "CumProd", "BitCast"}, sorted(own - known)
