"""Sizes, parameters, multiply-adds and fields are torch's: by layers, counter and gradients."""

from __future__ import annotations

import math
import random

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.kit.base import StateError, declared
from dlworkbook.widgets.receptive_field import ReceptiveField
from dlworkbook.widgets.receptive_field.widget import shapes
from tests.kit.node import NodeError, differential, evaluate

LONG = 400  # places of a line whose middle is far from its ends
MODEL = bundle.WIDGETS / "receptive_field/model.js"
torch.set_num_threads(1)


def random_stack(rng: random.Random) -> str:
    """Some layers that may or may not fit together."""
    parts = [f"input {rng.randint(9, 26)} c{rng.randint(1, 4)}"]
    for _ in range(rng.randint(1, 5)):
        which = rng.random()
        if which < 0.2:
            own = [f"{letter}{rng.randint(low, high)}" for letter, low, high in
                   (("c", 1, 6), ("s", 1, 3), ("p", 0, 2))]  # fmt: skip
            parts.append(" ".join(
                ["up", str(rng.randint(1, 4)), *(o for o in own if rng.random() < 0.5)]))
        elif which < 0.45:
            k = rng.randint(1, 4)
            own = [f"s{rng.randint(1, 4)}", f"p{rng.randint(0, k // 2)}"]
            parts.append(" ".join(["pool", str(k), *(o for o in own if rng.random() < 0.5)]))
        else:
            own = [f"{letter}{rng.randint(low, high)}" for letter, low, high in
                   (("c", 1, 6), ("s", 1, 3), ("p", 0, 3), ("d", 1, 3))]  # fmt: skip
            if rng.random() < 0.3:
                own.append("g2")
            parts.append(" ".join(
                ["conv", str(rng.randint(1, 5)), *(o for o in own if rng.random() < 0.55)]))
    parts += [f"fc {rng.randint(1, 9)}"] * rng.choice((0, 0, 1, 2))
    return "; ".join(parts)


def make_cases() -> list[dict]:
    rng, found = random.Random(5), []
    texts = declared("receptive_field")["fields"]["example"]["texts"]
    small = [text for text in texts if "224" not in text]
    while len(found) < 260:
        text = small[len(found)] if len(found) < len(small) else random_stack(rng)
        try:
            ReceptiveField(layers=text)
        except StateError:
            continue
        rows = shapes(text)
        if max(row[2] for row in rows) > 60 or rows[-1][3] > 120:  # torch counts long on these
            continue
        found.append({"text": text, "bias": rng.random() < 0.5, "layer": rng.randint(0, 8),
                      "unit": rng.choice((-1, 0, 999, rng.randint(0, 20)))})  # fmt: skip
    return found


def probes(net: nn.Sequential) -> nn.Sequential:
    """The same layers along one axis, with one channel and all weights 1; no fc."""
    made = []
    for layer in net:
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            kind = nn.ConvTranspose1d if isinstance(layer, nn.ConvTranspose2d) else nn.Conv1d
            made.append(kind(1, 1, layer.kernel_size[0], layer.stride[0], layer.padding[0],
                             dilation=layer.dilation[0], bias=False))  # fmt: skip
            nn.init.ones_(made[-1].weight)
        elif isinstance(layer, nn.AvgPool2d):
            made.append(nn.AvgPool1d(layer.kernel_size, layer.stride, layer.padding))
    return nn.Sequential(*made)


def jump_and_field(plain: nn.Sequential, n: int) -> list[int]:
    """How far fields move over one period of units, and the widest of the first n of a period.

    Every place of a long line is 1 once; the units stand in the middle of what comes out, a whole
    number of periods from its first.
    """
    period = math.prod(
        layer.stride[0] for layer in plain if isinstance(layer, nn.ConvTranspose1d))
    with torch.no_grad():
        y = plain(torch.eye(LONG)[:, None])[:, 0] != 0  # (place, unit)
    start = y.shape[1] // 2 // period * period
    fields = [y[:, start + i].nonzero().flatten().tolist() for i in range(period + 1)]
    widths = [field[-1] - field[0] + 1 if field else 0 for field in fields[: min(n, period)]]
    return [fields[-1][0] - fields[0][0] if fields[0] else 0, max(widths)]


def reads(y: torch.Tensor, at: int, x: torch.Tensor) -> list[int]:
    """The places of x that place `at` of the last axis of y depends on."""
    grad = torch.autograd.grad(y[..., at].sum(), x, retain_graph=True)[0]
    return (grad != 0).flatten(0, -2).any(0).nonzero().flatten().tolist()


