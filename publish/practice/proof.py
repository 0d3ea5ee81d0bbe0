"""Proves the practice problems: ``python -m publish.practice.proof --seeds 1000``.

Of every family so many problems, spread over its levels. Each must have its keys confirmed by
torch, keys and slips that the answer box tells apart in all spellings, keys that it takes with as
many digits as the statement asks for, slips of two methods or more, and numbers within the bounds
of its family. A sample is made in Chromium, too, by the scripts of the page, and must be the same
to the last character.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from dlworkbook.answers import spec as answer
from dlworkbook.answers.judge import judge, value
from publish import practice

SHORTEST = 4  # words of a sentence
LEAST = 2  # methods among the slips
SAMPLE = 20  # seeds of each family and level that the browser makes, too
CLOSE = 1e-9  # between the key and torch
WORDS = ("NaN", "undefined", "Infinity", "null", "[object")  # of a number that went wrong
NUMERIC = ("number", "integer", "interval", "shape", "vector", "matrix")
FORMULA = re.compile(r"\$[^$]*\$")
# What a statement, or the label of a field, promises to be exact enough.
PLACES = {"three": 3, "four": 4}
SIGNIFICANT = re.compile(r"\b(three|four) significant digits(?! are enough (?:for|in))", re.I)
DECIMALS = re.compile(r"\b(three|four) (?:decimals|places)|decimals? of (three|four) places", re.I)
Problem = dict[str, Any]


def declared(field: dict[str, Any]) -> dict[str, Any]:
    """A field as the declaration of an answer (dlworkbook/answers/spec.py)."""
    slips = [{"is": slip["is"], "say": slip["say"]} for slip in field["slips"]]
    return {**{k: v for k, v in field.items() if v is not None}, "slips": slips}


def _numbers(held: Any) -> Iterator[float]:
    if isinstance(held, dict):
        held = list(held.values())
    if isinstance(held, list):
        for part in held:
            yield from _numbers(part)
    elif isinstance(held, (int, float)) and not isinstance(held, bool):
        yield held


def _evaluated(held: Any) -> Any:
    return [_evaluated(part) for part in held] if isinstance(held, list) else value(held)


def _apart(got: Any, want: Any) -> bool:
    if isinstance(got, list) or isinstance(want, list):
        return (not isinstance(got, list) or not isinstance(want, list) or len(got) != len(want)
                or any(map(_apart, got, want)))
    return not abs(got - want) <= CLOSE * max(1, abs(want))


def unconfirmed(problem: Problem) -> Iterator[str]:
    """Keys that torch does not find."""
    try:
        module = importlib.import_module(f"publish.practice.confirm.{problem['family']}")
    except ModuleNotFoundError:
        yield f"publish/practice/confirm/{problem['family']}.py is missing"
        return
    try:
        found = module.keys(problem["data"], problem["level"])
    except (RuntimeError, ValueError, IndexError) as error:
        yield f"torch refuses the data: {error}"
        return
    if len(found) != len(problem["fields"]):
        yield f"{len(found)} keys are confirmed, of {len(problem['fields'])} fields"
        return
    for field, want in zip(problem["fields"], found, strict=True):
        want = want.tolist() if hasattr(want, "tolist") else want
        key = field["is"]
        if field["kind"] in NUMERIC:
            key, want = _evaluated(key), _evaluated(want)
        if (_apart(key, want) if field["kind"] in NUMERIC else key != want):
            yield f"{field['ask']}: the key is {field['is']}, torch finds {want}"


def undistinguished(problem: Problem) -> Iterator[str]:
    """Keys and slips that the box would confuse, and methods that are too few."""
    for field in problem["fields"]:
        for said in answer.problems(declared(field)):
            yield f"{field['ask']}: {said}"
        for slip in field["slips"]:
            text = answer.spellings(field["kind"], slip, field)[0]
            if judge(declared({**field, "slips": []}), text).state == "right":
                yield f"{field['ask']}: the slip {slip['id']} is the key"
        if not field["slips"]:
            yield f"{field['ask']}: no slip is left"
    if len({slip["id"] for field in problem["fields"] for slip in field["slips"]}) < LEAST:
        yield f"slips of fewer than {LEAST} methods are left"


def _written(held: Any, digits: str) -> str:
    """A key with so many digits, as a reader would write it."""
    if isinstance(held, list):
        return f"[{', '.join(_written(part, digits) for part in held)}]"
    return format(value(held), digits)


def imprecise(problem: Problem) -> Iterator[str]:
    """Keys that the box refuses with the digits that the statement promises to be enough."""
    whole = " ".join(block for block in problem["statement"] if isinstance(block, str))
    for field in problem["fields"]:
        if field["kind"] not in ("number", "vector", "matrix"):
            continue
        for promise, sign in ((SIGNIFICANT, "g"), (DECIMALS, "f")):
            said = promise.search(field["ask"]) or promise.search(whole)
            if not said:
                continue
            number = next(word for word in said.groups() if word)
            text = _written(field["is"], f".{PLACES[number.lower()]}{sign}")
            verdict = judge(declared(field), text)
            if verdict.state != "right":
                yield f"{field['ask']}: {said[0]} are promised, but {text} is {verdict.state}"


def unbounded(problem: Problem, bounds: dict[str, Any]) -> Iterator[str]:
    """Numbers beyond the bounds that the family declares."""
    keys = [field["is"] for field in problem["fields"]]
    for number in _numbers([problem["data"], keys]):
        if abs(number) > bounds["most"] or round(number, bounds.get("places", 0)) != number:
            yield f"{number} is out of bounds"


def misprinted(problem: Problem) -> Iterator[str]:
    """Traces of numbers that went wrong in what a reader sees."""
    shown = json.dumps([problem["statement"], problem["steps"], problem["fields"]])
    for word in WORDS:
        if word in shown:
            yield f"{word!r} stands in it"
    if not problem["steps"]:
        yield "it has no steps"
    for field in problem["fields"]:
        if not re.search(r"[A-Za-z]{2}", FORMULA.sub("", field["ask"])):
            yield f"{field['ask']}: the label needs a word: screen readers may skip a formula"
    for slip in (slip for field in problem["fields"] for slip in field["slips"]):
        if not slip["say"].endswith((".", "?")) or len(slip["say"].split()) < SHORTEST:
            yield f"the slip {slip['id']} is not told in a sentence: {slip['say']}"


def faults(problem: Problem, bounds: dict[str, Any]) -> list[str]:
    """What is wrong with a problem, in words."""
    where = f"{problem['family']}.{problem['level']}.{problem['seed']}"
    found = [*unconfirmed(problem), *undistinguished(problem), *imprecise(problem),
             *unbounded(problem, bounds), *misprinted(problem)]
    return [f"{where}: {said}" for said in found]


def requests(name: str, seeds: int) -> list[practice.Request]:
    """So many problems of a family, its levels in turn."""
    levels = sorted(practice.families()[name]["levels"])
    return [(name, levels[seed % len(levels)], seed) for seed in range(1, seeds + 1)]


def made_in(page: Any, asked: list[practice.Request]) -> list[Problem]:
    """The same problems, made in a browser's page by the scripts of the site."""
    from publish.site.practice import files

    scripts = files()
    page.add_script_tag(content=scripts["practice.js"])
    page.evaluate("""() => {
        window.known = {};
        const make = window.dlworkbookPractice.make;
        window.dlworkbookPractice = (family) => { known[family.name] = family; };
        window.makeAll = (asked) => asked.map(([name, level, seed]) => make(known[name], level, seed));
    }""")  # noqa: E501
    for name in dict.fromkeys(name for name, *_ in asked):
        page.add_script_tag(content=scripts[f"{name}.js"])
    return json.loads(page.evaluate("asked => JSON.stringify(makeAll(asked))", asked))


