"""A recurrent network on sonnets: clipping, ReLU, where gradient and state are cut, order, size.

Data and start are those of the page, taken from its cells; ``run`` with no option set is its
training. Takes some minutes on two free cores.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import nn

from dlworkbook.data import verse
from publish.tools.experiments import side_by_side
from tests.kit.pages import definitions

PAGE = "ch08_recurrent_networks/recurrent_networks"
SONNETS = verse.sonnets()
LETTERS = sorted(set("\n\n".join(SONNETS)))
PAGES = definitions(PAGE, letters=LETTERS, math=math, verse=verse)
TRAIN = PAGES["encode"]("\n\n".join(SONNETS[:138]) + "\n\n")
TEST = PAGES["encode"]("\n\n".join(SONNETS[138:]) + "\n\n")
V, B, S = len(LETTERS), 32, 32
RATES = (0.5, 1, 2, 4)
EPOCHS_ADAM = 12
PLAIN = {
    "lr": 2, "theta": 0.5, "epochs": 10, "phi": "tanh", "H": 96, "cut": S, "back": 0,
    "order": "on", "stateless": False, "every": None,
}  # fmt: skip


def steps(X, H, params, phi, cut, stateless):
    """Scores and state; the gradient is cut every ``cut`` steps, or the state is set to zero."""
    W_xh, W_hh, b_h, W_hq, b_q = params
    act, scores = getattr(torch, phi), []
    for t, X_t in enumerate(W_xh[X].unbind(1)):
        if stateless:
            H = torch.zeros_like(H)
        elif t % cut == 0 and t:
            H = H.detach()
        H = act(X_t + H @ W_hh + b_h)
        scores.append(H @ W_hq + b_q)
    return torch.stack(scores, 1), H


def perplexity(params, text, o):
    """Of a whole text, read from a state of zeros."""
    with torch.no_grad():
        zero = torch.zeros(1, o["H"])
        scores, _ = steps(text[None, :-1], zero, params, o["phi"], S, o["stateless"])
        return math.exp(min(F.cross_entropy(scores[0], text[1:]).item(), 50))


def pieces(order):
    """Pieces of the text in order, or from a random offset in a random order."""
    if order != "random":
        return PAGES["strips"](TRAIN)
    first = torch.randint(S, ()).item()
    n = (len(TRAIN) - 1 - first) // S
    starts = first + S * torch.randperm(n)
    return [(TRAIN[at], TRAIN[at + 1]) for at in
            (s[:, None] + torch.arange(S) for s in starts[: n // B * B].split(B))]


def run(job):
    """Train one network; perplexities in training and on the test text, norms of gradients."""
    seed, options = job
    o = {**PLAIN, **options}
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    params = PAGES["init_params"](V, o["H"], V)
    history, norms, tests = [], [], []
    for epoch in range(o["epochs"]):
        H, losses, before = torch.zeros(B, o["H"]), [], []
        for X, Y in pieces(o["order"]):
            H = H.detach() if o["order"] == "on" else torch.zeros(B, o["H"])
            start, many = H, X
            before = (before + [(X, H)])[-o["back"] - 1:]  # noqa: RUF005
            if o["back"]:
                start, many = before[0][1], torch.cat([x for x, _ in before], 1)
            scores, H = steps(many, start, params, o["phi"], max(o["cut"], many.shape[1])
                              if o["back"] else o["cut"], o["stateless"])
            loss = F.cross_entropy(scores[:, -S:].flatten(0, 1), Y.flatten())
            grads = torch.autograd.grad(loss, params)
            norms.append(sum((g**2).sum() for g in grads).sqrt().item())
            if o["theta"]:
                grads = PAGES["clip"](grads, o["theta"])
            with torch.no_grad():
                for w, g in zip(params, grads, strict=True):
                    w -= o["lr"] * g
            losses.append(loss.item())
        mean = sum(losses) / len(losses)
        history.append(round(math.exp(min(mean, 50)), 3) if math.isfinite(mean) else 1e9)
        if o["every"] and (epoch + 1) % o["every"] == 0:
            tests.append(round(perplexity(params, TEST, o), 3))
    test = perplexity(params, TEST, o)
    test = round(test, 3) if math.isfinite(test) else 1e9
    norms = sorted(v if math.isfinite(v) else 1e9 for v in norms)
    found = {"test": test, "history": history, "tests": tests,
             "clipped": round(sum(v > 0.5 for v in norms) / len(norms), 3),
             "median": round(norms[len(norms) // 2], 3), "largest": round(norms[-1], 3)}
    print(seed, options, test, history[-1], round(found["largest"], 2), flush=True)
    return found


def larger(job):
    """nn.RNN with Adam; perplexities in training, and on the test text after every second epoch."""
    seed, (num_hiddens, num_layers) = job
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    layer = nn.RNN(V, num_hiddens, num_layers, batch_first=True)
    linear = nn.Linear(num_hiddens, V)
    weights = [*layer.parameters(), *linear.parameters()]
    optimizer = torch.optim.Adam(weights, 0.003)
    history, tests = [], []
    for epoch in range(EPOCHS_ADAM):
        H, losses = torch.zeros(num_layers, B, num_hiddens), []
        for X, Y in pieces("on"):
            states, H = layer(F.one_hot(X, V).float(), H.detach())
            loss = F.cross_entropy(linear(states).flatten(0, 1), Y.flatten())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(weights, 0.5)
            optimizer.step()
            losses.append(loss.item())
        if epoch % 2:
            with torch.no_grad():
                states, _ = layer(F.one_hot(TEST[None, :-1], V).float())
                tests.append(round(F.cross_entropy(linear(states)[0], TEST[1:]).exp().item(), 3))
            history.append(round(math.exp(sum(losses) / len(losses)), 3))
    print(seed, num_hiddens, num_layers, tests, history, flush=True)
    return {"history": history, "tests": tests}


def jobs():
    """Name -> jobs, one for each seed."""
    found = {"plain": [(seed, {}) for seed in range(6)]}

    def add(name, num, **options):
        found[name] = [(seed, options) for seed in range(num)]

    for lr in RATES:
        for theta in (None, 0.5):
            add(f"tanh, {lr}, {theta}", 6, lr=lr, theta=theta, epochs=4)
            if lr < 4:
                add(f"relu, {lr}, {theta}", 3, lr=lr, theta=theta, epochs=4, phi="relu")
    for lr, theta in ((2, 1), (2, 2), (4, 1), (8, 0.25)):
        add(f"tanh, {lr}, {theta}", 6, lr=lr, theta=theta, epochs=4)
    for cut in (1, 2, 4, 8):
        add(f"cut {cut}", 3, cut=cut)
    add("cut 64", 3, back=1)
    add("stateless", 3, stateless=True)
    add("zero", 3, order="zero")
    add("random", 3, order="random")
    return found


def work(job):
    """One job of either kind."""
    return larger(job) if isinstance(job[1], tuple) else run(job)


def make() -> dict:
    named = jobs()
    for H, layers in ((96, 1), (256, 1), (96, 2)):
        named[f"Adam, {H}, {layers}"] = [(seed, (H, layers)) for seed in range(2)]
    parts = [(name, job) for name, some in named.items() for job in some]
    made = side_by_side(work, [job for _, job in parts])
    result: dict = {}
    for (name, _), one in zip(parts, made, strict=True):
        result.setdefault(name, []).append(one)
    return result
