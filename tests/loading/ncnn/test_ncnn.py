"""ncnn's text format: the same counts as the PyTorch module, and every corner of the format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from shufflenet_audit import Kind, trace
from shufflenet_audit.costs.ops import cost_graph
from shufflenet_audit.errors import InputError, LoadError
from shufflenet_audit.loading import Request, load
from shufflenet_audit.loading.ncnn.graph import graph
from shufflenet_audit.loading.ncnn.param import Layer, layers
from shufflenet_audit.loading.ncnn.shapes import shapes
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.tensor import Tensor
from shufflenet_audit.pipeline.audit import Job, audit_model

IMAGE = "Input in 0 1 x 0=16 1=16 2=8"
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(*lines: str, announced: int | None = None) -> Path:
        path = tmp_path / "model.param"
        count = len(lines) if announced is None else announced
        path.write_text("\n".join(["7767517", f"{count} 99", *lines]) + "\n", encoding="utf-8")
        return path

    return written


def costed(path: Path, *given: Tensor) -> CostGraph:
    return cost_graph(graph(path, [("", tensor) for tensor in given]).calls)


def test_a_block_costs_what_the_same_module_costs_in_pytorch(write: Write) -> None:
    module = nn.Sequential(
        nn.Conv2d(8, 12, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(12, 12, 5, padding=2, groups=12, bias=False),
        nn.Conv2d(12, 24, 1, groups=3),
        nn.ChannelShuffle(3),
        nn.ConvTranspose2d(24, 6, 4, stride=2, padding=1),
        nn.MaxPool2d(2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(6, 10),
        nn.Softmax(-1),
    )
    path = write(
        IMAGE,
        "Convolution c1 1 1 x a 0=12 1=3 3=2 4=1 5=1 6=864",
        "ReLU r 1 1 a b",
        "ConvolutionDepthWise c2 1 1 b c 0=12 1=5 4=2 6=300 7=12",
        "ConvolutionDepthWise c3 1 1 c d 0=24 1=1 5=1 6=96 7=3",
        "ShuffleChannel s 1 1 d e 0=3",
        "Deconvolution c4 1 1 e f 0=6 1=4 3=2 4=1 5=1 6=2304",
        "Pooling p1 1 1 f g 0=0 1=2 2=2",
        "Pooling p2 1 1 g h 0=1 4=1",
        "Flatten f 1 1 h i",
        "InnerProduct l 1 1 i j 0=10 1=1 2=60",
        "Softmax m 1 1 j out",
    )
    ours, theirs = costed(path).total, trace(module.eval(), torch.zeros(1, 8, 16, 16)).total
    assert (ours.macs, ours.params, ours.unknown) == (theirs.macs, theirs.params, 0)
    assert ours.elementwise == theirs.elementwise


def test_attention_costs_what_it_costs_in_pytorch(write: Write) -> None:
    attention = nn.MultiheadAttention(16, 4, batch_first=True).eval()
    path = write(
        "Input in 0 1 x 0=16 1=9",
        "Split s 1 3 x q k v",
        "MultiHeadAttention m 3 1 q k v out 0=16 1=4 2=256",
    )
    x = torch.zeros(1, 9, 16)
    ours, theirs = costed(path).total, trace(attention, x, x, x, need_weights=False).total
    assert (ours.macs, ours.params) == (theirs.macs, theirs.params)


def test_a_product_with_a_held_matrix_is_a_linear_layer(write: Write) -> None:
    path = write(
        "Input in 0 1 x 0=16 1=9",
        "Gemm g 1 1 x y 3=1 5=1 6=1 8=32 9=16 10=4",
        "Input in2 0 1 z 0=16 1=32",
        "Gemm h 2 1 z x w 2=0 3=1",
    )
    linear, product = costed(path)
    assert (linear.kind, linear.macs, linear.params) == (Kind.LINEAR, 9 * 16 * 32, 32 * 17)
    assert (product.kind, product.macs) == (Kind.MATMUL, 32 * 16 * 9)
    assert product.outputs[0].shape == (1, 32, 9)


@pytest.mark.parametrize(
    ("line", "shape"),
    [
        ("Slice s 1 2 x a b -23300=2,-233,-233", (4, 16, 16)),
        ("Slice s 1 2 x a b -23300=2,3,-233 1=0", (3, 16, 16)),
        ("Crop s 1 1 x a -23309=1,2 -23310=1,7 -23311=1,0", (5, 16, 16)),
        ("Crop s 1 1 x a -23309=1,2 -23310=1,-233 -23311=1,-1", (8, 16, 14)),
        ("Crop s 1 1 x a 0=1 1=2 3=5 4=6 5=8", (8, 6, 5)),
        ("Padding s 1 1 x a 0=1 1=2 2=3 3=4 8=2", (10, 19, 23)),
        ("Permute s 1 1 x a 0=3", (16, 16, 8)),
        ("Reshape s 1 1 x a 0=-1 1=8", (8, 256)),
        ("Interp s 1 1 x a 0=1 1=2.0 2=0.5", (8, 32, 8)),
        ("Pooling s 1 1 x a 0=0 1=3 2=2", (8, 8, 8)),
        ("Pooling s 1 1 x a 0=0 1=3 2=2 5=1", (8, 7, 7)),
        ("Pooling s 1 1 x a 0=1 7=1 8=4 18=3", (8, 3, 4)),
        ("Convolution s 1 1 x a 0=4 1=3 3=2 4=-233 6=288", (4, 8, 8)),
        ("Convolution s 1 1 x a 0=4 1=3 11=1 2=2 4=0 6=96", (4, 16, 12)),
        ("Reduction s 1 1 x a 0=3 1=0 -23303=2,1,2 4=0", (8,)),
        ("Reduction s 1 1 x a 0=3 1=0 -23303=2,1,2 4=1", (8, 1, 1)),
        ("PixelShuffle s 1 1 x a 0=2", (2, 32, 32)),
        ("Reorg s 1 1 x a 0=2", (32, 8, 8)),
        ("PriorBox s 1 1 x a -23300=1,21.0 -23301=1,45.0 -23302=1,2.0", (2, 4096)),
    ],
)
def test_shapes_are_worked_out(write: Write, line: str, shape: tuple[int, ...]) -> None:
    (op,) = costed(write(IMAGE, line))
    assert op.outputs[0].shape == (1, *shape)
    assert op.known


def test_channels_are_scaled_by_one_number_each(write: Write) -> None:
    path = write(
        IMAGE, "Split s 1 2 x a b", "Pooling p 1 1 a c 0=1 4=1", "BinaryOp m 2 1 b c d 0=2"
    )
    assert costed(path)["m"].outputs[0].shape == (1, 8, 16, 16)


def test_hints_count_where_no_rule_tells_and_the_input_is_that_of_the_file(write: Write) -> None:
    path = write(IMAGE, "Odd o 1 1 x y -23330=4,3,5,5,2", "ReLU r 1 1 y z")
    unknown, after = costed(path)
    assert unknown.outputs[0].shape == (1, 2, 5, 5)
    assert not unknown.known
    assert after.known
    other = costed(path, Tensor((1, 8, 20, 20), "float32"))
    assert [op.known for op in other] == [False, False]


def test_an_unknown_layer_is_listed_and_never_zero(write: Write) -> None:
    found = graph(write(IMAGE, "Odd o 1 1 x y", "ReLU r 1 1 y z"))
    total = cost_graph(found.calls)
    assert [op.target for op in total.unknown] == ["ncnn.Odd", "ncnn.ReLU"]
    assert found.assumptions == ("2 layers have shapes that are not known: unknown ops",)


def test_integer_layers_read_integers_that_a_step_of_its_own_makes(write: Write) -> None:
    path = write(
        IMAGE,
        "Convolution a 1 1 x y 0=8 1=1 6=64 8=102",
        "Convolution b 1 1 y z 0=8 1=1 6=64 8=2",
    )
    quantize, first, second = costed(path)
    assert quantize.target == "ncnn.Quantize"
    assert {first.inputs[0].dtype, second.inputs[0].dtype} == {"int8"}
    assert second.outputs[0].dtype == "float32"


def test_what_nobody_reads_leaves_the_network(write: Write) -> None:
    path = write(IMAGE, "Split s 1 2 x a b", "ReLU r 1 1 a c", "TanH t 1 1 b d", "Noop n 2 1 c d e")
    assert costed(path).outputs == ("r", "t")


def test_held_data_is_a_parameter(write: Write) -> None:
    path = write("Input i 0 1 x 0=16 1=9", "MemoryData p 0 1 p 0=16 1=9", "BinaryOp a 2 1 x p y")
    (op,) = costed(path)
    assert (op.parameters, op.params) == (("p",), 144)


@given(size=st.integers(7, 40), kernel=st.integers(1, 5), stride=st.integers(1, 3))
def test_windows_agree_with_pytorch(size: int, kernel: int, stride: int) -> None:
    shape = (2, size, size)
    conv = Layer("Convolution", "c", ("x",), ("y",), {0: 2, 1: kernel, 3: stride, 4: 1})
    pool = Layer("Pooling", "p", ("x",), ("y",), {1: kernel, 2: stride, 5: 0})
    x = torch.zeros(1, *shape, device="meta")
    expected = nn.Conv2d(2, 2, kernel, stride, padding=1, device="meta")(x).shape[1:]
    assert shapes(conv, [shape]) == (tuple(expected),)
    if kernel > stride:  # PyTorch drops a window that begins in the padding
        expected = nn.MaxPool2d(kernel, stride, ceil_mode=True)(x).shape[1:]
        assert shapes(pool, [shape]) == (tuple(expected),)


@pytest.mark.parametrize(
    ("lines", "announced", "said"),
    [
        ((IMAGE,), 2, "is cut off: it announces 2 layers and has 1"),
        ((IMAGE, "ReLU r 1 1"), None, "2 blobs announced, 0 named"),
        ((IMAGE, "ReLU r 1"), None, "expected a type, a name and two numbers"),
        ((IMAGE, "ReLU r 1 1 x y 0"), None, "'0' is not a setting of the form key=value"),
        ((IMAGE, "ReLU r 1 1 x y 0=a"), None, "could not convert string to float"),
        ((IMAGE, "Crop r 1 1 x y -23309=2,1"), None, "announces 2 numbers and has 1"),
        ((IMAGE, "ReLU r 1 1 q y"), None, "reads 'q', which no layer before it makes"),
        ((IMAGE, "ReLU r 1 1 x x"), None, "makes 'x', which is there already"),
    ],
)
def test_a_damaged_file_is_refused_in_one_line(
    write: Write, lines: tuple[str, ...], announced: int | None, said: str
) -> None:
    with pytest.raises(LoadError, match=said) as raised:
        layers(write(*lines, announced=announced))
    assert "\n" not in str(raised.value)


def test_weights_that_contradict_the_shapes_are_refused(write: Write) -> None:
    path = write(IMAGE, "Convolution c 1 1 x y 0=4 1=3 6=100")
    with pytest.raises(LoadError, match="has 100 weights, and its shapes need 288"):
        graph(path)


@pytest.mark.parametrize("content", [b"", b"\xd7\x85\x76\x00", b"PK\x03\x04", b"7767517\n"])
def test_another_format_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.param"
    path.write_bytes(content)
    with pytest.raises(LoadError, match=r"model\.param"):
        layers(path)


def test_lines_behind_the_announced_layers_are_not_read_as_in_ncnn(write: Write) -> None:
    assert len(layers(write(IMAGE, "ReLU r 1 1 x y", "Noop n 1 1 y z", announced=2))) == 2


def test_an_input_without_a_shape_asks_for_one(write: Write) -> None:
    path = write("Input i 0 1 x", "ReLU r 1 1 x y")
    with pytest.raises(InputError, match="give it, as in --input 1x3x224x224"):
        graph(path)
    assert costed(path, Tensor((1, 3, 8, 8), "float32"))["r"].elementwise == 192


@pytest.mark.parametrize("shape", [(2, 8, 16, 16), (1, 3, 16, 16), (8, 16, 16), (1,)])
def test_an_input_that_does_not_fit_is_refused(write: Write, shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="change --input"):
        graph(write(IMAGE, "ReLU r 1 1 x y"), [("", Tensor(shape, "float32"))])


def test_an_input_that_is_not_there_is_refused(write: Write) -> None:
    with pytest.raises(InputError, match="its inputs are x"):
        graph(write(IMAGE), [("y", Tensor((1, 8, 16, 16), "float32"))])


def test_audit_takes_the_file_as_a_model(write: Write) -> None:
    path = write(IMAGE, "Convolution c 1 1 x y 0=8 1=1 6=64")
    found = audit_model(Job(load(Request(str(path)))))
    assert (found.model.traced_on, found.graph.total.macs) == ("ncnn", 8 * 8 * 256)


def test_the_binary_format_is_refused_with_its_cure(tmp_path: Path) -> None:
    path = tmp_path / "model.param"
    path.write_bytes(b"\xd7\x85\x76\x00\xff\xfe")
    with pytest.raises(LoadError, match=r"give the \.param, not the \.bin"):
        load(Request(str(path)))
