"""torch's answers for random settings of the convolution explorer."""

from __future__ import annotations

import random
from typing import Any

import torch
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

#: What model.js says of a setting ``c``.
ASK = """m.problem(c) ? { trouble: m.problem(c) } : { ...m.run(c), formula: m.outputSize(c),
  first: c.transposed ? null
    : m.taps(c, 0, 0, 0).reduce((t, p) => t + p.sum, c.bias[0] ?? 0) }"""


def random_cases(count: int, seed: int) -> list[dict]:
    """Settings of every kind, about a fifth of them impossible; half with whole numbers."""
    rng = random.Random(seed)
    modes = ["valid", "same", "full", "custom", "same_tf"]

    def array(*shape: int, whole: bool) -> Any:
        if not shape:
            return rng.randint(-9, 9) if whole else rng.gauss(0, 3)
        return [array(*shape[1:], whole=whole) for _ in range(shape[0])]

    def pair(low: int, high: int) -> list[int]:
        return [rng.randint(low, high), rng.randint(low, high)]

    cases = []
    while len(cases) < count:
        whole = len(cases) % 2 == 0
        transposed = rng.random() < 0.3
        groups = rng.choice([1, 1, 1, 2, 3])
        c_in, c_out = rng.randint(1, 3), rng.randint(1, 3)
        if rng.random() < 0.85:  # most groupings make sense
            c_in, c_out = groups * rng.randint(1, 3 // groups), groups * rng.randint(1, 3 // groups)
        in_slices, out_slices = max(1, c_in // groups), max(1, c_out // groups)
        if rng.random() < 0.05:
            in_slices = rng.randint(1, 3)
        first = c_in if transposed and rng.random() < 0.95 else c_out
        second = out_slices if transposed else in_slices
        mode = rng.choice(["valid", "full", "custom"] if transposed else modes)
        if transposed and rng.random() < 0.05:
            mode = "same"
        stride = pair(1, 4)
        if mode == "same" and rng.random() < 0.8:
            stride = [1, 1]
        outputs = second * groups if transposed else first
        more = outputs + 1 if rng.random() < 0.1 else outputs
        cases.append({
            "input": array(c_in, *pair(1, 10), whole=whole),
            "kernel": array(first, second, *pair(1, 5), whole=whole),
            "bias": array(rng.choice([0, 0, outputs, outputs, more]), whole=whole),
            "mode": mode, "padding": pair(0, 4), "stride": stride, "dilation": pair(1, 3),
            "output_padding": pair(0, 2) if rng.random() < 0.5 else [0, 0],
            "groups": groups, "flip": rng.random() < 0.4, "relu": rng.random() < 0.3,
            "transposed": transposed,
        })  # fmt: skip
    return cases


def torch_answer(s: dict) -> dict | None:
    """What ASK should give, by torch; None where torch refuses."""
    x = torch.tensor(s["input"], dtype=torch.float64)[None]
    k = torch.tensor(s["kernel"], dtype=torch.float64)
    b = torch.tensor(s["bias"], dtype=torch.float64) if s["bias"] else None
    weight = torch.flip(k, (-2, -1)) if s["flip"] else k
    kernel = k.shape[-2:]
    most = [d * (n - 1) for d, n in zip(s["dilation"], kernel, strict=True)]
    settings = {"stride": s["stride"], "dilation": s["dilation"], "groups": s["groups"]}
    border = [0, 0, 0, 0]
    if s["mode"] == "same_tf":
        # TensorFlow's rule, as its documentation of padding states it
        border = []
        for n, st, m in reversed(list(zip(x.shape[-2:], s["stride"], most, strict=True))):
            total = max(m + 1 - (st if n % st == 0 else n % st), 0)
            border += [total // 2, total - total // 2]
        padding = 0
    else:
        known = {"valid": 0, "same": "same", "full": tuple(most), "custom": tuple(s["padding"])}
        padding = known[s["mode"]]

    def apply(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor | None) -> torch.Tensor:
        if s["transposed"]:
            more = {"padding": padding, "output_padding": s["output_padding"]}
            return F.conv_transpose2d(x, w, b, **more, **settings)
        return F.conv2d(F.pad(x, border), w, b, padding=padding, **settings)

    try:
        with FlopCounterMode(display=False) as counter:
            y = apply(x, weight, b)
    except (RuntimeError, TypeError, ValueError):
        return None
    real = apply(torch.ones_like(x), torch.ones_like(k), None).sum()
    first = y[0, 0, 0, 0].item()
    if s["relu"]:
        y = F.relu(y)
    return {
        "y": y[0].tolist(),
        "size": list(y.shape[-2:]),
        "formula": list(y.shape[-2:]),
        "nominal": counter.get_total_flops() // 2,
        "real": int(real),
        "first": None if s["transposed"] else first,
    }
