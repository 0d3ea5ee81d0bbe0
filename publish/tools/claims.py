"""Tries the claims of the pages on other processor levels, threads, seeds and versions of torch.

    python -m publish.tools.claims                       every page with code (``make claims``)
    python -m publish.tools.claims book/ch10_attention/sequence_reversal
    python -m publish.tools.claims --torch 2.2.2 ...     adds another torch, in its own environment

One thing is varied at a time. A claim (``dlworkbook.claim``) is green if it held in every run and
its smallest distance to the bound is at least two standard deviations over all runs; a value that
is the same everywhere passes. An exact assertion that fails in any run is a finding, too. What
was found goes to ``bench/claims/``, a file for each page and one table, both committed; runs of
a page whose code did not change are added to those that are there (``--only``, ``--torch``); where
a bound alone has changed, one run (``--only "as built"``) judges the others anew.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import math
import os
import statistics
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from dlworkbook.claims import RELATIONS
from publish.page.contents import code_pages, notebook, source_lines

from . import environments, seeds
from .kernels import run_notebook

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path("bench/claims")
SPREADS = 2.0  # the smallest margin, in standard deviations over all runs
SHIFTS = (1000, 2000, 3000, 4000, 5000)
# Levels of ATen, and what they are called in oneDNN and MKL. MKL takes other paths on processors
# of other makers, too, and a matrix product is then rounded in another order.
LEVELS = {"default": ("SSE41", "COMPATIBLE"), "avx2": ("AVX2", "AVX2")}
CELL_SECONDS = 1200  # far above any page: a run beside others is slow


def processor(level: str) -> dict[str, str]:
    """Environment in which torch computes as on a processor of this level."""
    onednn, mkl = LEVELS[level]
    return {"ATEN_CPU_CAPABILITY": level, "ONEDNN_MAX_CPU_ISA": onednn, "MKL_CBWR": mkl}


@dataclass(frozen=True)
class Variation:
    """One way to run a page; everything that it does not name is as on the site."""

    name: str
    environment: dict[str, str] = field(default_factory=dict)
    shift: int = 0
    torch: str = ""  # another version, in an environment of its own


@dataclass
class Run:
    """What one run of a page gave."""

    variation: str
    claims: list[dict]
    failed: list[dict]  # cells that raised: line, error


def variations(torch: tuple[str, ...] = ()) -> list[Variation]:
    """The site's own settings first, then one change at a time."""
    found = [Variation("as built")]
    found += [Variation(level, processor(level)) for level in LEVELS]
    for n in (1, 2):
        text = f"{n} thread{'s' * (n > 1)}"
        found.append(Variation(text, {"OMP_NUM_THREADS": str(n), "MKL_NUM_THREADS": str(n)}))
    found += [Variation(f"seeds + {amount}", shift=amount) for amount in SHIFTS]
    return found + [Variation(f"torch {version}", torch=version) for version in torch]


class _Computing(ast.NodeTransformer):
    """Leaves of a cell what its values come from.

    ``progress(items, what)`` gives the items as they are, and the bound of a claim changes no
    value; the bounds are collected.
    """

    def __init__(self) -> None:
        self.bounds: list[str] = []

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name == "claim" and len(node.args) == 4:
            self.bounds += map(ast.dump, node.args[1:3])
            node.args = [node.args[0], node.args[3]]
        return node.args[0] if name == "progress" and node.args else node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        names = [name for name in node.names if name.name != "progress"]
        if (node.module or "").split(".")[0] != "dlworkbook" or len(names) == len(node.names):
            return node
        return ast.ImportFrom(node.module, names, node.level) if names else None


def hashes(page: NotebookNode) -> dict[str, str]:
    """``code`` changes with what the cells compute, ``bounds`` with what the claims say of it.

    Comments, layout and counting lines do not count.
    """
    digest, computing = hashlib.sha256(), _Computing()
    for cell in page.cells:
        if cell.cell_type != "code":
            continue
        try:
            text = ast.dump(computing.visit(ast.parse(cell.source)))
        except SyntaxError:  # a magic
            text = cell.source
        digest.update(text.encode() + b"\0")
    bounds = hashlib.sha256("\0".join(computing.bounds).encode())
    return {"code": digest.hexdigest()[:16], "bounds": bounds.hexdigest()[:16]}


