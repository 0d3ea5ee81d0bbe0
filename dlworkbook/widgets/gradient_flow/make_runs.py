"""Make ``runs.json``: gradients by layer of random networks, for the widget.

    python -m dlworkbook.widgets.gradient_flow.make_runs

Each network has equal layers of WIDTH units, and sees a batch of BATCH examples from N(0, I):

    f(h) = phi(norm(W h + b)),    h_l = f(h_{l-1}),  with a residual path  h_{l-1} + f(h_{l-1})

The loss is L = <R, h> at the top layer, with a random direction R of Frobenius norm 1, so that a
gradient says which part of what is fed in at the top arrives. Three things are kept by layer:

- the spread of its outputs: the standard deviation over units and examples;
- the norm of the gradient with respect to its output, ||dL/dh_l||, over the whole batch;
- the norm of the gradient with respect to its weights, ||dL/dW_l||.

All are log10, as quantiles (10%, 50%, 90%) over NETWORKS networks, the median in steps of STEP,
its distance to the other two in steps BAND times as large. Everything is float64, so that
nothing underflows here. All settings use the same random numbers: what differs between two of
them is not noise.

After a normalisation the scale of the weights cancels, up to its epsilon. So of the
initialisations N(0, g^2/WIDTH) only g = 1 is stored there; the gradient of the weights, which is
proportional to 1/g, is shifted when it is read.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

from dlworkbook.widgets.gradient_flow.widget import (
    ACTIVATIONS,
    BAND,
    DEPTHS,
    FLOOR,
    GAINS,
    MAX_DEPTH,
    NORMS,
    STEP,
    Table,
    groups,
    stored_inits,
    walk,
)
from dlworkbook.widgets.kit.pack import Writer

WIDTH, BATCH, NETWORKS = 64, 32, 40
SEED = 2024
TARGET = Path(__file__).with_name("runs.json")


class Draws:
    """The random numbers that all settings share, made once (float64)."""

    def __init__(self) -> None:
        import torch

        rng = torch.Generator().manual_seed(SEED)

        def normal(*shape: int) -> torch.Tensor:
            return torch.randn(*shape, generator=rng, dtype=torch.float64)

        self.x = normal(NETWORKS, BATCH, WIDTH)
        self.top = normal(NETWORKS, BATCH, WIDTH)
        self.top /= self.top.norm(dim=(1, 2), keepdim=True)
        self.normal = normal(MAX_DEPTH, NETWORKS, WIDTH, WIDTH)
        shape = (MAX_DEPTH, NETWORKS, WIDTH, WIDTH + 1)  # weights, then the bias
        self.uniform = 2 * torch.rand(*shape, generator=rng, dtype=torch.float64) - 1
        q, r = torch.linalg.qr(self.normal)
        self.orthogonal = q * r.diagonal(dim1=-2, dim2=-1).sign()[..., None, :]

    def layers(self, init: str) -> tuple:
        """Weights (MAX_DEPTH, NETWORKS, out, in) and biases (MAX_DEPTH, NETWORKS, 1, out)."""
        if init == "default":  # nn.Linear: both uniform in +-1/sqrt(fan_in)
            both = self.uniform / math.sqrt(WIDTH)
            return both[..., :WIDTH], both[..., WIDTH][:, :, None]
        W = (
            self.orthogonal
            if init == "orthogonal"
            else float(init) / math.sqrt(WIDTH) * self.normal
        )
        return W, W.new_zeros(MAX_DEPTH, 1, 1, 1)


def measure(draws: Draws, activation: str, init: str, residual: bool, norm: str,
            depths: tuple[int, ...] = DEPTHS) -> dict:  # fmt: skip
    """log10 of spread, ("h", L) and ("W", L): arrays (layers, networks)."""
    import torch
    from torch.nn import functional as F

    phi = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": F.relu, "gelu": F.gelu,
           "linear": lambda a: a}[activation]  # fmt: skip
    W, b = draws.layers(init)
    Ws = [w.clone().requires_grad_() for w in W]
    h, hs = draws.x.clone().requires_grad_(), []
    for w, bias in zip(Ws, b, strict=True):
        a = h @ w.mT + bias  # (networks, examples, units)
        if norm == "layer":
            a = F.layer_norm(a, (WIDTH,))
        elif norm == "batch":  # statistics over the examples
            mean, var = a.mean(1, keepdim=True), a.var(1, keepdim=True, unbiased=False)
            a = (a - mean) / (var + 1e-5).sqrt()
        h = h + phi(a) if residual else phi(a)
        hs.append(h)

    def log(values: list) -> torch.Tensor:
        return torch.stack(values).detach().log10().clamp(min=FLOOR)

    found = {"spread": log([h.std(dim=(1, 2), correction=0) for h in hs])}
    for depth in depths:
        grads = torch.autograd.grad(hs[depth - 1], hs[:depth] + Ws[:depth], draws.top,
                                    retain_graph=True)  # fmt: skip
        norms = [g.norm(dim=(1, 2)) for g in grads]
        found["h", depth], found["W", depth] = log(norms[:depth]), log(norms[depth:])
    return found


def quantiles(values) -> list[list[int]]:
    """[p10, p50, p90] of each layer, in steps, for an array (layers, networks)."""
    import torch

    at = torch.tensor([0.1, 0.5, 0.9], dtype=values.dtype)
    rows = (torch.quantile(values, at, dim=1) / STEP).round().int().T.tolist()  # (layers, 3)

    def band(distance: int) -> int:
        return BAND * round(distance / BAND)

    return [[m - band(m - low), m, m + band(high - m)] for low, m, high in rows]


def grid(draws: Draws):
    """Each stored setting with its table: "spread" and (kind, depth) -> [[p10, p50, p90], ...]."""
    for activation in ACTIVATIONS:
        for residual in (False, True):
            for norm in NORMS:
                for init in stored_inits(norm):
                    found = measure(draws, activation, init, residual, norm)
                    yield (
                        (activation, residual, norm, init),
                        {key: quantiles(values) for key, values in found.items()},
                    )


def write(table: dict[tuple, Table]) -> str:
    """The whole grid: one text for each activation, residual path and normalisation."""
    texts = []
    for group in groups():
        coder = Writer()
        for init in stored_inits(group[2]):
            walk(coder, table[(*group, init)])
        texts.append(coder.text())
    return f"{json.dumps(texts)}\n"


def main() -> None:
    """Measure everything (some minutes on one core) and write the file."""
    import torch

    torch.set_num_threads(1)
    table = {}
    for setting, found in grid(Draws()):
        table[setting] = found
        print(*setting, file=sys.stderr)
    TARGET.write_text(write(table), encoding="utf-8")
    print(f"{TARGET.name}: {TARGET.stat().st_size} bytes, gains {GAINS}")


if __name__ == "__main__":
    main()
