"""The ways to write corr2d that the convolution page teaches, against F.conv2d."""

from __future__ import annotations

import ast
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench.table import Row

PAGE = Path(__file__).resolve().parents[1] / "book/ch06_convolutional_networks/convolution.md"
SIZES = {
    "8 x 16 x 32 x 32, kernel 32 x 16 x 3 x 3": ((8, 16, 32, 32), (32, 16, 3, 3)),
    "1 x 3 x 128 x 128, kernel 16 x 3 x 5 x 5": ((1, 3, 128, 128), (16, 3, 5, 5)),
}


def code_of(page: str) -> list[str]:
    """Return the code cells of a MyST page, options removed."""
    from myst_nb.core.config import NbParserConfig
    from myst_nb.core.read import create_nb_reader
    from myst_parser.config.main import MdParserConfig

    notebook = create_nb_reader("page.md", MdParserConfig(), NbParserConfig(), page).read(page)
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def functions(cells: list[str], prefix: str = "corr2d_") -> dict[str, Callable]:
    """Define the page's functions whose name begins with ``prefix``; none of its other code runs.

    KeyError if there is none: the page changed its names, and this benchmark measures nothing.
    """
    import torch
    from torch.nn import functional

    scope: dict = {"torch": torch, "F": functional}
    found = {}
    for cell in cells:
        try:
            tree = ast.parse(cell)
        except SyntaxError:  # a magic; it defines no function
            continue
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith(prefix):
                exec(compile(ast.Module([node], []), "page", "exec"), scope)
                found[node.name] = scope[node.name]
    if not found:
        raise KeyError(f"the page defines no function {prefix}...")
    return found


def time_all(ways: dict[str, Callable], x, k, runs: int) -> dict[str, float]:
    """Return the median seconds of each way, runs interleaved, after one to warm up."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for run in range(runs + 1):
        for name, way in ways.items():
            start = time.perf_counter()
            way(x, k)
            if run:
                seconds[name].append(time.perf_counter() - start)
    return {name: median(times) for name, times in seconds.items()}


def rows(quick: bool = False) -> list[Row]:
    """Time every way on one thread; the column of the default holds F.conv2d."""
    import torch
    from torch.nn import functional

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    ways = functions(code_of(PAGE.read_text(encoding="utf-8")))
    found = []
    try:
        for name, (x_shape, k_shape) in SIZES.items():
            torch.manual_seed(0)
            x, k = torch.randn(x_shape), torch.randn(k_shape)
            wanted = functional.conv2d(x, k)
            for way in ways.values():
                assert torch.allclose(way(x, k), wanted, atol=1e-3)
            times = time_all({**ways, "F.conv2d": functional.conv2d}, x, k, 3 if quick else 9)
            section = f"corr2d ladder, one thread, {name} (right column: F.conv2d)"
            found += [
                Row(section, way, "ms", 1e3 * times[way], 1e3 * times["F.conv2d"]) for way in ways
            ]
    finally:
        torch.set_num_threads(threads)
    return found
