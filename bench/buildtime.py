"""Build times without execution, ours beside a default Jupyter Book of the same pages."""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import yaml

from bench import default_book
from bench.stats import growth
from bench.table import Row

ROOT = default_book.ROOT
SOURCE = ROOT / "book" / "ch06_convolutional_networks" / "convolution.md"
SIZES = (10, 40, 60, 120, 240)
GOALS = {"cold": "1.3", "one page edited": "1.0", "no change": "1.0"}
CHAPTER = 10  # pages in a chapter
# What has a name on a page, and must differ between copies.
NAMES = (
    re.compile(r"(?m)^:label:\s*(\S+)\s*$"),
    re.compile(r"(?m)^\s+name:\s*(fig-\S+)\s*$"),
    re.compile(r"\$\$\s*\(([\w-]+)\)"),
    re.compile(r"(?m)^\(([\w-]+)\)=\s*$"),
)


@dataclass
class Time:
    """Seconds of one build: on the clock, and of the processor (less noise on a busy machine)."""

    wall: float
    cpu: float


def copy_of(text: str, number: int) -> str:
    """Return the page with a title and names of its own."""
    names = {name for pattern in NAMES for name in pattern.findall(text)}
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", f"{name}-{number}", text)
    return re.sub(r"(?m)^# (.*)$", rf"# \1 ({number})", text, count=1)


def write_book(folder: Path, kind: str, copies: int, page: str) -> Path:
    """Write a book of ``copies`` pages in chapters of ten; returns the page to be edited."""
    shutil.rmtree(folder, ignore_errors=True)
    chapters, edited = [], None
    for start in range(0, copies, CHAPTER):
        chapter = f"book/ch{start // CHAPTER + 1:02}_copies"
        (folder / chapter).mkdir(parents=True)
        (folder / chapter / "index.md").write_text(f"# Chapter {start // CHAPTER + 1}\n\nPages.\n")
        sections = []
        for number in range(start, min(start + CHAPTER, copies)):
            name = f"{chapter}/page_{number:03}"
            edited = edited or folder / f"{name}.md"
            (folder / f"{name}.md").write_text(copy_of(page, number), encoding="utf-8")
            sections.append({"file": name})
        chapters.append({"file": f"{chapter}/index", "sections": sections})
    (folder / "index.md").write_text("# Copies\n\nOne page many times.\n")
    toc = {"format": "jb-book", "root": "index", "chapters": chapters}
    if kind == "default":
        default_book.write_common(folder, default_book.config("off", cdn=False), toc)
    else:
        settings = yaml.safe_dump(our_config(), sort_keys=False)
        (folder / "_config.yml").write_text(settings, encoding="utf-8")
        (folder / "_toc.yml").write_text(yaml.safe_dump(toc, sort_keys=False), encoding="utf-8")
    return edited


def our_config() -> dict:
    """Return the book's own settings, with paths that hold in any folder, execution off."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    sphinx = config["sphinx"]
    sphinx["local_extensions"] = dict.fromkeys(sphinx["local_extensions"], str(ROOT))
    static = sphinx["config"].get("html_static_path", [])
    sphinx["config"]["html_static_path"] = [str(ROOT / entry) for entry in static]
    config["bibtex_bibfiles"] = [str(ROOT / name) for name in config.get("bibtex_bibfiles", [])]
    config["execute"]["execute_notebooks"] = "off"
    return config


def build(folder: Path, expected: int) -> Time:
    """Build once, as a person would; RuntimeError with the log's end if pages are missing."""
    environment = {k: v for k, v in os.environ.items() if k != "DLWORKBOOK_STATIC"}
    environment["PYTHONPATH"] = str(ROOT)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(
        [*default_book.JUPYTER_BOOK, "build", str(folder), "-q"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    pages = len(list((folder / "_build" / "html").rglob("page_*.html")))
    if done.returncode or pages != expected:
        raise RuntimeError(f"{pages} of {expected} pages in {folder}:\n{done.stdout[-3000:]}")
    return Time(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def edit(page: Path, mark: int) -> None:
    """Add a sentence to a page."""
    page.write_text(page.read_text(encoding="utf-8") + f"\nOne more sentence, number {mark}.\n")


def time_size(folder: Path, page: str, copies: int, runs: int, cold_runs: int) -> dict:
    """Time both books of one size, builds interleaved; {step: {kind: [Time, ...]}}."""
    kinds = ("ours", "default")
    books = {kind: folder / f"{kind}-{copies}" for kind in kinds}
    edited = {kind: write_book(books[kind], kind, copies, page) for kind in kinds}
    times: dict = {step: {kind: [] for kind in kinds} for step in GOALS}
    for _ in range(cold_runs):
        for kind in kinds:
            shutil.rmtree(books[kind] / "_build", ignore_errors=True)
            times["cold"][kind].append(build(books[kind], copies))
    for run in range(runs):
        for kind in kinds:
            times["no change"][kind].append(build(books[kind], copies))
        for kind in kinds:
            edit(edited[kind], run)
            times["one page edited"][kind].append(build(books[kind], copies))
    for kind in kinds:
        shutil.rmtree(books[kind])
    return times


def rows(folder: Path, quick: bool = False, sizes: tuple[int, ...] | None = None) -> list[Row]:
    """Time every size; one section for each step, and how the times grow."""
    sizes = sizes or ((10, 60) if quick else SIZES)
    page = SOURCE.read_text(encoding="utf-8")
    all_times = {}
    for size in sizes:
        runs, cold_runs = (1, 1) if quick else (3, 3 if size <= 60 else 1)
        all_times[size] = time_size(folder, page, size, runs, cold_runs)
        print(f"  {size} pages: done", file=sys.stderr, flush=True)
    found = []
    for step, goal in GOALS.items():
        curves: dict = {"ours": [], "default": []}
        section = f"build without execution, {step}"
        for size in sizes:
            walls, cpus = [], []
            for kind in ("ours", "default"):
                walls.append(median([t.wall for t in all_times[size][step][kind]]))
                cpus.append(median([t.cpu for t in all_times[size][step][kind]]))
                curves[kind].append(walls[-1])
            note = f"processor {cpus[0]:.3g} s and {cpus[1]:.3g} s, ratio {cpus[0] / cpus[1]:.2f}"
            wanted = f"ratio {goal}" if size == 60 else ""
            found.append(Row(section, f"{size} pages", "s", *walls, wanted, note))
        if len(sizes) > 1:
            exponents = [round(growth(sizes, curves[k]), 2) for k in ("ours", "default")]
            found.append(Row(section, "exponent of growth (1: linear)", "", *exponents))
            last = [curves[k][-1] / sizes[-1] * 1e3 for k in ("ours", "default")]
            found.append(Row(section, f"per page, at {sizes[-1]} pages", "ms", *last))
    return found
