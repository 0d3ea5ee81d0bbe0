"""Independent checks of what the page of lab 6 teaches; its own asserts are not used."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from dlworkbook import checks, experiment
from dlworkbook.data import verse
from grading.make import plan
from publish.page import assignment
from tests.kit.pages import cells, definitions

PAGE = "ch09_modern_rnn/lab_verse"
torch.set_num_threads(1)


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, math=math, verse=verse, NUM_HIDDENS=96)


def formulas(gru, X, h0):
    """A GRU in NumPy, one sample after the other."""
    w = {k: v.detach().double().numpy() for k, v in gru.state_dict().items()}
    X, h0 = X.detach().double().numpy(), h0.detach().double().numpy()
    outputs = np.zeros((*X.shape[:2], h0.shape[2]))
    for b in range(len(X)):
        h = h0[0, b]
        for t, x in enumerate(X[b]):
            z = 1 / (1 + np.exp(-(x @ w["W_xz"] + h @ w["W_hz"] + w["b_z"])))
            r = 1 / (1 + np.exp(-(x @ w["W_xr"] + h @ w["W_hr"] + w["b_r"])))
            c = np.tanh(x @ w["W_xh"] + (r * h) @ w["W_hh"] + w["b_h"])
            h = outputs[b, t] = z * h + (1 - z) * c
    return outputs


def big(cls, *sizes):
    """A module in float64 with parameters of size one."""
    module = cls(*sizes).double()
    with torch.no_grad():
        for p in module.parameters():
            p.normal_()
    return module


@pytest.mark.parametrize("name", ["GRU", "StepGRU"])
def test_grus_are_the_formulas(page, name):
    torch.manual_seed(0)
    for B, S, I, H in [(2, 5, 3, 4), (1, 1, 1, 2), (3, 3, 3, 3), (4, 2, 5, 1)]:
        gru = big(page[name], I, H)
        X, h0 = torch.randn(B, S, I).double(), torch.randn(1, B, H).double()
        outputs, state = gru(X, h0)
        assert np.allclose(outputs.detach(), formulas(gru, X, h0), atol=1e-12)
        assert torch.equal(state[0], outputs[:, -1]) and state.shape == (1, B, H)


def test_model_puts_the_layers_together(page):
    torch.manual_seed(0)
    model = big(page["SequenceModel"], 7, 3, 6, 4)
    tokens, h0 = torch.randint(7, (2, 5)), torch.randn(1, 2, 4).double()
    scores, state = model(tokens, h0)
    states = formulas(model.gru, model.embedding.weight[tokens], h0)
    wanted = states @ model.linear.weight.detach().numpy().T + model.linear.bias.detach().numpy()
    assert np.allclose(scores.detach(), wanted) and np.allclose(state[0].detach(), states[:, -1])


def test_solutions_pass_starters_are_not_done_and_points_are_those_of_the_tasks(page):
    for task, name in (("gru", "GRU"), ("sequence_model", "SequenceModel")):
        assert checks.check(task, page[name]).passed
        assert checks.check(task, page[f"My{name}"]).status == "not_done"
    assert plan.find(6).points == {"gru": 12, "sequence_model": 8}


def test_no_assigned_cell_gives_the_solution_away(page):
    """Above "Break", only solutions and cells that are left out hold a gate."""
    for cell in cells(PAGE, before="Break"):
        source = cell.source
        tags = set(cell.metadata.get("tags", []))
        if not {"solution", "not-assigned"} & tags and not tags >= assignment.HIDDEN:
            assert "sigmoid(" not in source and "tanh(" not in source.replace("sp.tanh(", "")
            assert "unbind" not in source and "nn.Embedding" not in source


def test_wrong_grus_are_named_as_the_page_tells_them(page):
    assert checks.check("gru", page["StuckGRU"]).mistake == "LAB6-M1"
    assert checks.check("gru", page["ReversedGRU"]).mistake == "LAB6-01"
    assert checks.check("sequence_model", page["TwiceModel"]).mistake == "LAB6-17"


def test_encode(page):
    assert page["encode"]("abca", "xab").tolist() == [1, 2, 0, 1]


def test_strips_follow_one_another_and_targets_are_next(page):
    text = torch.arange(1000)
    pieces = page["strips"](text, B=4, S=7)
    assert all(torch.equal(Y, X + 1) and X.shape == (4, 7) for X, Y in pieces)
    for (X, _), (later, _) in itertools.pairwise(pieces):
        assert torch.equal(later[:, 0], X[:, -1] + 1)
    read = torch.cat([X.flatten() for X, _ in pieces])
    assert len(read) == len(set(read.tolist())) > 900


def test_minibatches_hold_each_poem_once(page):
    rows = torch.arange(70).view(10, 7)
    got = page["minibatches"](rows, B=4)
    assert len(got) == 2 and all(X.shape == Y.shape == (4, 6) for X, Y in got)
    assert all(torch.equal(Y, X + 1) for X, Y in got)
    firsts = torch.cat([X[:, 0] for X, _ in got]).tolist()
    assert len(set(firsts)) == 8 and set(firsts) <= set(rows[:, 0].tolist())


def test_bigram_is_the_formula(page):
    X, Y = torch.tensor([0, 0, 1, 2, 0]), torch.tensor([1, 1, 2, 0, 2])
    table = page["bigram"](X, Y, 4, 3.0)
    single = [2 / 9, 3 / 9, 3 / 9, 1 / 9]  # each count plus one
    for a in range(4):
        for b in range(4):
            n_ab = sum((x, y) == (a, b) for x, y in zip(X.tolist(), Y.tolist()))
            wanted = (n_ab + 3 * single[b]) / (X.tolist().count(a) + 3)
            assert table[a, b] == pytest.approx(wanted)
    assert torch.allclose(table.sum(dim=1), torch.ones(4))


def test_judge_is_the_cross_entropy(page):
    torch.manual_seed(0)
    scores, Y = torch.randn(3, 5, 7), torch.randint(7, (3, 5))
    loss, hit = page["judge"](scores.log_softmax(dim=2), Y)
    assert torch.allclose(loss, F.cross_entropy(scores.mT, Y, reduction="none"), atol=1e-6)
    assert torch.equal(hit, (scores.argmax(dim=2) == Y).float())
    model = page["SequenceModel"](7, 3, 7, 96)
    rows = torch.randint(7, (4, 6))
    loss, _ = page["judge_model"](model, rows)
    scores, _ = model(rows[:, :5], torch.zeros(1, 4, 96))
    wanted = F.cross_entropy(scores.mT, rows[:, 1:], reduction="none")
    assert torch.allclose(loss, wanted.detach(), atol=1e-6)


def test_writing_carries_the_state_and_the_forgetful_reader_drops_it(page):
    torch.manual_seed(0)
    model = page["SequenceModel"](7, 3, 7, 96)
    with torch.no_grad():
        model.linear.weight.mul_(30)
    first = torch.tensor([1, 2, 1])
    almost_sure = {"temperature": 1e-4}
    written = page["write"](page["reader"](model), first, 6, **almost_sure)
    fed = torch.cat([first[:, None], written[:, :-1]], dim=1)
    scores, _ = model(fed, torch.zeros(1, 3, 96))
    assert torch.equal(scores.argmax(dim=2), written)
    written = page["write"](page["forgetful"](model), first, 6, **almost_sure)
    fed = torch.cat([first[:, None], written[:, :-1]], dim=1)
    for t in range(6):
        scores, _ = model(fed[:, t : t + 1], torch.zeros(1, 3, 96))
        assert torch.equal(scores[:, 0].argmax(dim=1), written[:, t])
    other = page["write"](page["reader"](model), first, 6, never=int(written[0, 0]))
    assert int(written[0, 0]) not in other


def test_halves_of_a_gru(page):
    """The exercises' layers are the whole GRU with a gate forced."""
    torch.manual_seed(0)
    X, h0 = torch.randn(2, 5, 3).double(), torch.randn(1, 2, 4).double()
    for name, part, value in (("ResetOnly", "z", -60.0), ("UpdateOnly", "r", 60.0)):
        half, whole = big(page[name], 3, 4), big(page["GRU"], 3, 4)
        whole.load_state_dict(half.state_dict())
        with torch.no_grad():
            getattr(whole, f"W_x{part}").zero_()
            getattr(whole, f"W_h{part}").zero_()
            getattr(whole, f"b_{part}").fill_(value)
        assert torch.allclose(half(X, h0)[0], whole(X, h0)[0], atol=1e-12)