def exact(case: dict) -> dict:
    net, shape = ReceptiveField(layers=case["text"], bias=case["bias"]).network()
    x = torch.ones(1, *shape)
    counts, sizes, params, unpadded = [], [], [], []
    with torch.no_grad():
        for layer in net:
            with FlopCounterMode(display=False) as counter:
                x = layer(x)
            counts.append(counter.get_total_flops() // 2)
            sizes.append([*x.shape[1:]])
            params.append(sum(p.numel() for p in layer.parameters()))
    plain = probes(net)
    if len(plain):
        unpadded = jump_and_field(plain, sizes[len(plain) - 1][-1])
    # All weights 1, and one row only where no fc follows: what depends on what, with padding.
    net = net.double()
    for weight in net.parameters():
        nn.init.ones_(weight)
    pictures = sum(len(size) == 3 for size in sizes)
    at = min(case["layer"], len(net)) or pictures or 1
    n = sizes[at - 1][-1] if len(sizes[at - 1]) == 3 else 1
    unit = (n - 1) // 2 if case["unit"] < 0 else min(case["unit"], n - 1)
    x = torch.ones(1, *shape, dtype=torch.float64, requires_grad=True)
    y = net[:at](x)
    return {"counts": counts, "sizes": sizes, "params": params, "unpadded": unpadded,
            "chosen": {"at": at, "unit": unit},
            "seen": reads(y if y.dim() == 4 else y[..., None], unit, x)}  # fmt: skip


ASK = """((rows, pick) => ({ counts: rows.slice(1).map((r) => r.mults),
  params: rows.slice(1).map((r) => r.params), chosen: pick,
  sizes: rows.slice(1).map((r) => (r.kind === "fc" ? [r.c] : [r.c, r.n, r.n])),
  unpadded: rows.slice(1).filter((r) => r.kind !== "fc").map((r, at) => [Math.round(r.jump *
    rows.slice(1, at + 2).reduce((all, q) => all * (q.kind === "up" ? q.s : 1), 1)),
    r.field]).pop() ?? [],
  seen: m.fields(rows, pick.at, pick.unit)[0],
}))(m.stack(c.text, c.bias), m.chosen(m.stack(c.text, c.bias), c))"""
MUTANTS = [line.split(" | ") for line in """\
padding on three sides | Math.floor((below.n + 2 * p - wide) / s) | Math.floor((below.n + 3 * p - wide) / s)
rounded up | Math.floor((below.n + 2 * p - wide) / s) | Math.ceil((below.n + 2 * p - wide) / s)
dilation forgotten in the size | wide = d * (k - 1) + 1; | wide = k;
pooling has stride 1 | kind === "conv" ? 1 : k | up ? k : 1
one kernel for all channels | k * k * (below.c / g) * c, | k * k * c,
groups forgotten | (below.c / g) * c, | below.c * c,
pooling has weights | kind === "pool" ? 0 : k * k | k * k
no bias of a kernel | weights + (bias && weights ? c : 0) | weights
bias of a pooling | bias && weights ? c | bias ? c
no bias of fc | seen * k + (bias ? k : 0) | seen * k
bias always | seen * k + (bias ? k : 0) | seen * k + k
multiply-adds once | mults: weights * places * places, | mults: weights,
of the input's size | places = up ? below.n : n; | places = below.n;
up counted by its output | places = up ? below.n : n; | places = n;
jump is the stride | below.jump * s, | s,
up makes jumps longer | up ? below.jump / s : | up ? below.jump * s :
up with one place more | (below.n - 1) * s - 2 * p + k | below.n * s - 2 * p + k
up without padding | (below.n - 1) * s - 2 * p + k | (below.n - 1) * s + k
up reads one more | Math.floor((o + p) / s)] | Math.floor((o + p) / s) + 1]
up reads from the wrong end | Math.ceil((o + p - k + 1) / s) | Math.ceil((o + p - k) / s)
only the first of a period | o < Math.min(period, rows[last].n) | o < 1
the narrowest | Math.max(most, high - low + 1) | high - low + 1
the source's slip: pooling adds nothing | const last = rows.length - 1, period | rows = rows.map((r) => (r.kind === "pool" ? { ...r, k: 1 } : r)); const last = rows.length - 1, period
channels doubled | c = layer.c ?? below.c, | c = layer.c ?? 2 * below.c,
fc flattens one side | seen = below.n * below.n * below.c; | seen = below.n * below.c;
walk without padding | [o * s - p, o * s - p + d * (k - 1)] | [o * s, o * s + d * (k - 1)]
walk without stride | [o * s - p, o * s - p + d * (k - 1)] | [o - p, o - p + d * (k - 1)]
walk without dilation | [o * s - p, o * s - p + d * (k - 1)] | [o * s - p, o * s - p + k - 1]
no holes | i <= high; i += rows[l].d | i <= high; i += 1
beyond the border | i >= 0 && i < n | i >= 0
before the border | i >= 0 && i < n | i < n
the last unit for the middle | Math.floor(last / 2) | last
no such layer | Math.min(layer, rows.length - 1) | rows.length - 1
fc for a picture | : pictures || 1 | : rows.length - 1
units without end | Math.min(unit, last) | unit""".splitlines()]  # fmt: skip # noqa: E501


def test_model():
    cases = make_cases()
    used = " ".join(case["text"] for case in cases)
    assert all(used.count(f" {w}") > 12 for w in ("s2", "p1", "d2", "g2", "c3")) and "fc" in used
    assert used.count("up ") > 100
    differential(MODEL, f"({ASK})", cases, [exact(case) for case in cases], MUTANTS)


def test_the_middle_of_the_drawing_is_the_middle_of_the_field():
    """start + unit * jump, without padding, lies halfway between the ends of what is read."""
    texts = "input 60; conv 4; pool 2; conv 3 d2 s2; conv 5", "input 9; up 5 s2; conv 3", (
        "input 20; conv 3; up 3 s1; pool 2; conv 5")
    for text, at in ((t, n) for t in texts for n in range(1, t.count(";") + 1)):
        rows = evaluate(MODEL, "m.stack(data, false)", text)
        ends = (0, rows[at]["n"] - 1) if "up" not in text else (rows[at]["n"] // 2,)
        for unit in ends:
            seen = evaluate(MODEL, f"m.fields(m.stack(data, false), {at}, {unit})[0]", text)
            assert rows[at]["start"] + unit * rows[at]["jump"] == (seen[0] + seen[-1]) / 2


def test_published_networks():
    """LeNet as d2l has it, the exam with and without biases, VGG-16's first block."""
    def sums(**settings):
        net, _ = ReceptiveField(**settings).network()
        return sum(p.numel() for p in net.parameters())

    assert sums(example="exam") == 2805 and sums(example="exam", bias=True) == 2822
    assert sums(example="lenet", bias=True) == 61_706
    assert sums(example="vgg", bias=True) == 1_792 + 36_928


@pytest.mark.parametrize("bad, said", [
    ("", "Nothing is written here yet"), ("conv 3", "Begin with the input"),
    ("input 9", "Add a layer"), ("input 9; conv", "conv needs the kernel"),
    ("input 9; conv 3 q2", "conv has no setting"), ("input 9; pool 2 c4", "pool has no setting"),
    ("input 9; conv 10", "does not fit"), ("input 9; fc 5; conv 1", "After fc there is no"),
    ("input 9; conv 3 s0", "must be from 1"), ("input 9; conv 3 c1.5", "not a whole number"),
    ("input 9; pool 3 p2", "at most half"), ("input 9; conv 3 c2 c4", "twice"),
    ("input 9 c3; conv 3 g2", "do not divide"), ("input 9; <b>", "begins with conv"),
    ("input 9; constructor 3", "begins with conv"), ("input 9; input 9", "Only the first"),
    ("input 9; up 1 p9", "leaves nothing"), ("input 9; up 2 s3", "at most its kernel"),
    ("input 9; up 2 d2", "up has no setting"),
    ("input 9" + "; pool 1" * 17, "At most 16"), ("input 257; pool 2", "must be from 1 to 256"),
])  # fmt: skip
def test_what_does_not_fit_is_said(bad, said):
    with pytest.raises(NodeError, match=said):
        evaluate(MODEL, "m.stack(data, false)", bad)
    if bad and "257" not in bad and len(bad) < 90:  # these bounds are the script's
        with pytest.raises(StateError):
            ReceptiveField(layers=bad)


def test_words_picture_and_settings():
    words = ReceptiveField(layer=3).describe()
    assert words.endswith("A unit of layer 3 has a receptive field of 12.")
    assert ReceptiveField().png().startswith(b"\x89PNG")
    for bad in ({"layers": 3}, {"layers": "x" * 501}, {"unit": -2}, {"layer": -1}, {"bias": 1}):
        with pytest.raises(StateError):
            ReceptiveField(**bad)