def run(name: str, variation: Variation, root: Path = ROOT) -> Run:
    """Run one page once."""
    page = notebook(root / f"{name}.md")
    lines = source_lines(page)
    arguments = []
    if variation.shift:
        line = seeds.startup_line(variation.shift)
        arguments.append(f"--IPKernelApp.exec_lines={json.dumps([line])}")
    python = [str(environments.python(variation.torch))] if variation.torch else None
    failed = []
    with tempfile.TemporaryDirectory(prefix="claims-") as folder:
        told = Path(folder) / "claims"
        done = run_notebook(
            page, (root / name).parent, timeout=CELL_SECONDS, allow_errors=True,
            extra_arguments=arguments, kernel=python,
            env={
                "PYTHONPATH": str(root), "DLWORKBOOK_CLAIMS": str(told), "PYTHONHASHSEED": "0",
                "DLWORKBOOK_STATIC": None, **variation.environment,
            },
        )
        if done.error is not None:
            line = 0 if done.at is None else lines[done.at]
            text = f"{type(done.error).__name__}: {done.error}"
            failed.append({"line": line, "error": text[:400]})
        records = []
        if told.exists():
            records = [json.loads(line) for line in told.read_text(encoding="utf-8").splitlines()]
    for k, cell in enumerate(page.cells):
        if "raises-exception" in cell.get("metadata", {}).get("tags", []):
            continue
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                text = f"{output.ename}: {output.evalue}"[:400]
                failed.append({"line": lines[k], "error": text})
    return Run(variation.name, records, failed)


# -- judging


def collect(runs: list[Run]) -> list[dict]:
    """The claims of some runs: for each its value in every run, the worst if it was made twice."""
    found: dict[tuple, dict] = {}
    for one in runs:
        for record in one.claims:
            key = (record["what"], record["relation"], record["bound"])
            row = found.setdefault(
                key, {**{k: record[k] for k in ("what", "relation", "bound")}, "values": {}}
            )
            known = row["values"].get(one.variation)
            if known is None or gap(row, record["value"]) < gap(row, known):
                row["values"][one.variation] = record["value"]
    return list(found.values())


def gap(row: dict, value: float | str) -> float:
    """Distance from the bound, positive where the claim holds; minus infinity for NaN."""
    number, bound = float(value), row["bound"]
    if math.isnan(number):
        return -math.inf
    if row["relation"] == "==":
        return -abs(number - bound)
    return number - bound if row["relation"].startswith(">") else bound - number


def judge(row: dict, runs: list[str]) -> dict:
    """Worst value, spread and margin of a claim, and what is wrong with it."""
    values = row["values"]
    worst = min(values, key=lambda run: gap(row, values[run]))
    finite = [float(v) for v in values.values() if math.isfinite(float(v))]
    spread = statistics.stdev(finite) if len(finite) > 1 else 0.0
    margin = gap(row, values[worst]) / spread if spread else math.inf
    problems = []
    holds = RELATIONS[row["relation"]]
    failed = [run for run, value in values.items() if not holds(float(value), row["bound"])]
    if failed:
        problems.append(f"fails: {', '.join(failed)}")
    elif margin < SPREADS:
        problems.append(f"margin below {SPREADS:g} spreads")
    missing = [run for run in runs if run not in values]
    if missing:
        problems.append(f"never reached: {', '.join(missing)}")
    return {"worst": values[worst], "in": worst, "spread": spread, "margin": margin,
            "problems": problems}


def table(name: str, runs: list[Run], root: Path = ROOT) -> dict:
    """What is kept of a page."""
    return {
        "page": name,
        **hashes(notebook(root / f"{name}.md")),
        "runs": [one.variation for one in runs],
        "failed": [{"run": one.variation, **cell} for one in runs for cell in one.failed],
        "claims": collect(runs),
    }


def findings(found: dict) -> list[str]:
    """Sentences about everything in a page's table that is not green."""
    told = [f"{cell['run']}: line {cell['line']}: {cell['error']}" for cell in found["failed"]]
    for row in found["claims"]:
        seen = judge(row, found["runs"])
        if seen["problems"]:
            claim = f"{row['what']}: {_shown(seen['worst'])} {row['relation']} {row['bound']:g}"
            told.append(
                f"{claim} ({seen['in']}, margin {seen['margin']:.2g}): "
                f"{'; '.join(seen['problems'])}"
            )
    return told


def _shown(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.5g}"


# -- files


def path_of(name: str, root: Path = ROOT) -> Path:
    """Where the table of a page lies."""
    return root / FOLDER / f"{Path(name).relative_to('book') if '/' in name else name}.json"


def known(name: str, root: Path = ROOT) -> dict | None:
    """The table of a page, if its values come from the page's code as it is now."""
    path = path_of(name, root)
    if not path.is_file():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    return found if found["code"] == hashes(notebook(root / f"{name}.md"))["code"] else None


def current(name: str, root: Path = ROOT) -> bool:
    """Whether a page's table speaks of its values and its bounds as they are now."""
    found = known(name, root)
    bounds = hashes(notebook(root / f"{name}.md"))["bounds"]
    return found is not None and found.get("bounds") == bounds


def _key(row: dict) -> tuple:
    return row["what"], row["relation"], row["bound"]