def test_bound_of_softmax_twice():
    """No probabilities, taken as scores, give less than the page's bound."""
    torch.manual_seed(0)
    for V in (2, 10, 61):
        bound = math.log(1 + (V - 1) / math.e)
        p = (torch.randn(2000, V) * 5).softmax(dim=1)
        assert F.cross_entropy(p, p.argmax(dim=1), reduction="none").min() >= bound - 1e-6
        sure = torch.eye(V)
        assert F.cross_entropy(sure, torch.arange(V)).item() == pytest.approx(bound, abs=1e-5)


def test_the_experiment_trained_the_network_of_the_page(page):
    """Its first losses are those of the page as it is now."""
    sonnets = verse.sonnets()
    letters = sorted(set("\n\n".join(sonnets)))
    text = page["encode"]("\n\n".join(sonnets[:138]) + "\n\n", letters)
    pieces = page["strips"](text)
    torch.manual_seed(0)
    model = page["SequenceModel"](len(letters), 32, len(letters), 96)
    model.gru = page["GRU"](32, 96)
    kept = experiment(PAGE)["first_losses"]
    assert len(kept) == 5
    steps = len(pieces)  # the rate of a step depends on the number of all steps
    calls = itertools.count()

    def batches():
        return pieces if next(calls) < 2 else []

    losses = page["train"](model, 96, batches, 3, 0.03, True)
    assert len(losses) == steps and np.allclose(losses[:5], kept, rtol=1e-3)


