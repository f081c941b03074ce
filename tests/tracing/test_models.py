"""Every way in which people write models is traced, and counts what it should."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812  (as everybody calls it)
from torch.nn.utils import parametrizations

from shufflenet_audit import AuditError, CostGraph, Kind, trace
from shufflenet_audit.tracing.trace import traced


class Functional(nn.Module):
    """A module that runs a function, given what it holds."""

    def __init__(self, function: Callable[..., Any], **held: Any) -> None:
        super().__init__()
        self.function = function
        for name, each in held.items():
            setattr(self, name, each)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(self, *args, **kwargs)


def compiled(model: nn.Module) -> nn.Module:
    wrapped: Any = torch.compile(model)
    assert isinstance(wrapped, nn.Module)
    return wrapped


def macs(model: nn.Module, *args: Any, **kwargs: Any) -> int:
    graph = trace(model, *args, **kwargs)
    assert not graph.unknown
    return graph.total.macs


def paths(graph: CostGraph, *kinds: Kind) -> list[str]:
    return [op.module for op in graph.of_kind(*kinds)]


X = torch.ones(2, 8)
IMAGE = torch.ones(1, 4, 6, 6)


def test_control_flow_that_looks_at_values_runs_on_real_tensors_and_says_so() -> None:
    model = Functional(lambda self, x: self.a(x) if x.sum() > 0 else x, a=nn.Linear(8, 3))
    run = traced(model, (X,), {})
    assert (run.on, run.graph.total.macs) == ("real", 2 * 8 * 3)
    assert "aten._local_scalar_dense" in run.reason


def test_control_flow_over_a_written_buffer_is_not_decided_from_what_stood_there_before() -> None:
    def forward(self: Any, x: torch.Tensor) -> torch.Tensor:
        sums = torch.zeros(1)
        sums[0] = x.sum()
        return self.a(x) if sums.item() > 0 else x

    run = traced(Functional(forward, a=nn.Linear(8, 3)), (X,), {})
    assert (run.on, run.graph.total.macs) == ("real", 2 * 8 * 3)


def test_a_mask_selects_on_real_tensors() -> None:
    run = traced(Functional(lambda self, x: self.a(x[x[:, 0] > 0]), a=nn.Linear(8, 3)), (X,), {})
    assert (run.on, run.graph.total.macs) == ("real", 2 * 8 * 3)


def test_control_flow_over_constants_needs_no_values_of_inputs() -> None:
    model = Functional(lambda self, x: x * 2 if self.steps.sum() > 1 else x, steps=torch.arange(3))
    assert traced(model, (X,), {}).on == "meta"


def test_a_module_used_three_times_counts_once_for_parameters_and_each_time_for_work() -> None:
    model = Functional(lambda self, x: self.a(self.a(self.a(x))), a=nn.Linear(8, 8))
    graph = trace(model, X)
    assert (graph.total.macs, graph.params) == (3 * 2 * 8 * 8, 8 * 8 + 8)
    assert paths(graph, Kind.LINEAR) == ["a"] * 3


def test_a_module_under_two_names_counts_once_for_parameters() -> None:
    layer = nn.Linear(8, 8)
    graph = trace(nn.Sequential(layer, nn.ReLU(), layer), X)
    assert (graph.total.macs, graph.params) == (2 * 2 * 8 * 8, 8 * 8 + 8)


def test_tied_weights_count_once_for_parameters() -> None:
    model = nn.Sequential(nn.Embedding(10, 8), nn.Linear(8, 10, bias=False))
    model[1].weight = model[0].weight
    graph = trace(model, torch.zeros(1, 5, dtype=torch.int64))
    assert (graph.total.macs, graph.params) == (5 * 8 * 10, 10 * 8)


def test_dicts_and_tuples_come_in_and_go_out() -> None:
    def forward(self: Any, batch: Any, pair: Any) -> Any:
        return {"a": self.a(batch["x"]), "b": (pair[0] + pair[1], [self.a(batch["y"])])}

    graph = trace(Functional(forward, a=nn.Linear(8, 3)), {"x": X, "y": X}, (X, X))
    assert graph.total.macs == 2 * (2 * 8 * 3)
    assert len(graph.inputs) == 4
    assert len(graph.outputs) == 3


def test_a_named_tuple_and_an_object_go_out() -> None:
    class Pair(NamedTuple):
        left: torch.Tensor
        right: torch.Tensor

    class Result:
        def __init__(self, pair: Pair) -> None:
            self.pair = pair

    graph = trace(Functional(lambda self, x: Result(Pair(x + 1, x * 2))), X)
    assert len(graph.outputs) == 2


def test_inputs_are_named_as_in_forward() -> None:
    class Named(nn.Module):
        def forward(self, image: Any, *others: Any, scale: Any, **more: Any) -> Any:
            return image + others[0] + scale + more["shift"]

    graph = trace(Named(), X, X, scale=X, shift=X)
    assert [given.name for given in graph.inputs] == ["image", "others", "scale", "shift"]


def test_a_list_of_images_comes_in() -> None:
    model = Functional(lambda self, images: [self.a(each) for each in images], a=nn.Conv2d(4, 2, 1))
    assert macs(model, [IMAGE, IMAGE[..., :3]]) == (36 + 18) * 4 * 2


@pytest.mark.parametrize(
    "function",
    [
        lambda self, x: F.linear(x, self.w),
        lambda self, x: x @ self.w.T,
        lambda self, x: torch.einsum("bi,oi->bo", x, self.w),
        lambda self, x: torch.mm(x, self.w.data.t()),
        lambda self, x: torch.matmul(x, self.w.detach().T),
    ],
    ids=["functional", "@", "einsum", "data", "detached"],
)
def test_functional_code_over_a_raw_parameter_is_a_linear_layer(function: Any) -> None:
    graph = trace(Functional(function, w=nn.Parameter(torch.ones(3, 8))), X)
    (op,) = graph.of_kind(Kind.LINEAR, Kind.MATMUL)
    assert (op.kind, op.macs, op.parameters) == (Kind.LINEAR, 2 * 8 * 3, ("w",))


def test_a_module_run_by_its_forward_is_seen() -> None:
    graph = trace(Functional(lambda self, x: self.a.forward(x), a=nn.Linear(8, 3)), X)
    assert paths(graph, Kind.LINEAR) == ["a"]


def test_an_autograd_function_is_seen() -> None:
    class Product(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
            ctx.save_for_backward(x, w)
            return x.mm(w)

    model = Functional(lambda self, x: Product.apply(x, self.w), w=nn.Parameter(torch.ones(8, 3)))
    assert macs(model, X) == 2 * 8 * 3


def test_a_forward_hook_counts() -> None:
    model = nn.Linear(8, 8)
    model.register_forward_hook(lambda module, args, output: output @ module.weight)
    model.register_forward_pre_hook(lambda module, args: (args[0] * 2,))
    assert macs(model, X) == 2 * (2 * 8 * 8)


def test_a_parametrized_weight_is_seen() -> None:
    assert macs(parametrizations.weight_norm(nn.Linear(8, 3)), X) == 2 * 8 * 3


@pytest.mark.parametrize("need_weights", [True, False])
def test_multi_head_attention_counts_projections_and_products(need_weights: bool) -> None:
    layer = nn.MultiheadAttention(16, 4, batch_first=True)
    model = Functional(lambda self, x: self.a(x, x, x, need_weights=need_weights)[0], a=layer)
    assert macs(model, torch.ones(2, 5, 16)) == 2 * (4 * 5 * 16 * 16 + 2 * 5 * 5 * 16)


def test_an_encoder_hides_nothing_behind_its_fast_path() -> None:
    layer = nn.TransformerEncoderLayer(16, 4, dim_feedforward=32, batch_first=True)
    model = nn.TransformerEncoder(layer, num_layers=2)
    one = 4 * 5 * 16 * 16 + 2 * 5 * 5 * 16 + 2 * 5 * 16 * 32
    assert macs(model, torch.ones(3, 5, 16)) == 2 * 3 * one


@pytest.mark.parametrize(("layer", "gates"), [(nn.RNN, 1), (nn.GRU, 3), (nn.LSTM, 4)])
@pytest.mark.parametrize("directions", [1, 2])
def test_recurrent_layers_count_each_step(layer: Any, gates: int, directions: int) -> None:
    model = layer(8, 6, bidirectional=directions == 2, batch_first=True)
    assert macs(model, torch.ones(2, 5, 8)) == directions * 2 * 5 * gates * 6 * (8 + 6)


@pytest.mark.parametrize("device", ["cpu", "meta"])
@pytest.mark.parametrize("layer", [nn.RNN, nn.GRU, nn.LSTM])
def test_a_recurrent_layer_is_one_op_without_values(layer: Any, device: str) -> None:
    run = traced(layer(8, 6, num_layers=2, device=device), (torch.ones(4000, 2, 8),), {})
    (op,) = run.graph.of_kind(Kind.RECURRENT)
    assert run.on == "meta"
    assert {each.kind for each in run.graph} == {Kind.RECURRENT, Kind.CREATION}
    assert op.params == run.graph.total.params


def test_a_caller_in_inference_mode_gets_the_same_graph() -> None:
    model = nn.Sequential(nn.Conv2d(4, 8, 3), nn.BatchNorm2d(8), nn.Flatten(), nn.LSTM(128, 5))
    with torch.inference_mode():
        inside = trace(model, IMAGE)
    assert inside == trace(model, IMAGE)
    assert not inside.unknown


def test_a_model_that_enters_inference_mode_is_counted() -> None:
    def forward(self: Any, x: torch.Tensor) -> Any:
        with torch.inference_mode():
            return self.conv(x).softmax(1)

    graph = trace(Functional(forward, conv=nn.Conv2d(4, 3, 1)), IMAGE)
    assert graph.total.macs == 36 * 4 * 3
    assert not graph.unknown


def test_of_two_branches_the_one_that_runs_is_counted() -> None:
    def forward(self: Any, x: torch.Tensor) -> Any:
        return torch.cond(x.sum() >= 0, self.wide, self.narrow, (x,))

    model = Functional(forward, wide=nn.Linear(8, 8), narrow=nn.Linear(8, 2))
    run = traced(model, (torch.ones(3, 8),), {})
    assert run.on == "real"
    assert run.graph.total.macs == 3 * 8 * 8


@pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile")
def test_attention_by_formula_is_counted_as_eager_runs_it() -> None:
    flex = pytest.importorskip("torch.nn.attention.flex_attention").flex_attention
    q, k = torch.ones(1, 2, 16, 8), torch.ones(1, 2, 12, 8)
    model = Functional(lambda self, q, k: flex(q, k, k, score_mod=lambda s, *_: s * 2))
    graph = trace(model, q, k)
    assert graph.total.macs == 2 * 16 * 12 * (8 + 8)
    assert not graph.unknown


def test_an_op_on_functions_that_is_not_known_is_refused_by_name() -> None:
    scan = pytest.importorskip("torch._higher_order_ops.scan").scan
    model = Functional(lambda self, x: scan(lambda a, b: (a + b, a * b), x[0], x))
    with pytest.raises(AuditError, match="scan"):
        trace(model, torch.ones(3, 4))


def test_a_model_that_lists_values_is_run_for_real() -> None:
    run = traced(Functional(lambda self, x: [x * each for each in x[0].tolist()]), (X[:, :2],), {})
    assert run.on == "real"


def test_a_recurrent_layer_whose_weights_do_not_fit_is_refused_as_for_real() -> None:
    def forward(self: Any, x: torch.Tensor) -> Any:
        state = torch.zeros(1, 5, 4)
        given = (x, (state, state), [self.w, self.u], False, 1, 0.0, False, False, False)
        return torch.lstm(*given)[0]

    weights = {"w": nn.Parameter(torch.ones(16, 8)), "u": nn.Parameter(torch.ones(16, 3))}
    with pytest.raises(AuditError, match="raised RuntimeError"):
        trace(Functional(forward, **weights), torch.ones(2, 5, 8))


def test_sequences_of_many_lengths_count_the_steps_that_there_are() -> None:
    def forward(self: Any, x: torch.Tensor) -> Any:
        packed = nn.utils.rnn.pack_padded_sequence(x, [5, 3, 2])
        return nn.utils.rnn.pad_packed_sequence(self.layer(packed)[0])[0]

    model = Functional(forward, layer=nn.LSTM(8, 6))
    assert macs(model, torch.ones(5, 3, 8)) == (5 + 3 + 2) * 4 * 6 * (8 + 6)


def test_a_deformable_convolution_counts_as_a_convolution() -> None:
    ops = pytest.importorskip("torchvision.ops")
    offsets = torch.zeros(1, 2 * 9, 4, 4)
    assert macs(ops.DeformConv2d(4, 5, 3), IMAGE, offsets) == 16 * 5 * 4 * 9


def test_complex_numbers_are_traced() -> None:
    def forward(self: Any, x: torch.Tensor) -> Any:
        spectrum = torch.fft.rfft2(x) * self.filter
        return torch.fft.irfft2(spectrum, s=x.shape[-2:]).abs()

    weight = nn.Parameter(torch.ones(4, 6, 4, dtype=torch.complex64))
    graph = trace(Functional(forward, filter=weight), IMAGE)
    assert not graph.unknown
    assert {tensor.dtype for op in graph for tensor in op.outputs} == {"float32", "complex64"}


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_moves_half_the_bytes(dtype: torch.dtype) -> None:
    half = trace(nn.Linear(8, 3).to(dtype), X.to(dtype))
    full = trace(nn.Linear(8, 3), X)
    assert (half.total.macs, 2 * half.total.bytes) == (full.total.macs, full.total.bytes)


def test_a_compiled_module_is_traced_as_it_was_written() -> None:
    graph = trace(compiled(nn.Sequential(nn.Linear(8, 3), nn.ReLU())), X)
    assert (graph.total.macs, paths(graph, Kind.LINEAR)) == (2 * 8 * 3, ["0"])


def test_a_compiled_part_is_traced_as_it_was_written() -> None:
    model = nn.Sequential(compiled(nn.Sequential(nn.Linear(8, 3))), nn.ReLU())
    graph = trace(model, X)
    assert (graph.total.macs, paths(graph, Kind.LINEAR)) == (2 * 8 * 3, ["0.0"])


def test_a_module_compiled_in_place_is_traced_as_it_was_written() -> None:
    model = nn.Sequential(nn.Linear(8, 3), nn.ReLU())
    model.compile()
    assert macs(model, X) == 2 * 8 * 3


def test_a_compiled_function_is_traced_as_it_was_written() -> None:
    product = torch.compile(lambda x, w: x @ w)
    model = Functional(lambda self, x: product(x, self.w), w=nn.Parameter(torch.ones(8, 3)))
    assert macs(model, X) == 2 * 8 * 3


def test_what_data_parallelism_wraps_is_traced() -> None:
    graph = trace(nn.DataParallel(nn.Sequential(nn.Linear(8, 3))), X)
    assert (graph.total.macs, paths(graph, Kind.LINEAR)) == (2 * 8 * 3, ["0"])


@pytest.mark.parametrize(
    "converted",
    [
        torch.jit.script,
        lambda model: torch.jit.trace(model, IMAGE),
        lambda model: torch.jit.freeze(torch.jit.script(model)),
    ],
    ids=["scripted", "traced", "frozen"],
)
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
def test_torchscript_is_traced(converted: Callable[[nn.Module], nn.Module]) -> None:
    model = nn.Sequential(nn.Conv2d(4, 3, 3), nn.BatchNorm2d(3), nn.ReLU()).eval()
    assert macs(converted(model), IMAGE) == 16 * 3 * 4 * 9


def test_an_fx_graph_module_is_traced() -> None:
    model = torch.fx.symbolic_trace(nn.Sequential(nn.Linear(8, 3), nn.ReLU()))
    assert macs(model, X) == 2 * 8 * 3


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_a_dynamically_quantized_layer_is_costed_or_said_to_be_unknown() -> None:
    quantize: Any = torch.ao.quantization.quantize_dynamic
    graph = trace(quantize(nn.Sequential(nn.Linear(8, 3)), {nn.Linear}), X)
    assert graph.total.macs == 2 * 8 * 3 or graph.unknown


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_sparse_tensors_are_an_unknown_op() -> None:
    model = Functional(lambda self, x: torch.sparse.mm(x.to_sparse(), self.w), w=torch.ones(8, 3))
    graph = trace(model, X)
    assert any("sparse" in op.target for op in graph.unknown)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_nested_tensors_are_an_unknown_op() -> None:
    def forward(self: Any, x: torch.Tensor) -> torch.Tensor:
        return torch.nested.nested_tensor([x, x[:1]]).to_padded_tensor(0.0)

    assert trace(Functional(forward), X).unknown


def test_an_op_of_an_extension_is_an_unknown_op() -> None:
    @torch.library.custom_op("shufflenet_audit_tests::twice", mutates_args=())
    def twice(x: torch.Tensor) -> torch.Tensor:
        return x * 2

    @twice.register_fake
    def _(x: torch.Tensor) -> torch.Tensor:
        return torch.empty_like(x)

    graph = trace(Functional(lambda self, x: twice(self.a(x)), a=nn.Linear(8, 3)), X)
    assert [op.target for op in graph.unknown] == ["shufflenet_audit_tests.twice.default"]
    assert graph.total.macs == 2 * 8 * 3


def test_checkpointed_work_counts_once() -> None:
    from torch.utils.checkpoint import checkpoint  # noqa: PLC0415  (this test alone needs it)

    model = Functional(
        lambda self, x: checkpoint(self.a, x, use_reentrant=False), a=nn.Linear(8, 3)
    )
    assert macs(model, X) == 2 * 8 * 3


def test_mixed_precision_is_traced() -> None:
    def forward(self: Any, x: torch.Tensor) -> Any:
        with torch.autocast("cpu", torch.bfloat16):
            return self.a(x)

    assert macs(Functional(forward, a=nn.Linear(8, 3)), X) == 2 * 8 * 3


def test_a_model_built_on_meta_is_traced() -> None:
    with torch.device("meta"):
        model = nn.Sequential(nn.Conv2d(4, 3, 3), nn.BatchNorm2d(3))
    assert macs(model, IMAGE) == 16 * 3 * 4 * 9
