"""Practice problems outside of the page: the same JavaScript, run by Node.

``problems`` makes them, ``markup`` gives HTML of a problem's parts. The families are the files
``dlworkbook/practice/families/<name>.js``; nothing else lists them. ``confirm/<name>.py`` computes
the keys of a family a second time with torch, from the problem's data alone.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from publish.tools.node import program

MOST_SEED = 999_999_999  # what an address can hold
SOURCES = Path(__file__).resolve().parents[2] / "dlworkbook" / "practice"
Request = tuple[str, int, int]  # family, level, seed
# Families are loaded by name; a problem that cannot be made is {error}.
PROGRAM = """
import fs from "node:fs";
const base = process.argv[2];
const { make } = await import(`${base}/engine.js`);
const { blocksOf, html, inline } = await import(`${base}/show.js`);
const asked = JSON.parse(fs.readFileSync(0));
const known = {};
for (const [name] of asked.problems) known[name] ??= (await import(`${base}/families/${name}.js`)).default;
const markup = (held) => html(blocksOf(held));
const made = asked.problems.map(([name, level, seed]) => {
  try {
    const problem = make(known[name], level, seed);
    if (!asked.html) return problem;
    const asks = problem.fields.map(({ ask }) => html(inline(ask)));
    const choices = problem.fields.map(({ of = {} }) => Object.entries(of).map(([letter, text]) => [letter, html(inline(text))]));
    return { ...problem, html: { statement: markup(problem.statement), steps: problem.steps.map(markup), asks, choices } };
  } catch (error) {
    return { error: String(error.message) };
  }
});
const about = Object.fromEntries(Object.entries(known).map(([name, { title, page, minutes, levels, bounds }]) => [name, { name: known[name].name, title, page, minutes, levels, bounds }]));
process.stdout.write(JSON.stringify({ made, about }));
"""  # noqa: E501


class PracticeError(RuntimeError):
    """A problem could not be made; the message names family, level and seed."""


def names(sources: Path = SOURCES) -> list[str]:
    """Names of all families, sorted."""
    return sorted(file.stem for file in (sources / "families").glob("*.js"))


def address(text: str) -> Request:
    """Family, level and seed of an address such as ``rnn_step.2.17``; whether the family has the
    level, ``check_level`` says. Needs no Node. Raises ValueError, in words.
    """
    parts = text.split(".")
    if len(parts) != 3:
        raise ValueError(f"'{text}' is no problem; write family.level.seed, as 'rnn_step.2.17'")
    family, level, seed = parts
    if family not in names():
        raise ValueError(f"there is no family '{family}'; there are {', '.join(names())}")
    if not re.fullmatch("[1-9]", level):
        raise ValueError(f"the level '{level}' of '{text}' must be a number such as 1")
    if not re.fullmatch("0|[1-9][0-9]*", seed) or int(seed) > MOST_SEED:
        raise ValueError(f"the seed '{seed}' of '{text}' must be a whole number from 0 to "
                         f"{MOST_SEED}, without a sign or zeros in front")
    return family, int(level), int(seed)


def check_level(family: str, level: int | str) -> None:
    """Raise ValueError, in words, if the family has no such level."""
    levels = [str(known) for known in families()[family]["levels"]]
    if str(level) not in levels:
        raise ValueError(f"{family} has the levels {', '.join(levels)}, and no level {level}")


def key(problem: dict[str, Any]) -> dict[str, Any]:
    """What programs that judge answers to a problem must know."""
    return {name: problem[name] for name in ("family", "level", "seed", "fields")}


def _run(requests: list[Request], html: bool, sources: Path) -> dict[str, Any]:
    asked = {"problems": requests, "html": html}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "problems.mjs"
        file.write_text(PROGRAM, encoding="utf-8")
        done = subprocess.run(
            [program(), str(file), sources.resolve().as_uri()], input=json.dumps(asked),
            capture_output=True, text=True, timeout=600,
        )  # fmt: skip
    if done.returncode:
        raise PracticeError(done.stderr[-2000:])
    return json.loads(done.stdout)


def problems(
    requests: Iterable[Request], *, html: bool = False, sources: Path = SOURCES
) -> list[dict[str, Any]]:
    """The problems asked for; ``html`` adds the markup of statement, labels and steps."""
    made = _run(list(requests), html, sources)["made"]
    for problem in made:
        if "error" in problem:
            raise PracticeError(problem["error"])
    return made


@cache
def families(sources: Path = SOURCES) -> dict[str, dict[str, Any]]:
    """Title, teaching page, minutes, levels and bounds of every family, by name."""
    about = _run([(name, 1, 0) for name in names(sources)], False, sources)["about"]
    return {
        name: {**held, "levels": {int(k): v for k, v in held["levels"].items()},
               "minutes": {int(k): v for k, v in held["minutes"].items()}}
        for name, held in about.items()
    }  # fmt: skip