def test_the_table_is_that_of_right_answers(page):
    """Its seeds are of the network of the page, and each of its numbers has a row."""
    usual = experiment(f"{PAGE}_usual")
    torch.manual_seed(0)
    model = page["SequenceModel"](61, 32, 61, 96)
    page["results"].__globals__.update(
        test_text=torch.randint(61, (50,)), test_rows=torch.randint(61, (4, 26)),
        signs=["□", *"，。\n", *map(str, range(57))])
    assert list(page["results"](model, model)) == list(usual)
    assert {len(values) for values in usual.values()} == {20}
    low, high = min(usual["English: perplexity"]), max(usual["English: perplexity"])
    assert all(low <= told <= high for told in experiment(PAGE)["start"]["random"])


def test_the_right_form(page):
    """Five characters and a mark, four times, and an end."""
    signs = ["□", "\n", "，", "。", "春", "眠"]
    page["right_form"].__globals__["signs"] = signs
    good = "春眠春眠春，" "眠眠眠眠眠。" "春春春春春，" "眠眠眠眠眠。\n"

    def writer(text):
        """A step that writes the same text, whatever it reads."""
        numbers = iter(page["encode"](text, signs))

        def step(tokens, state):
            return 1000 * F.one_hot(next(numbers).repeat(len(tokens), 1), 6).float(), state
        return step

    assert page["right_form"](writer(good)) == 1
    for wrong in (good.replace("\n", "春"), good.replace("，", "。"), "，" + good[1:],
                  good[1:] + "春"):
        assert page["right_form"](writer(wrong)) == 0


def bigram_perplexity(train, test):
    """Add-one pairs, with a dictionary: nothing of the page's."""
    pairs, single, V = {}, {}, len(set(train + test))
    for a, b in itertools.pairwise(train):
        pairs[a, b], single[a] = pairs.get((a, b), 0) + 1, single.get(a, 0) + 1
    logs = [
        math.log((pairs.get((a, b), 0) + 1) / (single.get(a, 0) + V))
        for a, b in itertools.pairwise(test)
    ]
    return math.exp(-sum(logs) / len(logs))


@pytest.mark.slow
def test_the_trained_model_beats_pairs_with_another_seed(page):
    """One epoch with a seed that the page does not use; the page trains three times as long."""
    sonnets = verse.sonnets()
    letters = sorted(set("\n\n".join(sonnets)))
    train, test = ("\n\n".join(part) + "\n\n" for part in (sonnets[:138], sonnets[138:]))
    torch.manual_seed(100)
    model = page["SequenceModel"](len(letters), 32, len(letters), 96)
    text = page["encode"](train, letters)
    losses = page["train"](model, 96, lambda: page["strips"](text), 1, 0.02, True)
    loss, hit = page["judge_model"](model, page["encode"](test, letters)[None])
    pairs = bigram_perplexity(train, test)
    print(f"perplexity {loss.mean().exp():.2f}, pairs {pairs:.2f}, accuracy {hit.mean():.3f}")
    assert 10 < pairs < 11.5 and loss.mean().exp() < 0.92 * pairs and hit.mean() > 0.3
    assert losses[0] > 4 > 2.5 > losses[-1]
