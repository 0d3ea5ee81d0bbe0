"""Lighthouse (mobile, simulated slow 4G) with the Chromium of the tests; medians of three."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from statistics import median

from bench import npm
from bench.table import Row
from bench.weight import PAGES
from publish.tools import chromium
from publish.tools.serve import background

CATEGORIES = {"performance": "97", "accessibility": "100", "best-practices": "100", "seo": "100"}
AUDITS = {
    "first-contentful-paint": ("first contentful paint", "ms", ""),
    "largest-contentful-paint": ("largest contentful paint", "ms", "2000"),
    "total-blocking-time": ("blocking time", "ms", "100"),
    "cumulative-layout-shift": ("layout shift", "", "0.02"),
    "speed-index": ("speed index", "ms", ""),
}


def run(modules: Path, url: str, out: Path) -> dict:
    """Run Lighthouse once; returns its report. RuntimeError with its message if it failed."""
    flags = " ".join(
        f"'{flag}'" if " " in flag else flag for flag in chromium.ARGUMENTS if "," not in flag
    )
    # Lighthouse splits the flags like a shell; the rule for names needs its quotes.
    rules = next(flag for flag in chromium.ARGUMENTS if "," in flag)
    command = [
        npm.program("node"), str(modules / "lighthouse" / "cli" / "index.js"), url, "--quiet",
        "--output=json", f"--output-path={out}", f'--chrome-flags={flags} "{rules}"',
    ]
    environment = npm.environment() | {"CHROME_PATH": chromium.find()}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    if done.returncode or not out.is_file():
        raise RuntimeError(f"lighthouse failed on {url}:\n{done.stderr[-2000:]}")
    report = json.loads(out.read_text())
    if report.get("runtimeError"):
        raise RuntimeError(f"lighthouse: {report['runtimeError']}")
    return report


def failed_audits(report: dict) -> list[str]:
    """List the audits outside performance that cost points, with their first element."""
    found = []
    for name in CATEGORIES:
        if name == "performance":
            continue
        for reference in report["categories"][name]["auditRefs"]:
            audit = report["audits"][reference["id"]]
            if reference["weight"] and audit["score"] is not None and audit["score"] < 1:
                found.append(f"{name}: {audit['id']}: {audit['title']}")
    return found


def rows(ours: Path, default: Path, modules: Path, folder: Path, quick: bool = False) -> list[Row]:
    """Score both pages of both books."""
    found = []
    folder.mkdir(parents=True, exist_ok=True)
    runs = 1 if quick else 3
    for name, path in PAGES.items():
        reports = {}
        for kind, html in (("ours", ours), ("default", default)):
            with background(html) as (base, _):
                reports[kind] = [
                    run(modules, f"{base}/{path}", folder / f"{kind}-{Path(path).stem}-{i}.json")
                    for i in range(runs)
                ]
        section = f"{name}, Lighthouse mobile, median of {runs}"
        for category, goal in CATEGORIES.items():
            values = [
                round(100 * median([r["categories"][category]["score"] for r in reports[kind]]))
                for kind in ("ours", "default")
            ]
            note = ""
            if category != "performance" and values[0] < 100:
                prefix = f"{category}: "
                failed = [a for a in failed_audits(reports["ours"][0]) if a.startswith(prefix)]
                note = "; ".join(a.removeprefix(prefix) for a in failed)
            found.append(Row(section, category, "points", *values, goal, note))
        for audit, (what, unit, goal) in AUDITS.items():
            values = [
                round(median([r["audits"][audit]["numericValue"] for r in reports[kind]]), 4)
                for kind in ("ours", "default")
            ]
            found.append(Row(section, what, unit, *values, goal))
    return found