def in_browser(asked: list[practice.Request]) -> list[Problem]:
    """The same problems, made in Chromium."""
    from playwright.sync_api import sync_playwright

    from publish.tools import chromium

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=list(chromium.ARGUMENTS)
        )
        made = made_in(browser.new_page(), asked)
        browser.close()
    return made


def prove_family(name: str, seeds: int, sources: Path = practice.SOURCES) -> tuple[str, list[str]]:
    """What was tried of a family, in a line, and the faults."""
    start = time.perf_counter()
    about = practice.families(sources)[name]
    made = practice.problems(requests(name, seeds), html=True, sources=sources)
    wrong = [fault for problem in made for fault in faults(problem, about["bounds"])]
    slips = Counter(slip["id"] for p in made for f in p["fields"] for slip in f["slips"])
    never = {slip for p in made for slip in p["left"]} - set(slips)
    wrong += [f"{name}: the slip {slip} is told apart in no problem" for slip in sorted(never)]
    different = len({json.dumps(p["data"], sort_keys=True) for p in made})
    return (f"{name}: {len(made)} problems ({different} different), {sum(slips.values())} slips "
            f"of {len(slips)} methods, {sum(p['attempt'] for p in made)} drawn anew (at most "
            f"{max(p['attempt'] for p in made)} times), {len(wrong)} faults, "
            f"{time.perf_counter() - start:.1f} s"), wrong


def prove(
    names: list[str], seeds: int, *, browser: bool = True, jobs: int | None = None, out=sys.stdout
) -> list[str]:
    """All faults of all problems; says what was tried. The families go side by side."""
    found: list[str] = []
    began = time.perf_counter()
    with ProcessPoolExecutor(jobs) as pool:
        for line, wrong in pool.map(prove_family, names, [seeds] * len(names)):
            print(line, file=out, flush=True)
            found += wrong
    if browser:
        asked = [(name, level, seed) for name in names
                 for level in practice.families()[name]["levels"]
                 for seed in range(1, min(SAMPLE, seeds) + 1)]
        pairs = zip(asked, practice.problems(asked), in_browser(asked), strict=True)
        other = [f"{where}: the page makes another problem" for where, a, b in pairs if a != b]
        print(f"in the browser: {len(asked)} problems, {len(other)} differ", file=out)
        found += other
    print(f"{len(names)} families, {len(names) * seeds} problems, {len(found)} faults, "
          f"{time.perf_counter() - began:.0f} s", file=out)
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("families", nargs="*", help="all if none is named")
    asked = parser.parse_args(arguments)
    unknown = set(asked.families) - set(practice.names())
    if unknown:
        parser.error(f"there is no family {', '.join(sorted(unknown))}; there are "
                     f"{', '.join(practice.names())}")
    found = prove(asked.families or practice.names(), asked.seeds, browser=not asked.no_browser)
    for fault in found[:50]:
        print(fault, file=sys.stderr)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