def _moved(old: dict, new: dict) -> dict[tuple, tuple]:
    """Claims whose bound alone has changed: the old key, and the new one."""
    keys = [[_key(row) for row in table["claims"]] for table in (old, new)]
    gone, come = ([key for key in own if key not in other] for own, other in (keys, keys[::-1]))
    found = {}
    for key in gone:
        there = [other for other in come if other[0] == key[0]]
        if len(there) == 1 == sum(other[0] == key[0] for other in gone):
            found[key] = there[0]
    return found


def merge(old: dict | None, new: dict) -> dict:
    """Both tables in one; runs of the same name, and bounds, are those of ``new``."""
    if old is None:
        return new
    again, moved = set(new["runs"]), _moved(old, new)
    claims = {_key(row): row for row in new["claims"]}
    for row in old["claims"]:
        values = {run: value for run, value in row["values"].items() if run not in again}
        key = moved.get(_key(row), _key(row))
        same = claims.setdefault(key, row | {"values": {}})
        same["values"] = values | same["values"]
    return new | {
        "runs": [run for run in old["runs"] if run not in again] + new["runs"],
        "failed": [cell for cell in old["failed"] if cell["run"] not in again] + new["failed"],
        "claims": [row for row in claims.values() if row["values"]],
    }


def write(found: dict, root: Path = ROOT) -> None:
    """Write the table of one page, then the table of all."""
    path = path_of(found["page"], root)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (root / FOLDER / "README.md").write_text(overview(root), encoding="utf-8")


def overview(root: Path = ROOT) -> str:
    """The tables of all pages as one text; generated, like notebooks/."""
    lines = [
        "# Claims", "",
        "Written by `make claims`; do not edit. Each claim of a page was tried in every run that "
        "is named. *Worst* is the value nearest to the bound, or beyond it; *spread* is the "
        "standard deviation over all runs, *margin* the distance of the worst value from the "
        "bound in spreads (– where all values are the same).",
    ]
    for path in sorted((root / FOLDER).rglob("*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        lines += ["", f"## {found['page']}", "", f"Runs: {', '.join(found['runs'])}.", ""]
        if found["claims"]:
            lines.append("| claim | says | worst | in | spread | margin |")
            lines.append("|---|---|---|---|---|---|")
        for row in found["claims"]:
            seen = judge(row, found["runs"])
            margin = "–" if math.isinf(seen["margin"]) else f"{seen['margin']:.3g}"
            what = row["what"].replace("|", "\\|")
            lines.append(
                f"| {what} | {row['relation']} {row['bound']:g} | {_shown(seen['worst'])} | "
                f"{seen['in']} | {seen['spread']:.3g} | {margin} |"
            )
        if not found["claims"]:
            lines.append("Exact statements only.")
        told = findings(found)
        if told:
            lines += ["", "Not green:", "", *(f"- {text}" for text in told)]
    left = [name for name in code_pages(root) if not current(name, root)]
    if left:
        lines += ["", "## Not tried as they stand", "", *(f"- {name}" for name in left)]
    return "\n".join(lines) + "\n"


def try_page(
    name: str, chosen: list[Variation], jobs: int, root: Path = ROOT, quiet: bool = False
) -> dict:
    """Run a page in every variation and judge it."""

    def one(variation: Variation) -> Run:
        done = run(name, variation, root)
        if not quiet:
            bad = [r["what"] for r in done.claims if not r["holds"]]
            told = f"{len(done.failed)} cells failed" if done.failed else f"claims that fail: {bad}"
            print(f"  {name}: {variation.name}: {told if bad or done.failed else 'ok'}", flush=True)
        return done

    with ThreadPoolExecutor(jobs) as pool:
        return table(name, list(pool.map(one, chosen)), root)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m publish.tools.claims", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("pages", nargs="*", help="default: every page with code")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="runs side by side")
    parser.add_argument("--torch", action="append", default=[], metavar="VERSION")
    parser.add_argument("--only", action="append", help="names of runs: 'seeds + 1000'")
    options = parser.parse_args(argv)
    there = code_pages(ROOT)
    pages = [page.removesuffix(".md") for page in options.pages] or there
    for page in pages:
        if page not in there:
            near = ", ".join(there)
            print(f"There is no page '{page}' with code. There are: {near}", file=sys.stderr)
            return 2
    chosen = variations(tuple(options.torch))
    if options.only:
        chosen = [variation for variation in chosen if variation.name in options.only]
        if not chosen:
            names = ", ".join(v.name for v in variations(tuple(options.torch)))
            print(f"No variation has such a name. There are: {names}", file=sys.stderr)
            return 2
    bad = 0
    for page in pages:
        found = merge(known(page), try_page(page, chosen, options.jobs))
        write(found)
        told = findings(found)
        bad += len(told)
        print(f"{page}: {len(found['claims'])} claims, {len(told)} findings", flush=True)
        for text in told:
            print(f"  - {text}", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
