"""``python -m bench``: measure this book beside a default Jupyter Book 1, print one table."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

from bench import buildtime, default_book, ladder, latency, lighthouse, npm, table, weight
from publish.tools import chromium

ROOT = Path(__file__).resolve().parents[1]
SECTIONS = ("weight", "lighthouse", "latency", "build", "ladder")


def parse(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line; exits with a message for an unknown section."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer runs and sizes")
    parser.add_argument("--only", default=",".join(SECTIONS), help=f"some of {','.join(SECTIONS)}")
    parser.add_argument("--sizes", help="sizes for the build times, such as 10,60")
    parser.add_argument("--html", type=Path, default=ROOT / "_build" / "html")
    parser.add_argument("--out", type=Path, default=ROOT / "_build")
    options = parser.parse_args(argv)
    options.only = [name for name in options.only.split(",") if name]
    unknown = set(options.only) - set(SECTIONS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    options.sizes = tuple(int(n) for n in options.sizes.split(",")) if options.sizes else None
    return options


def conditions() -> list[str]:
    """Say on what the numbers were measured."""
    books = ", ".join(f"{name} {version(name)}" for name in ("jupyter-book", "sphinx", "torch"))
    return [
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python"
        f" {platform.python_version()}, {books}, lighthouse {npm.PACKAGES['lighthouse']}.",
        "Both columns were measured in one run on one machine. The default is the same pages with"
        " a default Jupyter Book 1 configuration; exercises and solutions are admonitions there.",
        "The default's MathJax and widget manager come from this machine, not from their content"
        " networks: its times are lower bounds.",
        "Sizes are of one visit with an empty cache, read to the end, gzip as a web host sends it.",
    ]


def main(argv: list[str] | None = None) -> int:
    """Measure, print and save; status 1 with a message if something needed is missing."""
    options = parse(argv)
    bench = ROOT / "_build" / "bench"
    rows: list[table.Row] = []
    pages = {"weight", "lighthouse", "latency"} & set(options.only)
    try:
        if pages:
            chromium.find()
            if not (options.html / weight.CONVOLUTION).is_file():
                print(f"There is no built site in {options.html}: run make book", file=sys.stderr)
                return 1
        if {"weight", "lighthouse"} & pages:
            step("npm packages")
            modules = npm.install(bench / "npm")
            step("building the default book of the same pages")
            default = default_book.build(bench / "default", modules)
        if "weight" in pages:
            step("weight and times of pages")
            rows += weight.rows(options.html, default, options.quick)
        if "lighthouse" in pages:
            step("Lighthouse")
            reports = bench / "lighthouse"
            rows += lighthouse.rows(options.html, default, modules, reports, options.quick)
        if "latency" in pages:
            step("latency of the widget")
            rows += latency.rows(options.html, options.quick)
        if "ladder" in options.only:
            step("corr2d ladder")
            rows += ladder.rows(options.quick)
        if "build" in options.only:
            step("build times")
            rows += buildtime.rows(bench / "copies", options.quick, options.sizes)
    except (chromium.ChromiumMissing, npm.NpmMissing, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    print(table.save(rows, conditions(), options.out))
    print(f"written to {options.out / 'bench.md'} and bench.json", file=sys.stderr)
    return 0


def step(what: str) -> None:
    """Report progress on the error stream; the table alone goes to the output."""
    print(f"bench: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
