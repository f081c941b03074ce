"""The usual transformers, built from their configurations, against PyTorch's own count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from shufflenet_audit.tracing.trace import traced

transformers = pytest.importorskip("transformers")
pytestmark = pytest.mark.filterwarnings("ignore")  # what transformers says of itself

SMALL = {"vocab_size": 100, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}
IMAGE = {"image_size": 32, "patch_size": 8}


@dataclass(frozen=True, slots=True)
class Case:
    """An architecture of transformers: its configuration, its model, and what it is run on."""

    config: str
    model: str
    options: Mapping[str, Any]
    inputs: Mapping[str, tuple[int, ...]]

    def build(self) -> nn.Module:
        with torch.device("meta"):
            model = getattr(transformers, self.model)(self.configuration())
        assert isinstance(model, nn.Module)
        return model.eval()

    def configuration(self) -> Any:
        return getattr(transformers, self.config)(**self.options)

    def tensors(self) -> dict[str, torch.Tensor]:
        return {
            name: torch.zeros(shape, dtype=torch.int64 if "ids" in name else torch.float32)
            for name, shape in self.inputs.items()
        }

    def __str__(self) -> str:
        return self.model


TOKENS = {"input_ids": (2, 12)}
CASES = [
    Case("BertConfig", "BertModel", {**SMALL, "intermediate_size": 64}, TOKENS),
    Case("GPT2Config", "GPT2LMHeadModel", {"vocab_size": 100, "n_embd": 32, "n_layer": 2,
                                           "n_head": 4}, TOKENS),
    Case("LlamaConfig", "LlamaForCausalLM", {**SMALL, "intermediate_size": 64,
                                             "num_key_value_heads": 2}, TOKENS),
    Case("T5Config", "T5ForConditionalGeneration",
         {"vocab_size": 100, "d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4},
         {**TOKENS, "decoder_input_ids": (2, 7)}),
    Case("ViTConfig", "ViTForImageClassification",
         {**IMAGE, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
          "intermediate_size": 64}, {"pixel_values": (2, 3, 32, 32)}),
    Case("CLIPConfig", "CLIPModel",
         {"text_config": {**SMALL, "intermediate_size": 64, "eos_token_id": 0},
          "vision_config": {**IMAGE, "hidden_size": 32, "num_hidden_layers": 2,
                            "num_attention_heads": 4, "intermediate_size": 64}},
         {**TOKENS, "pixel_values": (2, 3, 32, 32)}),
    Case("WhisperConfig", "WhisperForConditionalGeneration",
         {"vocab_size": 100, "d_model": 32, "encoder_layers": 2, "decoder_layers": 2,
          "encoder_attention_heads": 4, "decoder_attention_heads": 4, "encoder_ffn_dim": 64,
          "decoder_ffn_dim": 64, "max_source_positions": 20, "pad_token_id": 0,
          "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1},
         {"input_features": (2, 80, 40), "decoder_input_ids": (2, 7)}),
    Case("MambaConfig", "MambaForCausalLM",
         {"vocab_size": 100, "hidden_size": 32, "num_hidden_layers": 2, "state_size": 4}, TOKENS),
]  # fmt: skip


@contextmanager
def without_fast_path() -> Iterator[None]:
    """So that PyTorch's counter sees all of multi-head attention."""
    enabled = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(enabled)


def counted(case: Case) -> int:
    model, tensors = case.build(), case.tensors()
    inputs = {name: tensor.to("meta") for name, tensor in tensors.items()}
    with without_fast_path(), torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(**inputs)
    return int(counter.get_total_flops()) // 2


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_architecture_counts_as_in_pytorch_itself(case: Case) -> None:
    run = traced(case.build(), (), case.tensors())
    assert run.on == "meta"
    assert [op.target for op in run.graph.unknown] == []
    assert run.graph.total.macs == counted(case) > 0


def test_llama_counts_what_its_configuration_says() -> None:
    case = next(each for each in CASES if each.config == "LlamaConfig")
    run = traced(case.build(), (), case.tensors())
    batch, length, width, head = 2, 12, 32, 8
    projections = 2 * width * width + 2 * width * 2 * head + 3 * width * 64
    products = 2 * length * width
    assert run.graph.total.macs == batch * length * (2 * (projections + products) + width * 100)
    assert run.graph.params == sum(each.numel() for each in run.model.parameters())
