"""One small network with batch norm, group norm or none, on batches of 2, 4 and 32.

Pictures as in 3.5: squares of eight photographs, 120 of each for training, 40 for the test. Every
network sees each picture six times. Beside batch norm as it is: its statistics from groups of two
with gradients of 32 pictures, and statistics of 32 with the gradient of two of them. Takes some
minutes on two cores.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from skimage import data
from torch import nn

from publish.tools.experiments import side_by_side

NAMES = ["astronaut", "brick", "camera", "cat", "coffee", "grass", "gravel", "moon"]
RATES = {2: (0.003, 0.01), 4: (0.003, 0.01), 32: (0.01, 0.03, 0.1)}
EPOCHS, SEEDS = 6, 4


def pictures() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Training pictures (960, 1, 28, 28) and classes, then those of the test (320)."""
    X, y = [], []
    for c, name in enumerate(NAMES):
        photo = getattr(data, name)()
        grey = photo if photo.ndim == 2 else photo.mean(2)
        rows, cols = (length // 28 for length in grey.shape)
        cut = grey[: rows * 28, : cols * 28].reshape(rows, 28, cols, 28).swapaxes(1, 2)
        cut = cut.reshape(-1, 1, 28, 28)
        X += [cut[i] for i in np.linspace(0, len(cut) - 1, 160).astype(int)]
        y += [c] * 160
    X, y = torch.tensor(np.array(X), dtype=torch.float32) / 255, torch.tensor(y)
    test = torch.arange(len(y)) % 4 == 0
    X = (X - X[~test].mean()) / X[~test].std()
    return X[~test], y[~test], X[test], y[test]


class Ghost(nn.BatchNorm2d):
    """Batch norm whose statistics come from groups of two pictures."""

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return super().forward(X)
        return torch.cat([super(Ghost, self).forward(part) for part in X.split(2)])


NORMS = {
    "none": nn.Identity, "batch": nn.BatchNorm2d, "ghost": Ghost,
    "group": lambda c: nn.GroupNorm(c // 4, c),
}  # fmt: skip


def network(norm: str) -> nn.Sequential:
    layers = []
    for before, after in ((1, 16), (16, 32), (32, 32)):
        layers += [nn.Conv2d(before, after, 3, 2, 1), NORMS[norm](after), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 8))


def trained(norm: str, batch: int, lr: float, seed: int, shown: int, sets: tuple) -> float:
    """Test accuracy in percent; each step shows ``shown`` pictures, and ``batch`` have a loss."""
    X, y, X_test, y_test = sets
    torch.manual_seed(seed)
    net = network(norm)
    optimizer = torch.optim.SGD(net.parameters(), lr, momentum=0.9)
    for _ in range(EPOCHS):
        order = torch.randperm(len(X))
        for k in range(0, len(X), batch):
            own = order[k : k + batch]
            seen = torch.cat([own, torch.randint(len(X), (shown - batch,))])
            loss = F.cross_entropy(net(X[seen])[:batch], y[own])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    net.eval()
    with torch.no_grad():
        right = net(X_test).argmax(1) == y_test
    return round(right.float().mean().item() * 100, 1)


def column(run: tuple) -> dict:
    """Accuracies by rate, a list over the seeds each, of one kind."""
    torch.set_num_threads(1)
    name, norm, batch, shown = run
    sets = pictures()
    found = {
        str(lr): [trained(norm, batch, lr, seed, shown, sets) for seed in range(SEEDS)]
        for lr in RATES[batch]
    }
    print(name, found, flush=True)
    return found


def make() -> dict:
    runs = [("batch 2, statistics of 32", "batch", 2, 32)]
    runs += [(f"{norm} {b}", norm, b, b) for b in (2, 4, 32) for norm in ("batch", "group")]
    runs += [(f"{norm} 32", norm, 32, 32) for norm in ("none", "ghost")]
    names = [name for name, *_ in runs]
    return dict(zip(names, side_by_side(column, runs), strict=True))
