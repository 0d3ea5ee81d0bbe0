"""A small residual network with and without torch.compile, timed in fresh processes.

Each run is a process of its own with an empty cache, so that its first call compiles. Later calls
alternate, one eager, one compiled, so that both meet the same load. All on one thread. One more
run feeds batches of new sizes; the last hides every C++ compiler. Takes some ten minutes. Times
belong to the machine and the hour that made them: nothing asserts them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = "ch05_computation/inspecting_models"
CASES = {  # batch, and whether a call is a forward and a backward pass
    "prediction, batch of 1": (1, False),
    "prediction, batch of 256": (256, False),
    "training, batch of 32": (32, True),
}
PROCESSES, PAIRS, WARM_UP = 5, 200, 20
SIZES = [32, 32, 33, 34, 35, 36]


def build(train: bool):
    """Two blocks of 16 channels of the page's network, on 8 x 8 pictures."""
    import torch

    from tests.kit.pages import definitions

    torch.set_num_threads(1)
    torch.manual_seed(0)
    net = definitions(PAGE)["network"](num_channels=16, num_blocks=2)
    return net.train(train)


def call(net, X, train: bool) -> float:
    """Milliseconds of one call; in training with the backward pass."""
    import torch

    start = time.perf_counter()
    if train:
        net(X).square().mean().backward()
    else:
        with torch.no_grad():
            net(X)
    return 1e3 * (time.perf_counter() - start)


def pairs(batch: int, train: bool) -> dict:
    """First compiled call (seconds), and milliseconds of later calls, eager and compiled."""
    import torch

    net = build(train)
    X = torch.randn(batch, 1, 8, 8)
    compiled = torch.compile(net)
    for _ in range(WARM_UP):
        call(net, X, train)
    first = call(compiled, X, train) / 1e3
    for _ in range(WARM_UP):
        call(compiled, X, train)
    times = {"eager": [], "compiled": []}
    for i in range(PAIRS):
        both = [("eager", net), ("compiled", compiled)]
        for name, it in both if i % 2 else both[::-1]:
            times[name].append(call(it, X, train))
    with torch.set_grad_enabled(train):
        apart = (compiled(X) - net(X)).abs().max().item()
    ranked = {name: sorted(t) for name, t in times.items()}
    return {
        "first": round(first, 2),
        **{name: [round(t[PAIRS * q // 4], 4) for q in (1, 2, 3)] for name, t in ranked.items()},
        "apart": apart,
    }


def sizes() -> list[float]:
    """Seconds of one call after the other, at batches of SIZES."""
    import torch

    net = torch.compile(build(False))
    return [round(call(net, torch.randn(n, 1, 8, 8), False) / 1e3, 4) for n in SIZES]


def hidden() -> dict:
    """What the first call raises where no C++ compiler is found."""
    import torch

    try:
        torch.compile(build(False))(torch.randn(2, 1, 8, 8))
    except Exception as error:  # of torch._inductor
        return {"error": type(error).__name__, "text": str(error).split("\n")[0]}
    return {"error": "", "text": ""}


def fresh(*what: str, compiler: bool = True):
    """The result of ``python this_file WHAT`` in a new process with an empty cache."""
    with tempfile.TemporaryDirectory() as cache:
        env = {**os.environ, "PYTHONPATH": str(ROOT), "TORCHINDUCTOR_CACHE_DIR": cache}
        if not compiler:
            env["PATH"] = "/nowhere"
            env.pop("CXX", None)
        ran = subprocess.run(
            [sys.executable, __file__, *what], env=env, cwd=ROOT, text=True,
            capture_output=True, check=True,
        )
    return json.loads(ran.stdout.splitlines()[-1])


def make() -> dict:
    """Times by case, one entry a process; seconds at new sizes; the error without a compiler."""
    return {
        "runs": {case: [fresh("pairs", case) for _ in range(PROCESSES)] for case in CASES},
        "sizes": [fresh("sizes") for _ in range(2)],
        "hidden": fresh("hidden", compiler=False),
    }


if __name__ == "__main__":
    task, *rest = sys.argv[1:]
    found = {"pairs": lambda: pairs(*CASES[rest[0]]), "sizes": sizes, "hidden": hidden}[task]()
    print(json.dumps(found))
